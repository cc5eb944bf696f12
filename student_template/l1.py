"""L1: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class L1:
    """The mean or the sum of the absolute differences between two arrays.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum the absolute values of all elements.

    Notes
    -----
    ::

        loss     = sum over all elements of |pred - target|
        gradient = sign(pred - target)

    The sign of 0 is 0. With reduction "mean" both are divided by the number of elements, not of
    samples.

    The gradient has the dtype of `pred`; the loss is a Python float.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = checks.reduction("L1", reduction)

    def forward(self, pred: Array, target: Array) -> float:
        """Compute the loss of a batch.

        Parameters
        ----------
        pred, target : ndarrays of the same shape

        Returns
        -------
        loss : float

        Raises
        ------
        ValueError
            If the shapes differ (they are not broadcast), or there are no elements.
        """
        raise NotImplementedError("TODO L1.forward: compute the loss of a batch")

    def backward(self) -> Array:
        """Compute the gradient of the latest `forward` with respect to `pred`.

        Returns
        -------
        dpred : ndarray of the shape of `pred`

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        """
        raise NotImplementedError(
            "TODO L1.backward: compute the gradient of the latest `forward` with respect to `pred`"
        )
