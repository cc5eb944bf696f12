"""GELU: each element times the probability that a normal number is below it."""

import math

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer

ERFC = np.frompyfunc(math.erfc, 1, 1)  # numpy has none


class GELU(Layer):
    """The Gaussian error linear unit.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        Whether to compute the formula itself, or one with tanh that is close to it.

    Notes
    -----
    y = x * P, where P is the share of a standard normal distribution below x, and with its density
    D the derivative is P + x * D::

        P = erfc(-x / sqrt(2)) / 2
        D = exp(-x**2 / 2) / sqrt(2 * pi)

    With "tanh", P and its derivative D are those of::

        P = (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2

    The output and the gradient have the dtype of the input.

    References
    ----------
    Hendrycks, Gimpel: Gaussian Error Linear Units, 2016, https://arxiv.org/abs/1606.08415
    https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate must be 'none' or 'tanh', got {approximate!r}")
        self.approximate = approximate
        self._slope: Array | None = None

    def forward(self, x: Array) -> Array:
        """Multiply each element by its share of the distribution.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        x = checks.floats("GELU", x)
        if self.approximate == "tanh":
            root = math.sqrt(2 / math.pi)
            tanh = np.tanh(root * (x + 0.044715 * x**3))
            share = (1 + tanh) / 2
            density = (1 - tanh**2) / 2 * root * (1 + 3 * 0.044715 * x**2)
        else:
            share = np.asarray(ERFC(-x / math.sqrt(2)), x.dtype) / 2
            density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
        self._slope = share + x * density
        y: Array = x * share
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
        slope = checks.saved("GELU", self._slope)
        dout = checks.upstream("GELU", dout, slope.shape)
        dx: Array = dout * slope
        return dx
