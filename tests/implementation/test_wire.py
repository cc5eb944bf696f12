"""Frames: what is sent arrives, and whatever else comes is refused without being believed."""

import json
import pickle
import socket
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_conformance.implementation import client, usage, wire
from cnn_conformance.implementation.wire import LENGTHS, BadFrame, decode, encode
from cnn_conformance.outcomes import NotPassed

QUICK = settings(max_examples=150, derandomize=True, database=None, deadline=None)
MESSAGE = {"value": [np.arange(6.0).reshape(2, 3), {"a": np.float32(2), "b": None}, (1, "x")]}


def read(frame):
    """Decode a frame as the grader does."""
    length, json_length = LENGTHS.unpack(frame[: LENGTHS.size])
    body = frame[LENGTHS.size :]
    assert length == len(body)
    return decode(body, json_length)


def framed(tree, *blobs, sizes=None):
    """Return the body of a frame made by hand, and the length of its JSON part."""
    head = {"tree": tree, "sizes": [len(blob) for blob in blobs] if sizes is None else sizes}
    text = json.dumps(head).encode()
    return b"".join([text, *blobs]), len(text)


def npy(header, data=b"", magic=b"\x93NUMPY\x01\x00"):
    return magic + len(header).to_bytes(2, "little") + header + data


def header(dtype="<f8", fortran="False", shape="(2,)"):
    return f"{{'descr': '{dtype}', 'fortran_order': {fortran}, 'shape': {shape}, }}  \n".encode()


arrays = st.builds(
    lambda dtype, shape, fortran: np.asarray(
        np.arange(1, 1 + np.prod(shape, dtype=int)).reshape(shape).astype(dtype),
        order="F" if fortran else "C",
    ),
    st.sampled_from(["?", "i1", "<u2", ">i4", "f2", "<f4", ">f8", "g", "c8", ">c16"]),
    st.lists(st.integers(0, 3), max_size=4),
    st.booleans(),
)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
messages = st.recursive(
    plain | arrays,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def assert_same(got, expected):
    assert type(got) is type(expected)
    if isinstance(expected, np.ndarray):
        assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
        assert np.array_equal(got, expected)
    elif isinstance(expected, dict):
        assert list(got) == list(expected)
        for key in expected:
            assert_same(got[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_same(one, other)
    else:
        assert got == expected


@QUICK
@given(messages)
def test_what_is_sent_arrives(message):
    assert_same(read(encode(message)), message)


@QUICK
@given(st.integers(0, len(encode(MESSAGE)) - LENGTHS.size - 1), st.integers(0, 2**32 - 1))
def test_a_frame_that_was_cut_off_is_refused(end, json_length):
    body = encode(MESSAGE)[LENGTHS.size :][:end]
    for length in (LENGTHS.unpack(encode(MESSAGE)[: LENGTHS.size])[1], json_length):
        with pytest.raises(BadFrame):
            decode(body, length)


@QUICK
@given(st.integers(0, len(encode(MESSAGE)) - LENGTHS.size - 1), st.integers(0, 7))
def test_a_flipped_bit_gives_plain_values_or_is_refused(place, bit):
    frame = bytearray(encode(MESSAGE))
    frame[LENGTHS.size + place] ^= 1 << bit
    try:
        message = read(bytes(frame))
    except BadFrame:
        return
    assert isinstance(message, dict)
    encode(message)  # plain values all the way down


@QUICK
@given(st.binary(max_size=200), st.integers(0, 300))
def test_random_bytes_are_refused(body, json_length):
    with pytest.raises(BadFrame):
        decode(body, json_length)


ONE = {"array": 0}


@pytest.mark.parametrize(
    "blob",
    [
        npy(header(shape="(1000000000000,)"), b"12345678"),
        npy(header(shape="(99999999, 99999999)"), b"12345678"),
        npy(header(shape="(-1,)"), b"12345678"),
        npy(header(shape="(1, " * 40 + ")" * 40), b"12345678"),
        npy(header(shape=f"({'1, ' * 33})"), b"12345678"),
        npy(header(shape="()"), b"123"),
        npy(header(shape="(2,)"), b"12345678"),
        npy(header(dtype="|O"), b"12345678" * 2),
        npy(header(dtype="|V8"), b"12345678" * 2),
        npy(header(dtype="<M8[s]"), b"12345678" * 2),
        npy(header(dtype="<f3"), b"123123"),
        npy(header(dtype="<U2"), b"12345678" * 2),
        npy(
            b"{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,), } \n", b"12345678"
        ),
        npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), \n", b"12345678"),
        npy(b"(" * 900 + b"\n", b"12345678"),
        npy(b'{"""\n', b"12345678"),
        npy(header(shape="(1,)"), b"12345678", magic=b"\x93NUMPY\x02\x00"),
        npy(b"")[:-1],
        b"\x93NUMPY\x01\x00\xff\xff",
        pickle.dumps(np.ones(3)),
    ],
)
def test_a_lying_or_strange_header_is_refused_before_anything_is_allocated(blob):
    body, length = framed(ONE, blob)
    tracemalloc.start()
    try:
        with pytest.raises(BadFrame):
            decode(body, length)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "tree",
    [
        {"array": 1},
        {"array": "0"},
        {"array": None},
        {"scalar": 0},
        {"pickle": "gASVCg=="},
        {"dict": [["a"]]},
        {"dict": {"a": 1}},
        {"dict": 3},
        {"list": 3},
        {"tuple": None},
        {"ref": "x"},
        {"ref": float("inf")},
        {"generator": []},
        {"array": 0, "list": []},
        {},
        [1],
    ],
)
def test_a_tree_of_unknown_form_is_refused(tree):
    blob = npy(header(shape="(2,)"), b"12345678" * 2)
    body, length = framed(tree, blob)
    with pytest.raises(BadFrame):
        decode(body, length)


@pytest.mark.parametrize(
    "sizes", [[-1], [0], [10**30], [True], ["96"], [1.0], None, 3, "x", [1] * 20_000, {}]
)
def test_sizes_that_do_not_fit_are_refused(sizes):
    text = json.dumps({"tree": None, "sizes": sizes}).encode()
    with pytest.raises(BadFrame):
        decode(text + b"x", len(text))


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b'{"tree": ' + b'{"list": [' * 50 + b"]}" * 50 + b', "sizes": []}',
        b'{"tree": ' + b"1" * 5000 + b', "sizes": []}',
        b'{"tree": "\xff", "sizes": []}',
        b'{"tree": null}',
        b"null",
        b"",
    ],
)
def test_json_that_is_too_deep_or_none_is_refused(text):
    with pytest.raises(BadFrame):
        decode(text, len(text))


