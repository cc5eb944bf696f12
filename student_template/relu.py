"""ReLU: yours to write."""

import numpy as np

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

    def forward(self, x: Array) -> Array:
        """Replace negative elements with zero.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO ReLU.forward: replace negative elements with zero")

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
        raise NotImplementedError(
            "TODO ReLU.backward: pass the gradient on where the input was positive"
        )
