"""ReLU: negative values become zero."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class ReLU(Layer):
    """The positive part of each element.

    Notes
    -----
    y = max(x, 0). The derivative is 1 where x > 0 and 0 elsewhere, including at exactly 0.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
    """

    def __init__(self) -> None:
        super().__init__()
        self._positive: Array | None = None

    def forward(self, x: Array) -> Array:
        """Replace negative elements with zero.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        x = checks.floats("ReLU", x)
        self._positive = np.greater(x, 0)
        return np.maximum(x, 0)

    def backward(self, dout: Array) -> Array:
        """Pass the gradient on where the input was positive.

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
        positive = checks.saved("ReLU", self._positive)
        dout = checks.upstream("ReLU", dout, positive.shape)
        dx: Array = dout * positive
        return dx
