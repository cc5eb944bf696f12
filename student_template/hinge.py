"""Hinge: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class Hinge:
    """How far the scores of wrong classes come within a margin of 1 of the correct one's.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum the losses of the N samples.

    Notes
    -----
    For a sample of class y with the scores z::

        margin[k]        = z[k] - z[y] + 1
        loss of a sample = sum over k != y of max(0, margin[k])
        its gradient     = 1 where margin[k] > 0, for k != y, else 0
                           at y minus the number of those

    With reduction "mean" both are divided by N. Where a margin is exactly 0, the gradient is that
    of the flat side. PyTorch's MultiMarginLoss is this divided by K.

    The gradient has the dtype of the logits; the loss is a Python float.

    References
    ----------
    Weston and Watkins: Multi-class Support Vector Machines, 1998
    https://cs231n.github.io/linear-classify/#svm
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = checks.reduction("Hinge", reduction)

    def forward(self, logits: Array, target: Array) -> float:
        """Compute the loss of a batch.

        Parameters
        ----------
        logits : ndarray of shape (N, K)
            Scores of the K classes, of any scale.
        target : ndarray of int of shape (N,)
            Class labels from 0 to K - 1, of any integer dtype.

        Returns
        -------
        loss : float

        Raises
        ------
        ValueError
            If `logits` does not have 2 dimensions or is empty, or if the shape of `target` does not
            fit, or its labels are not integers or out of range.
        """
        raise NotImplementedError("TODO Hinge.forward: compute the loss of a batch")

    def backward(self) -> Array:
        """Compute the gradient of the latest `forward` with respect to the logits.

        Returns
        -------
        dlogits : ndarray of shape (N, K)

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        """
        raise NotImplementedError(
            "TODO Hinge.backward: compute the gradient of the latest `forward` with respect to the "
            "logits"
        )
