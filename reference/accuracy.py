"""Accuracy: how often the largest score is that of the right class."""

import numpy as np

from . import checks
from .interfaces import Array


def accuracy(scores: Array, target: Array) -> float:
    """Return the fraction of samples whose largest score is at their class.

    Parameters
    ----------
    scores : ndarray of shape (N, K)
        Logits, probabilities, or whatever is largest where the class is likely.
    target : ndarray of int, of shape (N,), or of shape (N, K)
        Class labels, or one-hot rows.

    Returns
    -------
    float
        A number from 0 to 1.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a label is no class.
    """
    scores, target = checks.matrix("accuracy", scores), np.asarray(target)
    if target.ndim == 2 and target.shape != scores.shape:
        raise ValueError(
            f"accuracy: expected one-hot rows of shape {scores.shape}, got shape {target.shape}"
        )
    labels = target.argmax(axis=1) if target.ndim == 2 else target
    labels = checks.labels("accuracy", labels, scores)  # (N,)
    return float((scores.argmax(axis=1) == labels).mean())
