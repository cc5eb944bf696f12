"""The confusion matrix; `one_hot` and `accuracy` are units of their own."""

import numpy as np

from . import checks
from .interfaces import Array


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
    labels, predictions = _labels(labels), _labels(predictions)
    if len(predictions) != len(labels):
        raise ValueError(
            f"confusion_matrix: expected as many predictions as labels, {len(labels)}, "
            f"got {len(predictions)}"
        )
    both = np.concatenate([labels, predictions])
    highest = int(both.max()) if both.size else -1
    K = (
        highest + 1
        if classes is None
        else checks.integer("confusion_matrix", "classes", classes, 1)
    )
    if both.size and (both.min() < 0 or highest >= K):
        raise ValueError(
            f"confusion_matrix: expected labels from 0 to {K - 1}, got labels from {both.min()} to "
            f"{highest}"
        )
    counts = np.zeros((K, K), int)
    np.add.at(counts, (labels, predictions), 1)
    if not normalized:
        return counts
    shares: Array = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def _labels(labels: Array) -> Array:
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            "confusion_matrix: expected integer class labels of shape (N,), got dtype "
            f"{labels.dtype} and shape {labels.shape}"
        )
    return labels
