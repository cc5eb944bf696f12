"""LeakyReLU: negative values become small."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class LeakyReLU(Layer):
    """Positive elements unchanged, negative ones times a small slope.

    Parameters
    ----------
    negative_slope : float
        What negative elements are multiplied by.

    Notes
    -----
    y = x where x > 0 and negative_slope * x elsewhere. The derivative at exactly 0 is the slope.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = float(negative_slope)
        self._slope: Array | None = None

    def forward(self, x: Array) -> Array:
        """Multiply negative elements by the slope.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        x = checks.floats("LeakyReLU", x)
        self._slope = np.where(x > 0, x.dtype.type(1), x.dtype.type(self.negative_slope))
        y: Array = x * self._slope
        return y

    def backward(self, dout: Array) -> Array:
        """Multiply the gradient by the slope at each element.

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
        slope = checks.saved("LeakyReLU", self._slope)
        dout = checks.upstream("LeakyReLU", dout, slope.shape)
        dx: Array = dout * slope
        return dx
