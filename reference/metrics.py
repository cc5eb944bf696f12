"""What is computed from labels and predictions: one-hot rows, accuracy, the confusion matrix."""

import numpy as np
from numpy.typing import DTypeLike

from . import checks
from .interfaces import Array


def one_hot(labels: Array, classes: int | None = None, dtype: DTypeLike = np.float64) -> Array:
    """Return a row for each label: 1 at its class, 0 elsewhere (Keras's `to_categorical`).

    Parameters
    ----------
    labels : ndarray of int of shape (N,)
        Classes from 0.
    classes : int, optional
        K, their number: the largest label and 1 unless given.
    dtype : dtype
        The dtype of the rows.

    Returns
    -------
    ndarray of shape (N, K)

    Raises
    ------
    ValueError
        If the labels are no classes from 0 to K - 1.
    """
    labels = _labels("one_hot", labels)
    K = _count("one_hot", classes, labels)
    _within("one_hot", labels, K)
    rows = np.zeros((len(labels), K), dtype)
    rows[np.arange(len(labels)), labels] = 1
    return rows


def accuracy(predictions: Array, labels: Array) -> float:
    """Return the share of samples that are given their class.

    Parameters
    ----------
    predictions : ndarray of shape (N,) or (N, K)
        Classes, or a number for each class, of which the largest counts; of equal ones, the first.
    labels : ndarray of shape (N,) or (N, K)
        The right classes, or one-hot rows.

    Raises
    ------
    ValueError
        If they are not as many, none, or other arrays.
    """
    chosen, right = (
        _labels("accuracy", a.argmax(axis=1) if a.ndim == 2 and a.shape[1] else a)
        for a in map(np.asarray, (predictions, labels))
    )
    _as_many("accuracy", chosen, right)
    if len(right) == 0:
        raise ValueError("accuracy: expected at least one sample, got 0")
    return float((chosen == right).mean())


def confusion_matrix(
    labels: Array, predictions: Array, classes: int | None = None, *, normalized: bool = False
) -> Array:
    """Return how often each class was predicted as each class.

    Parameters
    ----------
    labels, predictions : ndarrays of int of shape (N,)
        The right classes and those that were chosen.
    classes : int, optional
        K, their number: the largest of both and 1 unless given.
    normalized : bool
        Whether each row is divided by its sum, so that it has shares of the samples of a class; the
        row of a class without samples stays 0.

    Returns
    -------
    ndarray of shape (K, K)
        Of int, or of float if normalized: a row for each right class, a column for each chosen one.

    Raises
    ------
    ValueError
        If they are not as many, or no classes from 0 to K - 1.
    """
    name = "confusion_matrix"
    labels, predictions = _labels(name, labels), _labels(name, predictions)
    _as_many(name, predictions, labels)
    K = _count(name, classes, labels, predictions)
    for each in (labels, predictions):
        _within(name, each, K)
    counts = np.zeros((K, K), int)
    np.add.at(counts, (labels, predictions), 1)
    if not normalized:
        return counts
    shares: Array = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def _labels(name: str, labels: Array) -> Array:
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"{name}: expected integer class labels of shape (N,), got dtype {labels.dtype} and "
            f"shape {labels.shape}"
        )
    return labels


def _count(name: str, classes: int | None, *several: Array) -> int:
    """Return the number of classes, if not given from the largest of all labels."""
    if classes is not None:
        return checks.integer(name, "classes", classes, 1)
    return max(int(labels.max()) + 1 if labels.size else 0 for labels in several)


def _within(name: str, labels: Array, classes: int) -> None:
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(
            f"{name}: expected labels from 0 to {classes - 1}, got labels from {labels.min()} to "
            f"{labels.max()}"
        )


def _as_many(name: str, predictions: Array, labels: Array) -> None:
    if len(predictions) != len(labels):
        raise ValueError(
            f"{name}: expected as many predictions as labels, {len(labels)}, got {len(predictions)}"
        )
