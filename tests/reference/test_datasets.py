import gzip
import hashlib
import struct
from importlib.resources import files

import numpy as np
import pytest

from reference.datasets import load_digits, load_idx_folder, read_idx


def idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_set(folder, name, n=10, labels=None, suffix=""):
    """Write n images of 4×3 pixels that show their own number, and their labels."""
    pack = gzip.compress if suffix else bytes
    images = np.tile(np.arange(n)[:, None, None], (1, 4, 3))
    labels = np.arange(n) % 5 if labels is None else labels
    (folder / f"{name}-images-idx3-ubyte{suffix}").write_bytes(pack(idx(images)))
    (folder / f"{name}-labels-idx1-ubyte{suffix}").write_bytes(pack(idx(labels)))


def test_the_digits_are_those_of_the_source():
    with (files("reference.datasets") / "digits.npz").open("rb") as file, np.load(file) as data:
        images, labels = data["images"], data["labels"]
    assert (images.shape, images.dtype) == ((1797, 8, 8), np.uint8)
    assert (labels.shape, labels.dtype) == ((1797,), np.uint8)
    assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    assert digest == "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"


def test_the_source_of_the_digits_is_named():
    text = (files("reference.datasets") / "README.md").read_text(encoding="utf-8")
    for name in ("Alpaydin", "Kaynak", "https://doi.org/10.24432/C50P49", "CC BY 4.0"):
        assert name in text


def test_a_fifth_of_the_digits_is_for_testing():
    data = load_digits(seed=3, dtype="float32")
    assert data.x_train.shape == (1438, 1, 8, 8)
    assert data.x_test.shape == (359, 1, 8, 8)
    assert data.x_train.dtype == np.float32
    assert (data.x_train.min(), data.x_train.max()) == (0, 1)
    assert data.classes == 10
    assert np.issubdtype(data.y_train.dtype, np.integer)


def test_the_seed_decides_the_split():
    one, same, other = (load_digits(seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.x_test, same.x_test)
    assert (one.y_test != other.y_test).any()


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("name", ["train", "t10k"])
def test_one_set_is_split_and_stays_paired(tmp_path, name, suffix):
    write_set(tmp_path, name, suffix=suffix)
    data = load_idx_folder(tmp_path)
    assert data.x_train.shape == (8, 1, 4, 3)
    assert data.x_test.shape == (2, 1, 4, 3)
    numbers = np.rint(255 * np.concatenate([data.x_train, data.x_test])[:, 0, 0, 0]).astype(int)
    assert sorted(numbers) == list(range(10))
    np.testing.assert_array_equal(numbers % 5, np.concatenate([data.y_train, data.y_test]))


def test_two_sets_are_both_used(tmp_path):
    write_set(tmp_path, "train", 7)
    write_set(tmp_path, "t10k", 6, suffix=".gz")
    data = load_idx_folder(tmp_path)
    assert (len(data.x_train), len(data.x_test)) == (7, 6)
    np.testing.assert_allclose(data.x_train[:, 0, 0, 0] * 255, np.arange(7))


def test_sets_of_different_sizes_of_image_are_an_error(tmp_path):
    write_set(tmp_path, "train")
    write_set(tmp_path, "t10k")
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(np.zeros((10, 5, 5))))
    with pytest.raises(ValueError, match=r"expected images of one size, got \(4, 3\) .* \(5, 5\)"):
        load_idx_folder(tmp_path)


def test_different_counts_are_an_error(tmp_path):
    write_set(tmp_path, "train", 10, labels=np.zeros(9))
    with pytest.raises(ValueError, match="train-images-idx3-ubyte: 10 images, but 9 labels in "):
        load_idx_folder(tmp_path)


def test_too_few_images_to_split_are_an_error(tmp_path):
    write_set(tmp_path, "train", 4)
    with pytest.raises(ValueError, match="expected at least 5 images, got 4"):
        load_idx_folder(tmp_path)


