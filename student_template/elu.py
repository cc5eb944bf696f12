"""ELU: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class ELU(Layer):
    """Positive elements unchanged, negative ones through an exponential.

    Parameters
    ----------
    alpha : float
        How far below zero the output can go.

    Notes
    -----
    y = x where x > 0 and alpha * (exp(x) - 1) elsewhere. `expm1` computes exp(x) - 1 without losing
    the digits of a small x, and only negative elements reach it, so that nothing overflows. The
    derivative is 1 where x > 0, and alpha * exp(x) = y + alpha elsewhere, including at exactly 0.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = float(alpha)

    def forward(self, x: Array) -> Array:
        """Apply the exponential to negative elements.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO ELU.forward: apply the exponential to negative elements")

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
            "TODO ELU.backward: multiply the gradient by the slope at each element"
        )
