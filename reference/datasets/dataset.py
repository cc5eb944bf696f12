"""What a data set is, and the steps that all loaders share."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from ..interfaces import Array


@dataclass(frozen=True)
class Dataset:
    """Images for training and images for testing.

    Attributes
    ----------
    x_train, x_test : ndarray of float of shape (N, C, H, W)
        Pixels, from 0 to 1 unless the source has another range.
    y_train, y_test : ndarray of int of shape (N,)
        Class labels from 0.
    """

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array

    @property
    def classes(self) -> int:
        """The number of classes."""
        return int(max(self.y_train.max(), self.y_test.max())) + 1


def split(x: Array, y: Array, seed: int) -> Dataset:
    """Return a data set with a fifth of the samples, chosen by `seed`, for testing."""
    order = np.random.default_rng(seed).permutation(len(x))
    test, train = np.split(order, [len(x) // 5])
    return Dataset(x[train], y[train], x[test], y[test])


def scaled(images: Array, dtype: DTypeLike, maximum: int | None = None) -> Array:
    """Return pixels as floats: integers divided by `maximum`, floats unchanged.

    By default, `maximum` is the largest number of the type, 255 for bytes; wider types, which do
    not tell, are treated as bytes too.
    """
    pixels: Array = images.astype(dtype)
    if images.dtype.kind not in "iub":
        return pixels
    if maximum is None:
        maximum = 65535 if images.dtype == np.uint16 else 255
    pixels /= maximum
    return pixels


def as_images(where: str, images: Array, count: int) -> Array:
    """Return `count` images in any common layout as (N, C, H, W).

    Parameters
    ----------
    where : str
        What to name in an error.
    images : ndarray
        (N, H·W) with square images, (N, H, W), (N, H, W, C) or (N, C, H, W) with C of 1, 3 or 4
        and no larger than the images, or the same with N last, as MATLAB has it.
    count : int
        N.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    problem = ValueError(
        f"{where}: expected {count} images as (N, H*W), (N, H, W), (N, H, W, C) or (N, C, H, W), "
        f"or with N last, got an array of shape {images.shape}"
    )
    if images.dtype.kind not in "iufb":
        raise ValueError(f"{where}: expected an array of real numbers, got dtype {images.dtype}")
    if images.ndim < 2 or images.size == 0 or count not in (images.shape[0], images.shape[-1]):
        raise problem
    if images.shape[0] != count:
        images = np.moveaxis(images, -1, 0)  # (N, ...)
    if images.ndim == 2:
        side = math.isqrt(images.shape[1])
        if side * side != images.shape[1]:
            raise problem
        return images.reshape(count, 1, side, side)
    if images.ndim == 3:
        return images[:, None]
    if images.ndim != 4 or min(images.shape[1], images.shape[3]) not in (1, 3, 4):
        raise problem
    channels_first = images.shape[1] <= images.shape[3]
    return images if channels_first else images.transpose(0, 3, 1, 2)


def as_labels(where: str, labels: Array) -> Array:
    """Return class labels, or one-hot rows or columns, as integers of shape (N,).

    Raises
    ------
    ValueError
        If they are neither, or negative.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and 1 in labels.shape:
        labels = labels.reshape(-1)  # MATLAB knows no vectors
    if labels.ndim == 2 and ((labels == 0) | (labels == 1)).all():
        axis = next((axis for axis in (1, 0) if (labels.sum(axis) == 1).all()), None)
        labels = labels if axis is None else labels.argmax(axis)
    whole = labels.ndim == 1 and labels.dtype.kind in "iufb" and len(labels) > 0
    if not whole or (labels < 0).any() or (labels != np.floor(labels)).any():
        raise ValueError(
            f"{where}: expected class labels from 0, of shape (N,), or one-hot rows or columns, "
            f"got dtype {labels.dtype} and shape {labels.shape}"
        )
    return labels.astype(np.int64)


def samples(where: str, images: Array, labels: Array, dtype: DTypeLike) -> tuple[Array, Array]:
    """Return images (N, C, H, W) and labels (N,) from arrays in any common layout."""
    y = as_labels(where, labels)
    return scaled(as_images(where, np.asarray(images), len(y)), dtype), y


def enough(where: str, x: Array, y: Array, seed: int) -> Dataset:
    """Return a data set split by `seed`, if there are enough samples for that."""
    if len(x) < 5:
        raise ValueError(f"{where}: expected at least 5 images, got {len(x)}")
    return split(x, y, seed)