def test_missing_labels_are_an_error(tmp_path):
    write_set(tmp_path, "train")
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(ValueError, match="there is no train-labels-idx1-ubyte beside it"):
        load_idx_folder(tmp_path)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"expected train-images-idx3-ubyte or .* found neither"):
        load_idx_folder(tmp_path)


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="nowhere: no such folder"):
        load_idx_folder(tmp_path / "nowhere")


GOOD = idx(np.arange(24).reshape(2, 4, 3))


def test_an_array_is_read(tmp_path):
    (tmp_path / "a").write_bytes(GOOD)
    np.testing.assert_array_equal(read_idx(tmp_path / "a", 3), np.arange(24).reshape(2, 4, 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected an IDX file that starts with 00 00 08 03, got an empty file"),
        (b"\x89PNG" + GOOD, "expected an IDX file that starts with 00 00 08 03, got 89 50 4e 47"),
        (idx(np.arange(24)), "expected an IDX file that starts with .*, got 00 00 08 01"),
        (GOOD[:9], "truncated in the header, after 9 bytes"),
        (GOOD[:-1], r"expected 40 bytes for an array of shape \(2, 4, 3\), got 39"),
        (GOOD + b"0", r"expected 40 bytes for an array of shape \(2, 4, 3\), got 41"),
        (GOOD[:4] + b"\xff" * 12, r"expected \d+ bytes for an array of shape \(4294967295, "),
    ],
)
def test_bad_files_are_named(tmp_path, content, message):
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(ValueError, match="bad: " + message):
        read_idx(tmp_path / "bad", 3)


def test_a_damaged_gz_file_is_named(tmp_path):
    packed = gzip.compress(GOOD)
    damaged = packed[:15] + bytes([packed[15] ^ 255]) + packed[16:]
    for content in (packed[:-9], packed[:4], b"no gzip", damaged):
        (tmp_path / "bad.gz").write_bytes(content)
        with pytest.raises(ValueError, match=r"bad\.gz: "):
            read_idx(tmp_path / "bad.gz", 3)


@pytest.mark.parametrize(
    ("inside", "files"),
    [
        ("", "{}-{}.idx{}-ubyte"),
        ("", "{0}-{1}-idx{2}-ubyte/{0}-{1}-idx{2}-ubyte"),
        ("", "{0}-{1}.idx{2}-ubyte/{0}-{1}.idx{2}-ubyte"),
        ("raw", "{}-{}-idx{}-ubyte"),
        ("MNIST/raw", "{}-{}-idx{}-ubyte"),
        ("FashionMNIST/raw", "{}-{}-idx{}-ubyte.gz"),
    ],
    ids=["Kaggle", "Kaggle's folders", "both", "raw", "torchvision", "another set of it"],
)
def test_names_and_folders_of_kaggle_and_torchvision_are_found(tmp_path, inside, files):
    for part, n in (("train", 7), ("t10k", 6)):
        for what, rank, array in (
            ("images", 3, np.tile(np.arange(n)[:, None, None], (1, 4, 3))),
            ("labels", 1, np.arange(n) % 5),
        ):
            place = tmp_path / inside / files.format(part, what, rank)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(gzip.compress(idx(array)) if place.suffix == ".gz" else idx(array))
    data = load_idx_folder(tmp_path)
    assert (len(data.x_train), len(data.x_test)) == (7, 6)
    np.testing.assert_array_equal(data.y_train, np.arange(7) % 5)


def test_of_two_sets_below_a_folder_one_has_to_be_named(tmp_path):
    for name in ("MNIST", "FashionMNIST"):
        (tmp_path / name / "raw").mkdir(parents=True)
        write_set(tmp_path / name / "raw", "train")
    with pytest.raises(ValueError, match=r"name one of .*FashionMNIST/raw, .*MNIST/raw"):
        load_idx_folder(tmp_path)
    assert len(load_idx_folder(tmp_path / "MNIST").x_train) == 8
