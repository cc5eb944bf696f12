"""Sigmoid: a number between 0 and 1."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class Sigmoid(Layer):
    """The logistic function of each element.

    Notes
    -----
    y = 1 / (1 + exp(-x)), computed as (1 + tanh(x / 2)) / 2, which overflows for no x. The
    derivative is y * (1 - y).

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
    """

    def __init__(self) -> None:
        super().__init__()
        self._y: Array | None = None

    def forward(self, x: Array) -> Array:
        """Squash each element between 0 and 1.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        x = checks.floats("Sigmoid", x)
        half = x.dtype.type(0.5)
        y: Array = half * (1 + np.tanh(half * x))
        self._y = y.copy()
        return y

    def backward(self, dout: Array) -> Array:
        """Multiply the gradient by the slope of the curve.

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
        y = checks.saved("Sigmoid", self._y)
        dout = checks.upstream("Sigmoid", dout, y.shape)
        dx: Array = dout * y * (1 - y)
        return dx
