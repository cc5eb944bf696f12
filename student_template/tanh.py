"""Tanh: yours to write."""

import numpy as np

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

    def forward(self, x: Array) -> Array:
        """Squash each element between -1 and 1.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO Tanh.forward: squash each element between -1 and 1")

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
        raise NotImplementedError(
            "TODO Tanh.backward: multiply the gradient by the slope of the curve"
        )
