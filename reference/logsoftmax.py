"""LogSoftmax: logarithms of probabilities, without the detour over the probabilities."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class LogSoftmax(Layer):
    """The logarithm of the softmax of each row.

    Notes
    -----
    Over the last axis, y = x - log(sum(exp(x))). The largest element of the row is subtracted
    first, which changes nothing and lets no exponential overflow. The logarithm of a softmax that
    is 0 after rounding would be infinite. With p = exp(y)::

        dx = dout - p * sum(dout)

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
    """

    def __init__(self) -> None:
        super().__init__()
        self._y: Array | None = None

    def forward(self, x: Array) -> Array:
        """Turn each row into logarithms of probabilities.

        Parameters
        ----------
        x : ndarray with at least two dimensions, rows along the last axis

        Returns
        -------
        y : ndarray of the same shape

        Raises
        ------
        ValueError
            If `x` has fewer than two dimensions.
        """
        x = checks.floats("LogSoftmax", x)
        if x.ndim < 2:
            raise ValueError(f"LogSoftmax: expected 2 dimensions or more, got shape {x.shape}")
        shifted = x - x.max(axis=-1, keepdims=True)
        y: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        self._y = y.copy()
        return y

    def backward(self, dout: Array) -> Array:
        """Propagate the gradient back through each row.

        Parameters
        ----------
        dout : ndarray of the shape of the input

        Returns
        -------
        dx : ndarray of the same shape

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        y = checks.saved("LogSoftmax", self._y)
        dout = checks.upstream("LogSoftmax", dout, y.shape)
        dx: Array = dout - np.exp(y) * dout.sum(axis=-1, keepdims=True)
        return dx
