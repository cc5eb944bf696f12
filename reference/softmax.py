"""Softmax: probabilities that sum to 1."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class Softmax(Layer):
    """Exponentials along the last axis, divided by their sum.

    Notes
    -----
    ::

        y[k] = exp(x[k]) / sum over j of exp(x[j])

    The largest x of the row is subtracted first: it cancels out, and nothing overflows. Every x of
    a row contributes to every y: dx = y * (dout - sum over j of y[j] * dout[j]).

    A loss that expects logits (`SoftmaxCrossEntropy`) applies softmax itself; a network for it ends
    without this layer.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
    """

    def __init__(self) -> None:
        super().__init__()
        self._y: Array | None = None

    def forward(self, x: Array) -> Array:
        """Turn each row into probabilities.

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
        x = checks.floats("Softmax", x)
        if x.ndim < 2:
            raise ValueError(f"Softmax: expected 2 dimensions or more, got shape {x.shape}")
        y: Array = np.exp(x - x.max(axis=-1, keepdims=True))
        y /= y.sum(axis=-1, keepdims=True)
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
        y = checks.saved("Softmax", self._y)
        dout = checks.upstream("Softmax", dout, y.shape)
        dx: Array = y * (dout - (y * dout).sum(axis=-1, keepdims=True))
        return dx
