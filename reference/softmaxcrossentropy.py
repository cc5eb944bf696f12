"""Softmax and cross-entropy in one step, which neither overflows nor loses digits.

Class labels become one-hot rows first, so that one formula serves both kinds of target.
"""

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
        self._log_p_and_target: tuple[Array, Array] | None = None
        self._rows_and_shape: tuple[Array, tuple[int, ...]] | None = None

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
        logits, target = checks.floats("SoftmaxCrossEntropy", logits), np.asarray(target)
        shape = logits.shape
        if logits.ndim == 3 and target.shape == shape[:2]:  # every step becomes a sample
            logits, target = logits.reshape(-1, shape[2]), target.reshape(-1)
        logits = checks.matrix("SoftmaxCrossEntropy", logits)
        if 0 in logits.shape:
            raise ValueError(f"SoftmaxCrossEntropy: expected logits, got shape {logits.shape}")
        rows = np.ones(len(logits), bool)
        if self.ignore_index is not None and target.shape == rows.shape:
            rows = target != self.ignore_index
            logits, target = logits[rows], target[rows]
        if not rows.any():
            raise ValueError(
                f"SoftmaxCrossEntropy: all labels are {self.ignore_index}, none counts"
            )
        t = _distributions(np.asarray(target), logits)
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._log_p_and_target = log_p, t
        self._rows_and_shape = rows, shape
        counted = t != 0  # 0 * log 0 is 0 here, not nan
        loss = -float((t[counted] * log_p[counted]).sum(dtype=np.float64))
        return loss / len(logits) if self.reduction == "mean" else loss

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
        log_p, t = checks.saved("SoftmaxCrossEntropy", self._log_p_and_target)
        dlogits: Array = np.exp(log_p) * t.sum(axis=1, keepdims=True) - t
        dlogits = dlogits / len(t) if self.reduction == "mean" else dlogits
        rows, shape = checks.saved("SoftmaxCrossEntropy", self._rows_and_shape)
        whole = np.zeros((len(rows), shape[-1]), dlogits.dtype)
        whole[rows] = dlogits
        return whole.reshape(shape)


def _distributions(target: Array, logits: Array) -> Array:
    """Return class labels or probabilities as rows of probabilities in the dtype of logits."""
    N, K = logits.shape
    if target.shape == (N, K):
        return target.astype(logits.dtype)
    if target.shape != (N,):
        raise ValueError(
            f"SoftmaxCrossEntropy: expected a target of shape {(N,)} or {(N, K)} "
            f"for logits of shape {(N, K)}, got shape {target.shape}"
        )
    if not np.issubdtype(target.dtype, np.integer):
        raise ValueError(
            f"SoftmaxCrossEntropy: expected integer class labels, got dtype {target.dtype}"
        )
    if target.min() < 0 or target.max() >= K:
        raise ValueError(
            f"SoftmaxCrossEntropy: expected labels from 0 to {K - 1}, "
            f"got labels from {target.min()} to {target.max()}"
        )
    one_hot = np.zeros_like(logits)
    one_hot[np.arange(N), target] = 1
    return one_hot
