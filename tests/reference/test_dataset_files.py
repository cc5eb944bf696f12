"""Files of arrays and the download: what they hold, and what is refused."""

import gzip
import os
import pickle

import numpy as np
import pytest
import scipy.io
from PIL import Image

from reference.datasets import (
    download_mnist,
    load,
    load_idx_folder,
    load_image_folder,
    load_mat,
    load_npz,
    load_pickle,
    read_idx,
)

RNG = np.random.default_rng(5)
N, H, W = 10, 4, 4
BYTES = RNG.integers(0, 256, (N, H, W), dtype=np.uint8)
LABELS = np.arange(N) % 3
FLOATS = BYTES / 255


def whole(data):
    """Return all images and labels, in the order of their first pixels."""
    x, y = (np.concatenate([getattr(data, f"{n}_{p}") for p in ("train", "test")]) for n in "xy")
    order = np.lexsort(x.reshape(len(x), -1).T)
    return x[order], y[order]


EXPECTED_ORDER = np.lexsort(FLOATS.reshape(N, -1).T)


def is_all_of_it(data, channels=1):
    x, y = whole(data)
    assert x.shape == (N, channels, H, W)
    np.testing.assert_allclose(x[:, 0], FLOATS[EXPECTED_ORDER])
    np.testing.assert_array_equal(y, LABELS[EXPECTED_ORDER])
    assert y.dtype == np.int64


# --- .npz ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "images",
    [
        BYTES,
        FLOATS,
        BYTES[:, None],
        BYTES[..., None],
        BYTES.reshape(N, -1),
        BYTES.astype(np.int64),
        (BYTES.astype(np.uint16) * 257),
    ],
    ids=["bytes", "floats", "NCHW", "NHWC", "rows", "int64", "16 bits"],
)
def test_images_of_any_layout_and_type_are_read(tmp_path, images):
    np.savez(tmp_path / "a.npz", images=images, labels=LABELS)
    is_all_of_it(load_npz(tmp_path / "a.npz"))


def test_channels_last_become_channels_first(tmp_path):
    images = RNG.random((N, H, W, 3))
    np.savez(tmp_path / "a.npz", X=images, Y=np.eye(3)[LABELS])
    x, y = whole(load_npz(tmp_path / "a.npz", dtype=np.float32))
    assert (x.shape, x.dtype) == ((N, 3, H, W), np.float32)
    order = np.lexsort(images.transpose(0, 3, 1, 2).reshape(N, -1).T)
    np.testing.assert_allclose(x, images.transpose(0, 3, 1, 2)[order], rtol=1e-6)
    np.testing.assert_array_equal(y, LABELS[order])


def test_a_file_that_has_its_own_test_images_is_not_split(tmp_path):
    parts = {"x_train": BYTES[:7], "y_train": LABELS[:7], "x_test": BYTES[7:], "y_test": LABELS[7:]}
    np.savez(tmp_path / "mnist.npz", **parts)
    data = load_npz(tmp_path / "mnist.npz")
    np.testing.assert_allclose(data.x_test[:, 0], FLOATS[7:])
    np.testing.assert_array_equal(data.y_train, LABELS[:7])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pixels": BYTES}, r"expected arrays named x_train, .*; got pixels"),
        (
            {f"a{k}": LABELS for k in range(300)},
            r"; got a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 and 290 more$",
        ),
        (
            {"x": BYTES, "y": LABELS[:9]},
            r"x: expected 9 images as .* got an array of .*\(10, 4, 4\)",
        ),
        ({"x": BYTES.reshape(N, 2, 8), "y": LABELS - 1.5}, "expected class labels from 0"),
        ({"x": BYTES.reshape(N, -1)[:, :15], "y": LABELS}, r"expected 10 images .* \(10, 15\)"),
        ({"x": RNG.random((N, 2, 2, 2)), "y": LABELS}, r"got an array of shape \(10, 2, 2, 2\)"),
        ({"x": BYTES[:3], "y": LABELS[:3]}, "expected at least 5 images, got 3"),
        (
            {"x": BYTES.astype("U3"), "y": LABELS},
            "expected an array of real numbers, got dtype <U3",
        ),
        ({"x": np.array([{}] * N), "y": LABELS}, "not a readable .npz file of arrays"),
    ],
)
def test_arrays_that_are_no_images_are_named(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match=message) as caught:
        load_npz(tmp_path / "a.npz")
    assert str(tmp_path / "a.npz") in str(caught.value)


