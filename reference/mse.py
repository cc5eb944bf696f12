"""MSE: the mean squared error, for regression."""

import numpy as np

from . import checks
from .interfaces import Array


class MSE:
    """The mean or the sum of the squared differences between two arrays.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum the squares of all elements.

    Notes
    -----
    ::

        loss     = sum over all elements of (pred - target)**2
        gradient = 2 * (pred - target)

    With reduction "mean" both are divided by the number of elements, not of samples.

    The gradient has the dtype of `pred`; the loss is a Python float.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = checks.reduction("MSE", reduction)
        self._difference: Array | None = None

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
        pred, target = checks.floats("MSE", pred), checks.floats("MSE", target)
        if pred.shape != target.shape:
            raise ValueError(
                f"MSE: expected a target of pred's shape {pred.shape}, "
                f"one-hot rows for classes, got shape {target.shape}"
            )
        if pred.size == 0:
            raise ValueError(f"MSE: expected at least one element, got shape {pred.shape}")
        difference = pred - target.astype(pred.dtype)
        self._difference = difference
        loss = float(np.square(difference).sum(dtype=np.float64))
        return loss / difference.size if self.reduction == "mean" else loss

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
        difference = checks.saved("MSE", self._difference)
        return difference * (2 / difference.size if self.reduction == "mean" else 2)
