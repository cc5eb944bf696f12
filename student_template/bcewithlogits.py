"""BCEWithLogits: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class BCEWithLogits:
    """How surprised a classifier is by answers of yes and no.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum over all elements.

    Notes
    -----
    For each element, with a logit z and a target t::

        p        = 1 / (1 + exp(-z))
        loss     = -t * log(p) - (1 - t) * log(1 - p)
                 = max(z, 0) - z * t + log(1 + exp(-|z|))
        gradient = p - t

    The second form is correct for logits of any finite size: exp gets no positive number.

    With reduction "mean" both are divided by the number of elements, not of samples.

    The gradient has the dtype of `pred`; the loss is a Python float.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = checks.reduction("BCEWithLogits", reduction)

    def forward(self, pred: Array, target: Array) -> float:
        """Compute the loss of a batch.

        Parameters
        ----------
        pred : ndarray
            Logits, of any shape and scale.
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
        raise NotImplementedError("TODO BCEWithLogits.forward: compute the loss of a batch")

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
            "TODO BCEWithLogits.backward: compute the gradient of the latest `forward` with "
            "respect to `pred`"
        )
