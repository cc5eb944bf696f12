"""Messages between the grader and the worker: JSON for the structure, npy for the arrays.

A frame is an 8-byte length, a 4-byte length of the JSON part, the JSON part, and the arrays one
after another in npy format 1.0. Nothing is ever unpickled. What arrives from the worker is not
trusted: lengths, headers, dtypes and sizes are checked before anything is allocated, and texts are
cut and made fit to be written, whatever the worker's own side has made of them.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy

from cnn_conformance.arrays import Array

MAX_FRAME = 16 << 20
MAX_JSON = 4 << 20
MAX_ITEMS = 10_000  # values in a message, however they are nested
MAX_DEPTH = 6
MAX_TEXT = 4096
MAX_NAME = 200
MAX_AXES = 32
HEADS = 256  # that are kept, of at most 64 KiB each
LENGTHS = struct.Struct("<QI")
SURROGATES = re.compile("[\ud800-\udfff]")
"""Halves of characters: Python's texts may have them, a file in UTF-8 may not."""
SCALARS = frozenset(np.dtype(code).type for code in "?bBhHiIlLqQefdg")
NPY_START = re.compile(rb"\x93NUMPY\x01\x00(?P<length>..)", re.DOTALL)
NPY_HEADER = re.compile(
    rb"\{'descr': '(?P<dtype>[<>|=][biufc]\d{1,2})', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>(?:\d{1,12},? ?)*)\), \} *\n"
)


class BadFrame(Exception):
    """The bytes are not a frame, or hold what a frame may not hold."""


class TooLarge(Exception):
    """The arrays of a message are too large for a frame."""


class Other:
    """Stands for a value that cannot cross the wire: only the name of its type does."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Ref:
    """Stands for an object that stays on the host's side."""

    def __init__(self, number: int) -> None:
        self.number = number


class Generator:
    """Asks the host for `numpy.random.default_rng(seed)`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed


def encode(message: object) -> bytes:
    """Return the frame of a message: dicts, lists, tuples, numbers, strings and arrays.

    Raises
    ------
    TooLarge
        If its arrays have more than MAX_FRAME bytes.
    """
    writer = _Writer()
    tree = writer.tree(message, 0)
    text = json.dumps({"tree": tree, "sizes": [len(blob) for blob in writer.blobs]}).encode()
    body = b"".join([text, *writer.blobs])
    return LENGTHS.pack(len(body), len(text)) + body


def decode(body: bytes, json_length: int, trusted: bool = False) -> Any:
    """Return the message of a frame's body.

    Parameters
    ----------
    body : bytes
        What follows the lengths.
    json_length : int
        How much of it is JSON.
    trusted : bool
        Whether it is the grader who sends it: then texts are taken as they are.

    Raises
    ------
    BadFrame
        If the body is malformed, or an array in it is not plain numbers.
    """
    if not 0 < json_length <= min(len(body), MAX_JSON):
        raise BadFrame(f"a JSON part of {json_length} bytes in a frame of {len(body)}")
    try:
        head = json.loads(body[:json_length])
        tree, sizes = head["tree"], head["sizes"]
        if len(sizes) > MAX_ITEMS or not all(type(n) is int and n > 0 for n in sizes):
            raise BadFrame("array sizes that are not positive whole numbers")
        if sum(sizes) != len(body) - json_length:
            raise BadFrame("array sizes that do not add up to the frame")
        blobs, start = [], json_length
        for size in sizes:
            blobs.append(_read_array(body[start : start + size]))
            start += size
        return _Reader(blobs, trusted).value(tree, 0)
    except BadFrame:
        raise
    except Exception as error:  # of whatever kind: the bytes come from code that is not trusted
        raise BadFrame(f"malformed: {type(error).__name__}: {writable(str(error), 200)}") from error


class _Writer:
    """Turns a value into JSON and blobs. The value's own methods are not called, nor believed."""

    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self._left = MAX_ITEMS
        self._bytes = 0

    def tree(self, value: Any, depth: int) -> object:
        """Return what stands for a value in the JSON part."""
        kind = type(value)
        self._left -= 1
        if value is None or kind in (bool, int, float, str):
            return value
        if issubclass(kind, (int, float)) and kind not in SCALARS:
            return int.__int__(value) if issubclass(kind, int) else float.__float__(value)
        # A subclass of ndarray is refused: its arithmetic may be its own.
        if kind is np.ndarray and value.dtype.kind in "biufc" and value.ndim <= MAX_AXES:
            return {"array": self._blob(value)}
        if kind in SCALARS:
            return {"scalar": self._blob(np.asarray(value))}
        if depth < MAX_DEPTH:
            if issubclass(kind, dict) and self._has_room(dict.__len__(value)):
                items = dict.items(value)
                return {"dict": [[_key(k), self.tree(v, depth + 1)] for k, v in items]}
            for plain in (list, tuple):
                if issubclass(kind, plain) and self._has_room(plain.__len__(value)):
                    parts = plain.__iter__(value)
                    return {plain.__name__: [self.tree(part, depth + 1) for part in parts]}
        if kind is Ref:
            return {"ref": value.number}
        if kind is Generator:
            return {"generator": value.seed}
        return {"other": type_name(kind)}

    def _has_room(self, count: int) -> bool:
        return count <= self._left

    def _blob(self, array: Array) -> int:
        self._bytes += array.nbytes
        if self._bytes > MAX_FRAME:
            raise TooLarge
        self.blobs.append(_array_bytes(array))
        return len(self.blobs) - 1


