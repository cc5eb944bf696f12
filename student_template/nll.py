"""NLL: yours to write."""

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
        raise NotImplementedError("TODO NLL.forward: compute the loss of a batch")

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
        raise NotImplementedError(
            "TODO NLL.backward: compute the gradient of the latest `forward` with respect to `pred`"
        )
