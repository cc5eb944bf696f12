"""SoftmaxCrossEntropy: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class SoftmaxCrossEntropy:
    """How surprised a classifier is by the correct classes.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        Whether to average or to sum the losses of the N samples.
    ignore_index : int or None
        A label that does not count, such as that of padding: a sample that has it is left out.

    Notes
    -----
    With log p = logits - logsumexp(logits), row by row, and a target distribution t (for a class
    label: 1 at that class, 0 elsewhere)::

        loss of a sample = - sum over k of t[k] * log p[k]
        its gradient     = p * sum(t) - t

    With reduction "mean" both are divided by N, the number of samples that count. The steps of
    sequences are samples, too. The loss is correct for logits of any finite size:
    it is neither clipped nor infinite.

    The gradient has the dtype of the logits; the loss is a Python float.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """

    def __init__(self, reduction: str = "mean", ignore_index: int | None = None) -> None:
        self.reduction = checks.reduction("SoftmaxCrossEntropy", reduction)
        self.ignore_index = ignore_index

    def forward(self, logits: Array, target: Array) -> float:
        """Compute the loss of a batch.

        Parameters
        ----------
        logits : ndarray of shape (N, K), or (N, T, K)
            Scores of the K classes, of any scale.
        target : ndarray of int of shape (N,), or (N, T), or ndarray of shape (N, K)
            Class labels from 0 to K - 1, of any integer dtype, or a probability for each class
            (such as one-hot rows).

        Returns
        -------
        loss : float

        Raises
        ------
        ValueError
            If `logits` does not have 2 dimensions or is empty, or if the shape of `target` does not
            fit, or its labels are not integers or out of range, or none of them counts.
        """
        raise NotImplementedError("TODO SoftmaxCrossEntropy.forward: compute the loss of a batch")

    def backward(self) -> Array:
        """Compute the gradient of the latest `forward` with respect to the logits.

        Returns
        -------
        dlogits : ndarray of the shape of the logits
            It is 0 for a sample that does not count.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        """
        raise NotImplementedError(
            "TODO SoftmaxCrossEntropy.backward: compute the gradient of the latest `forward` with "
            "respect to the logits"
        )