def type_name(kind: type) -> str:
    """Return the full name of a class, also of one that would rather not tell."""
    try:
        return f"{kind.__module__}.{kind.__qualname__}"[:200]
    except BaseException:
        return "object"


def _key(key: object) -> str:
    """Return a dict's key as text; a key of another type than text never equals one that is."""
    if isinstance(key, str):
        return str.__str__(key)
    return f"<{key!r}>" if type(key) in (int, float, bool) else f"<{type_name(type(key))}>"


class _Reader:
    """Turns JSON and arrays into a value."""

    def __init__(self, blobs: list[Array], trusted: bool) -> None:
        self._blobs = blobs
        self._trusted = trusted
        self._left = 2 * MAX_ITEMS

    def value(self, tree: Any, depth: int) -> Any:
        """Return what a part of the JSON stands for."""
        self._left -= 1
        if self._left < 0 and not self._trusted:
            raise BadFrame(f"more than {2 * MAX_ITEMS} values")
        if isinstance(tree, str):
            return self._text(tree, MAX_TEXT)
        if tree is None or isinstance(tree, (bool, int, float)):
            return tree
        if depth > 2 * MAX_DEPTH or not isinstance(tree, dict) or len(tree) != 1:
            raise BadFrame("a value of unknown form")
        ((kind, value),) = tree.items()
        if kind == "array":
            return self._blobs[value]
        if kind == "scalar":
            if self._blobs[value].shape != ():
                raise BadFrame("a scalar with axes")
            return self._blobs[value][()]
        if kind == "dict":
            return {self._text(str(k), MAX_NAME): self.value(v, depth + 1) for k, v in value}
        if kind == "list":
            return [self.value(part, depth + 1) for part in value]
        if kind == "tuple":
            return tuple(self.value(part, depth + 1) for part in value)
        if kind == "ref":
            return Ref(int(value))
        if kind == "generator":
            return Generator(int(value))
        if kind == "other":
            return Other(self._text(str(value), MAX_NAME))
        raise BadFrame(f"a value of unknown kind {kind[:MAX_NAME]!r}")

    def _text(self, text: str, limit: int) -> str:
        return text if self._trusted else writable(text, limit)


def writable(text: str, limit: int = MAX_TEXT) -> str:
    """Return the beginning of a text, without what cannot be written to a file."""
    return SURROGATES.sub("\ufffd", text[:limit])


def _array_bytes(array: Array) -> bytes:
    is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    head = _npy_head(array.dtype.str, is_fortran, array.shape)
    return head + array.tobytes("F" if is_fortran else "C")


@lru_cache(HEADS)
def _npy_head(descr: str, is_fortran: bool, shape: tuple[int, ...]) -> bytes:
    """Return what stands before the numbers of an array: it costs more than small arrays do."""
    file = io.BytesIO()
    head = {"descr": descr, "fortran_order": is_fortran, "shape": shape}
    npy.write_array_header_1_0(file, head)
    return file.getvalue()


def _read_array(blob: bytes) -> Array:
    """Return the array of an npy blob whose header has exactly the form that numpy writes."""
    start = NPY_START.match(blob)
    if start is None:
        raise BadFrame("an array that is not in npy format 1.0")
    end = start.end() + int.from_bytes(start["length"], "little")
    if end > len(blob):
        raise BadFrame(f"an array whose header ends after its {len(blob)} bytes")
    dtype, shape, order = _read_head(blob[start.end() : end])
    count = math.prod(shape)
    if len(shape) > MAX_AXES or count * dtype.itemsize != len(blob) - end:
        raise BadFrame(f"an array whose header says {shape} of {dtype}, which are not its bytes")
    flat = np.frombuffer(blob, dtype, count, end)
    return flat.reshape(shape, order=order).copy(order="K")


@lru_cache(HEADS)
def _read_head(text: bytes) -> tuple[np.dtype[Any], tuple[int, ...], Literal["C", "F"]]:
    header = NPY_HEADER.fullmatch(text)
    if header is None:
        raise BadFrame(f"an array with the header {text[:100]!r}")
    shape = tuple(int(length) for length in header["shape"].split(b",") if length.strip())
    order: Literal["C", "F"] = "F" if header["fortran"] == b"True" else "C"
    return np.dtype(header["dtype"].decode()), shape, order
