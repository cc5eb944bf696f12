"""GELU: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


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

    def forward(self, x: Array) -> Array:
        """Multiply each element by its share of the distribution.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError(
            "TODO GELU.forward: multiply each element by its share of the distribution"
        )

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
            "TODO GELU.backward: multiply the gradient by the slope of the curve"
        )