def test_a_damaged_npz_is_named(tmp_path):
    np.savez(tmp_path / "a.npz", x=BYTES, y=LABELS)
    content = (tmp_path / "a.npz").read_bytes()
    for damaged in (b"", content[:-40], b"PK" + content[3:], os.urandom(99)):
        (tmp_path / "a.npz").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"a\.npz: not a readable"):
            load_npz(tmp_path / "a.npz")


# --- pickles ------------------------------------------------------------------------------------


def pairs():
    rows = FLOATS.reshape(N, -1).astype(np.float32)
    return tuple((rows[s], LABELS[s]) for s in (slice(0, 5), slice(5, 7), slice(7, 10)))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("suffix", [".pkl", ".pkl.gz"])
def test_a_pickle_of_three_pairs_is_read(tmp_path, suffix, protocol):
    path = tmp_path / f"mnist{suffix}"
    content = pickle.dumps(pairs(), protocol)
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    data = load_pickle(path)
    assert (data.x_train.shape, data.x_test.shape) == ((7, 1, 4, 4), (3, 1, 4, 4))
    np.testing.assert_allclose(data.x_train[:, 0], FLOATS[:7], rtol=1e-6)
    np.testing.assert_array_equal(data.y_test, LABELS[7:])


def test_a_pickle_of_python_2_is_read(tmp_path):
    """Old names of modules, and bytes that are text."""
    content = pickle.dumps(pairs(), 2).replace(b"numpy._core", b"numpy.core")
    (tmp_path / "mnist.pkl").write_bytes(content)
    assert load_pickle(tmp_path / "mnist.pkl").x_train.shape == (7, 1, 4, 4)


