"""Identity: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class Identity(Layer):
    """Returns what it is given: a placeholder, as for a branch that changes nothing.

    Notes
    -----
    y = x, and dx = dout. Both are copies: who writes into one of them does not change the other.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Return the elements as they are.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO Identity.forward: return the elements as they are")

    def backward(self, dout: Array) -> Array:
        """Return the gradient as it is.

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
        raise NotImplementedError("TODO Identity.backward: return the gradient as it is")
