"""CIFAR-10 in its own files."""

import pickle

import numpy as np
import pytest

from reference.datasets import load, load_cifar10

RNG = np.random.default_rng(5)
CIFAR = RNG.integers(0, 256, (6, 3, 32, 32), dtype=np.uint8)
CIFAR_LABELS = np.array([3, 1, 4, 1, 5, 9])
BATCHES = {"data_batch_1": slice(0, 2), "data_batch_2": slice(2, 4), "test_batch": slice(4, 6)}


def written_batch(folder, name, part, binary):
    rows, labels = CIFAR[part].reshape(-1, 3072), CIFAR_LABELS[part]
    if binary:
        both = np.hstack([labels[:, None].astype(np.uint8), rows])
        (folder / f"{name}.bin").write_bytes(both.tobytes())
        return
    batch = {"data": rows, "labels": labels.tolist(), "batch_label": name, "filenames": ["a", "b"]}
    (folder / name).write_bytes(pickle.dumps(batch, 2))


@pytest.mark.parametrize("binary", [False, True], ids=["python", "binary"])
def test_cifar_is_read_in_both_its_forms(tmp_path, binary):
    for name, part in BATCHES.items():
        written_batch(tmp_path, name, part, binary)
    (tmp_path / "batches.meta").write_bytes(b"something else")
    data = load(str(tmp_path), dtype=np.float32)
    np.testing.assert_allclose(data.x_train, CIFAR[:4] / 255, rtol=1e-6)
    np.testing.assert_allclose(data.x_test, CIFAR[4:] / 255, rtol=1e-6)
    assert (data.y_train.tolist(), data.y_test.tolist()) == ([3, 1, 4, 1], [5, 9])
    assert (data.x_train.dtype, data.y_train.dtype) == (np.float32, np.int64)


def test_what_is_no_batch_of_cifar_is_named(tmp_path):
    written_batch(tmp_path, "data_batch_1", slice(0, 2), False)
    with pytest.raises(ValueError, match=r"expected data_batch_\* and test_batch, .* data_batch_1"):
        load_cifar10(tmp_path)
    for content, message in (
        ({"data": CIFAR[:2], "labels": [1, 2]}, "expected 2 rows of 3072 bytes, got dtype uint8"),
        ([1, 2], "expected a dict with data and labels"),
    ):
        (tmp_path / "test_batch").write_bytes(pickle.dumps(content))
        with pytest.raises(ValueError, match=f"test_batch: {message}"):
            load_cifar10(tmp_path)
    for name in ("data_batch_1", "test_batch"):
        (tmp_path / name).unlink()
        (tmp_path / f"{name}.bin").write_bytes(b"x" * 3074)
    with pytest.raises(ValueError, match="expected 3073 bytes for each image, got 3074"):
        load_cifar10(tmp_path)
    with pytest.raises(ValueError, match="found none of them"):
        load_cifar10(tmp_path / "nowhere")
