"""SiLU: each element times its own sigmoid."""

import numpy as np

from . import checks
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
        self._slope: Array | None = None

    def forward(self, x: Array) -> Array:
        """Multiply each element by its sigmoid.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        x = checks.floats("SiLU", x)
        half = x.dtype.type(0.5)
        s = half * (1 + np.tanh(half * x))
        self._slope = s + x * s * (1 - s)
        y: Array = x * s
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
        slope = checks.saved("SiLU", self._slope)
        dout = checks.upstream("SiLU", dout, slope.shape)
        dx: Array = dout * slope
        return dx