def test_nothing_is_unpickled(monkeypatch):
    def forbidden(*args, **options):
        raise AssertionError("unpickled")

    monkeypatch.setattr(pickle, "loads", forbidden)
    monkeypatch.setattr(pickle, "load", forbidden)
    assert_same(read(encode(MESSAGE)), MESSAGE)
    body, length = framed(ONE, npy(header(dtype="|O", shape="(1,)"), pickle.dumps([None])))
    with pytest.raises(BadFrame):
        decode(body, length)


def test_only_the_name_of_the_type_of_anything_else_is_sent():
    class Secret:
        def __repr__(self):
            raise AssertionError("asked for its text")

    got = read(encode([Secret(), {1, 2}, np.array([None]), np.array(["x"]), 1j]))
    assert [item.type_name.rpartition(".")[2] for item in got] == [
        "Secret",
        "set",
        "ndarray",
        "ndarray",
        "complex",
    ]


def test_endless_and_wide_values_end():
    endless = []
    endless.append(endless)
    wide = [[0] * 9000] * 9000
    for value in (endless, wide, [wide] * 9000):
        assert len(encode(value)) < 1 << 20


def test_more_than_a_frame_holds_is_refused_before_it_is_copied():
    array = np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 20, 1 << 20), (0, 0))
    with pytest.raises(wire.TooLarge):
        encode({"value": array})


@pytest.fixture
def ends(monkeypatch):
    """Return the grader's end of a connection, and what writes to its other end."""
    ours, theirs = socket.socketpair()
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    process = client.Process.__new__(client.Process)
    process._connection = ours
    process._meter = usage.Meter(worker.pid)  # this process has computed, and reaped, too much
    process._memory_limit = 1 << 40
    monkeypatch.setattr(process, "end", lambda: None)
    yield process, theirs.sendall
    worker.kill()
    worker.wait()
    ours.close()
    theirs.close()


def test_a_reply_in_pieces_is_put_together(ends):
    process, send = ends
    frame = encode({"value": [1, 2, 3]})
    for cut in (1, LENGTHS.size - 1, LENGTHS.size, LENGTHS.size + 1, len(frame) - 1):
        threading.Timer(0.02, send, [frame[cut:]]).start()
        send(frame[:cut])
        assert process.ask({"do": "loaded"}, 5.0) == {"value": [1, 2, 3]}


def test_a_second_reply_behind_the_first_is_refused(ends):
    process, send = ends
    send(encode({"value": 1}) + encode({"value": 2}))
    with pytest.raises(NotPassed, match="after its end"):
        process.ask({"do": "loaded"}, 5.0)
