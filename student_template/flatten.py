"""Flatten: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class Flatten(Layer):
    """Merge all axes except the first.

    Notes
    -----
    (N, ...) becomes (N, D), where D is the product of the other sizes, in C order: the last axis
    varies fastest, whatever the memory layout. Values and dtype stay the same.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Flatten each sample.

        Parameters
        ----------
        x : ndarray of shape (N, ...), with at least 2 dimensions

        Returns
        -------
        y : ndarray of shape (N, D)

        Raises
        ------
        ValueError
            If `x` has fewer than 2 dimensions.
        """
        raise NotImplementedError("TODO Flatten.forward: flatten each sample")

    def backward(self, dout: Array) -> Array:
        """Reshape the gradient to the shape of the input.

        Parameters
        ----------
        dout : ndarray of shape (N, D)

        Returns
        -------
        dx : ndarray of shape (N, ...)

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        raise NotImplementedError(
            "TODO Flatten.backward: reshape the gradient to the shape of the input"
        )
