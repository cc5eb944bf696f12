"""SiLU: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class SiLU(Layer):
    """The sigmoid-weighted linear unit, also called swish.

    Notes
    -----
    y = x * s with s = 1 / (1 + exp(-x)), computed as (1 + tanh(x / 2)) / 2, which overflows for no
    x. The derivative is s + x * s * (1 - s).

    The output and the gradient have the dtype of the input.

    References
    ----------
    Elfwing, Uchibe, Doya: Sigmoid-weighted linear units, 2018, https://arxiv.org/abs/1702.03118
    https://docs.pytorch.org/docs/stable/generated/torch.nn.SiLU.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Multiply each element by its sigmoid.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO SiLU.forward: multiply each element by its sigmoid")

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
            "TODO SiLU.backward: multiply the gradient by the slope of the curve"
        )
