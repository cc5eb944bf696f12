"""Files of arrays, folders of images and the download: what they hold, and what is refused."""

import gzip
import os
import pickle

import numpy as np
import pytest
import scipy.io
from PIL import Image

from reference import MSE, SGD, Dense, Flatten, Sequential, fit
from reference.datasets import (
    download_mnist,
    load,
    load_image_folder,
    load_mat,
    load_npz,
    load_pickle,
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
        (3, "expected two or three pairs of images and labels, got int"),
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


# --- folders of images --------------------------------------------------------------------------


def folder_of(root, **classes):
    for name, images in classes.items():
        (root / name).mkdir(parents=True)
        for number, image in enumerate(images):
            image.save(root / name / f"{number}.png")
    return root


def plain(colour, size=(6, 4)):
    return Image.new("RGB", size, colour)


def pixel(folder, path, name="odd.png"):
    """Return the colour of the one image of a folder, and the image."""
    data = load_image_folder(folder, (4, 6))
    number = [p.name for p in data.images.paths].index(name)
    return data.images[np.array([number])][0]


def test_a_folder_is_a_class_and_images_are_read_when_indexed(tmp_path):
    folder_of(tmp_path, dog=[plain("red")] * 3, cat=[plain("blue"), plain("lime")])
    data = load_image_folder(tmp_path, (5, 7), np.float32)
    assert data.classes == ("cat", "dog")
    assert data.labels.tolist() == [0, 0, 1, 1, 1]
    assert data.images.shape == (5, 3, 5, 7)
    batch = data.images[np.array([3, 0])]
    assert (batch.shape, batch.dtype) == ((2, 3, 5, 7), np.float32)
    assert batch[0, :, 0, 0].tolist() == [1, 0, 0]
    assert batch[1, :, 0, 0].tolist() == [0, 0, 1]
    assert data.images[2:].shape == (3, 3, 5, 7)
    assert data.one_hot().tolist() == [[1, 0]] * 2 + [[0, 1]] * 3
    (tmp_path / "dog" / "0.png").unlink()
    with pytest.raises(ValueError, match=r"0\.png: cannot be read any more"):
        data.images[2:3]


def test_a_split_keeps_images_and_labels_together(tmp_path):
    folder_of(tmp_path, a=[plain("black")] * 5, b=[plain("white")] * 5)
    train, test = load_image_folder(tmp_path, (2, 2)).split(seed=1)
    assert (len(train.images), len(test.images)) == (8, 2)
    assert {*train.images.paths} | {*test.images.paths} == set(tmp_path.rglob("*.png"))
    for part in (train, test):
        assert part.images[:][:, 0, 0, 0].tolist() == part.labels.tolist()


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (Image.new("L", (6, 4), 51), (0.2, 0.2, 0.2)),
        (Image.new("1", (6, 4), 1), (1, 1, 1)),
        (plain((255, 0, 51)).convert("P", palette=Image.Palette.ADAPTIVE), (1, 0, 0.2)),
        (Image.new("RGBA", (6, 4), (255, 0, 0, 255)), (1, 0, 0)),
        (Image.new("RGBA", (6, 4), (255, 0, 0, 0)), (1, 1, 1)),
        (Image.new("LA", (6, 4), (51, 255)), (0.2, 0.2, 0.2)),
        (Image.fromarray(np.full((4, 6), 13107, np.uint16)), (0.2, 0.2, 0.2)),
    ],
    ids=["grey", "one bit", "palette", "opaque", "transparent", "grey with alpha", "16 bits"],
)
def test_odd_images_are_converted(tmp_path, image, colour):
    folder_of(tmp_path, a=[])
    image.save(tmp_path / "a" / "odd.png")
    got = pixel(tmp_path, "a")
    np.testing.assert_allclose(got, np.broadcast_to(np.reshape(colour, (3, 1, 1)), (3, 4, 6)))


def test_an_image_that_lies_on_its_side_is_put_upright(tmp_path):
    image = plain("black")  # 6 wide, 4 high
    image.paste("white", (0, 0, 1, 4))  # a white column on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view: left becomes top
    folder_of(tmp_path, a=[])
    image.save(tmp_path / "a" / "odd.jpg", exif=exif, quality=100, subsampling=0)
    data = load_image_folder(tmp_path, (6, 4))
    got = data.images[:][0, 0]
    assert got[0].min() > 0.9
    assert got[1:].max() < 0.2


def test_files_that_cannot_be_read_are_skipped_and_named(tmp_path):
    folder_of(tmp_path, a=[plain("red")] * 2, empty=[])
    noise = Image.fromarray(RNG.integers(0, 256, (60, 60, 3), dtype=np.uint8))
    noise.save(tmp_path / "a" / "cut.jpg")
    content = (tmp_path / "a" / "cut.jpg").read_bytes()
    (tmp_path / "a" / "cut.jpg").write_bytes(content[: len(content) // 2])
    (tmp_path / "a" / "notes.txt").write_text("no image")
    (tmp_path / "a" / "nothing.png").touch()
    (tmp_path / "a" / ".DS_Store").write_text("hidden")
    (tmp_path / "loose.png").write_bytes((tmp_path / "a" / "0.png").read_bytes())
    data = load_image_folder(tmp_path)
    assert len(data.images) == 2
    assert data.classes == ("a",)
    reasons = {path.name: why for path, why in data.skipped.items()}
    assert sorted(reasons) == ["cut.jpg", "empty", "loose.png", "notes.txt", "nothing.png"]
    assert "truncated" in reasons["cut.jpg"]
    assert reasons["empty"] == "a class without an image"
    assert reasons["notes.txt"] == "not an image, or of a format that Pillow does not know"


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match="nowhere: no such folder"):
        load_image_folder(tmp_path / "nowhere")
    folder_of(tmp_path, a=[])
    with pytest.raises(ValueError, match="expected a folder for each class with images in it"):
        load_image_folder(tmp_path)


def test_a_network_trains_on_images_that_are_not_in_memory(tmp_path, monkeypatch):
    folder_of(tmp_path, a=[plain("black")] * 4, b=[plain("white")] * 3)
    data = load_image_folder(tmp_path, (2, 2))
    batches = []
    read = type(data.images).__getitem__
    monkeypatch.setattr(
        type(data.images), "__getitem__", lambda s, i: batches.append(len(i)) or read(s, i)
    )
    model = Sequential([Flatten(), Dense(12, 2, rng=0)])
    history = fit(
        model, MSE(), SGD(0.1), data.images, data.one_hot(), epochs=9, batch_size=3, rng=1
    )
    assert batches == [3, 3, 1] * 9
    assert history["loss"][-1] < history["loss"][0] / 2


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