class Runs:
    """Makes a pickle that runs a command."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("wrap", [lambda evil: evil, lambda evil: (pairs(), evil)])
def test_a_pickle_that_runs_code_is_refused_before_it_runs(tmp_path, wrap):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(wrap(Runs(tmp_path / "ran"))))
    with pytest.raises(ValueError, match=r"asks for posix\.system: expected nothing but arrays"):
        load_pickle(tmp_path / "a.pkl")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (3, "expected two or three pairs of images and labels, or a dict of arrays, got int"),
        (((1, 2, 3), (1, 2)), "expected pairs"),
        ((pairs()[0], (np.zeros((2, 9)), [0, 1])), "images of one size"),
        (((None, None),) * 2, "expected class labels"),
    ],
)
def test_other_pickles_are_refused(tmp_path, content, message):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=message):
        load_pickle(tmp_path / "a.pkl")


def test_a_damaged_pickle_is_named(tmp_path):
    content = gzip.compress(pickle.dumps(pairs()))
    for damaged in (b"", content[:-20], b"no gzip", gzip.compress(b"\x80\x04junk")):
        (tmp_path / "a.pkl.gz").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"a\.pkl\.gz: "):
            load_pickle(tmp_path / "a.pkl.gz")


def test_a_pickle_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("reference.datasets.archives.MOST_BYTES", 100)
    (tmp_path / "a.pkl.gz").write_bytes(gzip.compress(pickle.dumps(pairs())))
    with pytest.raises(ValueError, match="unpacks to more than 100 bytes"):
        load_pickle(tmp_path / "a.pkl.gz")


# --- MATLAB -------------------------------------------------------------------------------------


def test_matlab_has_the_samples_last(tmp_path):
    images = BYTES[..., None].transpose(1, 2, 3, 0)  # (H, W, C, N)
    scipy.io.savemat(tmp_path / "a.mat", {"X": images, "y": LABELS[:, None]})
    is_all_of_it(load_mat(tmp_path / "a.mat"))


def test_matlab_unrolls_columns_and_writes_10_for_0(tmp_path):
    rows = BYTES.transpose(0, 2, 1).reshape(N, -1)
    labels = np.where(LABELS == 0, 10, LABELS)
    scipy.io.savemat(tmp_path / "a.mat", {"X": rows, "y": labels})
    is_all_of_it(load_mat(tmp_path / "a.mat", order="F", zero=10))


def test_what_is_no_matlab_file_is_named(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"X": BYTES, "y": LABELS})
    content = (tmp_path / "a.mat").read_bytes()
    hdf5 = content[:124] + b"\x00\x02IM"
    for damaged in (b"", b"junk" * 99, content[:200], hdf5):
        (tmp_path / "a.mat").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"a\.mat: (not a readable MATLAB|a MATLAB file of)"):
            load_mat(tmp_path / "a.mat")


# --- paths as texts -----------------------------------------------------------------------------


def test_every_loader_takes_a_path_as_text(tmp_path):
    np.savez(tmp_path / "a.npz", x=BYTES, y=LABELS)
    (tmp_path / "b.pkl.gz").write_bytes(gzip.compress(pickle.dumps(pairs())))
    scipy.io.savemat(tmp_path / "c.mat", {"x": BYTES, "y": LABELS})
    (tmp_path / "images" / "a").mkdir(parents=True)
    Image.new("RGB", (6, 4)).save(tmp_path / "images" / "a" / "0.png")
    (tmp_path / "idx").mkdir()
    head = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in BYTES.shape)
    (tmp_path / "idx" / "train-images-idx3-ubyte").write_bytes(head + BYTES.tobytes())
    head = b"\0\0\x08\x01" + N.to_bytes(4, "big")
    labels = LABELS.astype(np.uint8).tobytes()
    (tmp_path / "idx" / "train-labels-idx1-ubyte").write_bytes(head + labels)
    is_all_of_it(load_npz(f"{tmp_path}/a.npz"))
    is_all_of_it(load_mat(f"{tmp_path}/c.mat"))
    is_all_of_it(load_idx_folder(f"{tmp_path}/idx"))
    assert load_pickle(f"{tmp_path}/b.pkl.gz").x_test.shape == (3, 1, 4, 4)
    assert load_image_folder(f"{tmp_path}/images").classes == ("a",)
    assert read_idx(f"{tmp_path}/idx/train-images-idx3-ubyte", 3).shape == BYTES.shape


# --- by name, and the download ------------------------------------------------------------------


def test_data_are_loaded_by_name_and_by_path(tmp_path):
    np.savez(tmp_path / "a.npz", x=BYTES, y=LABELS)
    (tmp_path / "b.pkl.gz").write_bytes(gzip.compress(pickle.dumps(pairs())))
    scipy.io.savemat(tmp_path / "c.mat", {"x": BYTES, "y": LABELS})
    for name in ("a.npz", "c.mat"):
        is_all_of_it(load(str(tmp_path / name)))
    assert load(str(tmp_path / "b.pkl.gz")).x_test.shape == (3, 1, 4, 4)
    assert load("digits").x_test.shape == (359, 1, 8, 8)


@pytest.mark.parametrize("name", ["nothing", "nothing.npz", "a.txt"])
def test_what_is_neither_a_name_nor_a_file_is_refused(tmp_path, name):
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(ValueError, match=f"{name}: "):
        load(str(tmp_path / name))


def test_a_download_that_fails_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match=r"cannot be downloaded .* by hand, or name a folder"):
        download_mnist(tmp_path, "http://127.0.0.1:9/")


def test_a_download_is_checked(tmp_path):
    (tmp_path / "source").mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / "source" / f"{name}-ubyte.gz").write_bytes(b"something else")
    import functools
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            del arguments

    handler = functools.partial(Quiet, directory=tmp_path / "source")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        with pytest.raises(ValueError, match="is not the file that it should be"):
            download_mnist(tmp_path / "cache", address)
        server.shutdown()
    assert not list((tmp_path / "cache").glob("*.gz"))


# --- names and labels that a file has of its own ------------------------------------------------


def test_arrays_of_other_names_are_named(tmp_path):
    names = ("D_Train", "L_Train", "D_Test", "L_Test")
    arrays = (BYTES[:7].reshape(7, -1).T, np.eye(3)[LABELS[:7]].T, BYTES[7:], LABELS[7:])
    scipy.io.savemat(tmp_path / "a.mat", dict(zip(names, arrays, strict=True)))
    for data in (
        load_mat(tmp_path / "a.mat", names=names),
        load(str(tmp_path / "a.mat"), names=names),
    ):
        np.testing.assert_allclose(data.x_train[:, 0], FLOATS[:7])
        np.testing.assert_array_equal(data.y_train, LABELS[:7])  # from columns
        np.testing.assert_array_equal(data.y_test, LABELS[7:])
    with pytest.raises(ValueError, match=r"expected arrays named a, b; got D_Train"):
        load_mat(tmp_path / "a.mat", names=("a", "b"))
    for wrong in ("D_Train", ("a", "b", "c")):
        with pytest.raises(ValueError, match="names must be those of images and labels"):
            load_mat(tmp_path / "a.mat", names=wrong)
    np.savez(tmp_path / "b.npz", pixels=BYTES, x=LABELS, y=LABELS)
    is_all_of_it(load_npz(tmp_path / "b.npz", names=("pixels", "y")))


def test_one_hot_columns_are_taken_where_rows_are_none(tmp_path):
    square = np.eye(N)[np.arange(N)[::-1]]
    np.savez(tmp_path / "a.npz", x=BYTES, y=square)
    _, y = whole(load_npz(tmp_path / "a.npz"))
    np.testing.assert_array_equal(y, np.arange(N)[::-1][EXPECTED_ORDER])
    np.savez(tmp_path / "a.npz", x=BYTES, y=np.ones((3, N)))
    with pytest.raises(ValueError, match="one-hot rows or columns"):
        load_npz(tmp_path / "a.npz")


def test_the_label_10_may_stand_for_0_in_every_file(tmp_path):
    labels = np.where(LABELS == 0, 10, LABELS)
    np.savez(tmp_path / "a.npz", x=BYTES, y=labels)
    (tmp_path / "b.pkl").write_bytes(pickle.dumps({"images": BYTES, "labels": labels}))
    svhn = {"X": np.stack([BYTES] * 3, axis=3).transpose(1, 2, 3, 0), "y": labels[:, None]}
    scipy.io.savemat(tmp_path / "c.mat", svhn)
    for name, channels in (("a.npz", 1), ("b.pkl", 1), ("c.mat", 3)):
        is_all_of_it(load(str(tmp_path / name), zero=10), channels)
    assert load(str(tmp_path / "a.npz")).classes == 11


def test_a_pickle_may_be_a_dict_of_arrays(tmp_path):
    parts = {"train_img": BYTES[:7].reshape(7, -1), "train_label": LABELS[:7]}
    parts |= {"test_img": BYTES[7:].reshape(3, -1), "test_label": LABELS[7:]}
    (tmp_path / "mnist.pkl").write_bytes(pickle.dumps(parts, 2))
    data = load(str(tmp_path / "mnist.pkl"))
    np.testing.assert_allclose(data.x_test[:, 0], FLOATS[7:])
    np.testing.assert_array_equal(data.y_train, LABELS[:7])
    (tmp_path / "mnist.pkl").write_bytes(pickle.dumps({"pixels": BYTES}))
    with pytest.raises(ValueError, match=r"expected arrays named .*; got pixels"):
        load_pickle(tmp_path / "mnist.pkl")


def test_names_and_zero_are_for_files_of_arrays(tmp_path):
    for name in ("digits", str(tmp_path)):
        with pytest.raises(ValueError, match="names and zero are for a file of arrays"):
            load(name, zero=10)
