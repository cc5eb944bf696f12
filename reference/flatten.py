"""Flatten: from images to vectors."""

import math

from . import checks
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
        self._shape: tuple[int, ...] | None = None

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
        x = checks.floats("Flatten", x)
        if x.ndim < 2:
            raise ValueError(f"Flatten: expected 2 dimensions or more, got shape {x.shape}")
        self._shape = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))

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
        shape = checks.saved("Flatten", self._shape)
        dout = checks.upstream("Flatten", dout, (shape[0], math.prod(shape[1:])))
        return dout.reshape(shape)
