"""Huber: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class Huber:
    """The mean or the sum of a square that goes on as a straight line.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum over all elements.
    delta : float
        Where the square ends, above 0.

    Notes
    -----
    With d = pred - target, for each element::

        loss     = d**2 / 2                   where |d| <= delta
                   delta * (|d| - delta / 2)  elsewhere
        gradient = d, kept between -delta and delta

    With reduction "mean" both are divided by the number of elements, not of samples.

    The gradient has the dtype of `pred`; the loss is a Python float.

    References
    ----------
    Huber: Robust Estimation of a Location Parameter, 1964, https://doi.org/10.1214/aoms/1177703732
    https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        self.reduction = checks.reduction("Huber", reduction)
        if not delta > 0:
            raise ValueError(f"Huber: delta must be above 0, got {delta}")
        self.delta = float(delta)

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
        raise NotImplementedError("TODO Huber.forward: compute the loss of a batch")

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
            "TODO Huber.backward: compute the gradient of the latest `forward` with respect to "
            "`pred`"
        )
