"""CIFAR-10 in its own files: five batches to train on and one to test with."""

from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from ..interfaces import Array
from ..npz import StrPath
from .archives import read_pickle
from .dataset import Dataset, as_labels, scaled

SIDE = 32
ROW = 3 * SIDE * SIDE
TRAIN, TEST = "data_batch_*", "test_batch"


def load_cifar10(folder: StrPath, seed: int = 0, dtype: DTypeLike = np.float64) -> Dataset:
    """Load the folder `cifar-10-batches-py` or `cifar-10-batches-bin`.

    Parameters
    ----------
    folder : str or Path
        Has `data_batch_1` and so on and `test_batch`, pickles of the python version, or the same
        with `.bin`. Fewer batches will do.
    seed : int
        Not used: the files say which images are for testing.
    dtype : dtype
        The dtype of the images: float32 or float64.

    Raises
    ------
    ValueError
        If a file is missing, cannot be read, or is not a batch.

    References
    ----------
    Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009. The form of the files:
    https://www.cs.toronto.edu/~kriz/cifar.html
    """
    del seed
    folder = Path(folder)
    train = [path for path in batches(folder) if path.stem != TEST]
    test = [path for path in batches(folder) if path.stem == TEST]
    if not train or not test:
        found = ", ".join(path.name for path in (*train, *test)) or "none of them"
        raise ValueError(
            f"{folder}: expected {TRAIN} and {TEST}, all as pickles or all .bin, found {found}"
        )
    x_train, y_train = _together(train)
    x_test, y_test = _together(test)
    return Dataset(scaled(x_train, dtype), y_train, scaled(x_test, dtype), y_test)


def batches(folder: Path) -> list[Path]:
    """Return the batches in a folder: the pickles, or if there are none the binary ones."""
    for suffix in ("", ".bin"):
        found = [p for name in (TRAIN, TEST) for p in sorted(folder.glob(name + suffix))]
        if paths := [path for path in found if path.is_file() and path.suffix == suffix]:
            return paths
    return []


def _together(paths: list[Path]) -> tuple[Array, Array]:
    images, labels = zip(*map(_batch, paths), strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _batch(path: Path) -> tuple[Array, Array]:
    """Return the images (N, 3, 32, 32) and the labels (N,) of a batch."""
    if path.suffix == ".bin":
        content = np.frombuffer(path.read_bytes(), np.uint8)
        if content.size == 0 or content.size % (1 + ROW):
            raise ValueError(
                f"{path}: expected {1 + ROW} bytes for each image, got {content.size} bytes"
            )
        rows = content.reshape(-1, 1 + ROW)
        images, labels = rows[:, 1:], rows[:, 0]
    else:
        content = read_pickle(path)
        if not isinstance(content, dict) or not {"data", "labels"} <= content.keys():
            raise ValueError(f"{path}: expected a dict with data and labels")
        images, labels = np.asarray(content["data"]), np.asarray(content["labels"])
        if images.shape != (len(labels), ROW) or images.dtype != np.uint8:
            raise ValueError(
                f"{path}: expected {len(labels)} rows of {ROW} bytes, got dtype {images.dtype} "
                f"and shape {images.shape}"
            )
    return images.reshape(-1, 3, SIDE, SIDE), as_labels(str(path), labels)
