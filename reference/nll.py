"""The negative log-likelihood of class labels, given log-probabilities."""

import numpy as np

from . import checks
from .interfaces import Array


class NLL:
    """How surprised a classifier is by the correct classes, given its log-probabilities.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum the losses of the N samples.

    Notes
    -----
    For a sample of class y with the log-probabilities l::

        loss of a sample = -l[y]
        its gradient     = -1 at y, 0 elsewhere

    With reduction "mean" both are divided by N. Behind a LogSoftmax, this is SoftmaxCrossEntropy.
    The log-probabilities are taken as they come, normalized or not.

    The gradient has the dtype of `pred`; the loss is a Python float.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = checks.reduction("NLL", reduction)
        self._slope: Array | None = None

    def forward(self, pred: Array, target: Array) -> float:
        """Compute the loss of a batch.

        Parameters
        ----------
        pred : ndarray of shape (N, K)
            Log-probabilities of the K classes.
        target : ndarray of int of shape (N,)
            Class labels from 0 to K - 1, of any integer dtype.

        Returns
        -------
        loss : float

        Raises
        ------
        ValueError
            If `pred` does not have 2 dimensions or is empty, or if the shape of `target` does not
            fit, or its labels are not integers or out of range.
        """
        pred = checks.matrix("NLL", pred)
        labels = checks.labels("NLL", target, pred)
        rows = np.arange(len(labels))
        slope = np.zeros_like(pred)
        slope[rows, labels] = -1
        self._slope = slope
        loss = -float(pred[rows, labels].sum(dtype=np.float64))
        return loss / len(labels) if self.reduction == "mean" else loss

    def backward(self) -> Array:
        """Compute the gradient of the latest `forward` with respect to `pred`.

        Returns
        -------
        dpred : ndarray of shape (N, K)

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        """
        slope = checks.saved("NLL", self._slope)
        return slope / len(slope) if self.reduction == "mean" else slope.copy()
