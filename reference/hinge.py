"""The hinge loss of several classes: that of a support vector machine, as in CS231n."""

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
        self._margins_and_labels: tuple[Array, Array] | None = None

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
        logits = checks.matrix("Hinge", logits)
        labels = checks.labels("Hinge", target, logits)
        rows = np.arange(len(labels))
        margins = logits - logits[rows, labels][:, np.newaxis] + 1
        margins[rows, labels] = 0  # the correct class does not count
        self._margins_and_labels = margins, labels
        loss = float(np.maximum(margins, 0).sum(dtype=np.float64))
        return loss / len(labels) if self.reduction == "mean" else loss

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
        margins, labels = checks.saved("Hinge", self._margins_and_labels)
        dlogits = (margins > 0).astype(margins.dtype)
        dlogits[np.arange(len(labels)), labels] = -dlogits.sum(axis=1)
        return dlogits / len(labels) if self.reduction == "mean" else dlogits
