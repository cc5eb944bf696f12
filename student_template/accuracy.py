"""accuracy: yours to write."""

import numpy as np

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
    raise NotImplementedError(
        "TODO accuracy: return the fraction of samples whose largest score is at their class"
    )
