"""Tanh: a number between -1 and 1."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class Tanh(Layer):
    """The hyperbolic tangent of each element.

    Notes
    -----
    y = tanh(x). The derivative is 1 - y ** 2.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html
    """

    def __init__(self) -> None:
        super().__init__()
        self._y: Array | None = None

    def forward(self, x: Array) -> Array:
        """Squash each element between -1 and 1.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        x = checks.floats("Tanh", x)
        y: Array = np.tanh(x)
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
        y = checks.saved("Tanh", self._y)
        dout = checks.upstream("Tanh", dout, y.shape)
        dx: Array = dout * (1 - y * y)
        return dx
