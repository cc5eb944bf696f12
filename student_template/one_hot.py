"""one_hot: yours to write."""

import numpy as np

from .interfaces import Array


def one_hot(labels: Array, num_classes: int) -> Array:
    """Return a row for each label that is 1 at its class and 0 elsewhere.

    Parameters
    ----------
    labels : ndarray of int, of shape (N,)
        Class labels from 0 to num_classes - 1.
    num_classes : int
        The number of classes K, which may be more than the largest label + 1.

    Returns
    -------
    ndarray of float64, of shape (N, K)
        The rows.

    Raises
    ------
    ValueError
        If `labels` does not have one dimension or is not of integers, or a label is no class.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
    """
    raise NotImplementedError(
        "TODO one_hot: return a row for each label that is 1 at its class and 0 elsewhere"
    )
