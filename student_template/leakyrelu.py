"""LeakyReLU: yours to write."""

import numpy as np

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

    def forward(self, x: Array) -> Array:
        """Multiply negative elements by the slope.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO LeakyReLU.forward: multiply negative elements by the slope")

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
        raise NotImplementedError(
            "TODO LeakyReLU.backward: multiply the gradient by the slope at each element"
        )
