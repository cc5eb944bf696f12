"""BCE: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class BCE:
    """How surprised a classifier is by answers of yes and no, given its probabilities of yes.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum over all elements.

    Notes
    -----
    For each element, with a probability p and a target t::

        loss     = -t * max(log(p), -100) - (1 - t) * max(log(1 - p), -100)
        gradient = (p - t) / max(p * (1 - p), 1e-12)

    Both are finite for p = 0 and p = 1 thanks to PyTorch's two bounds.

    With reduction "mean" both are divided by the number of elements, not of samples.

    The gradient has the dtype of `pred`; the loss is a Python float.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = checks.reduction("BCE", reduction)

    def forward(self, pred: Array, target: Array) -> float:
        """Compute the loss of a batch.

        Parameters
        ----------
        pred : ndarray
            Probabilities from 0 to 1, in any shape.
        target : ndarray of the shape of `pred`
            What is right: 0, 1 or a probability between them.

        Returns
        -------
        loss : float

        Raises
        ------
        ValueError
            If the shapes differ (they are not broadcast), or there are no elements.
        """
        raise NotImplementedError("TODO BCE.forward: compute the loss of a batch")

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
            "TODO BCE.backward: compute the gradient of the latest `forward` with respect to `pred`"
        )
