"""Upsample: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class Upsample(Layer):
    """Images with more rows and columns, in which every pixel is repeated.

    Parameters
    ----------
    scale_factor : int or pair of int
        How many rows (SH) and columns (SW) a pixel becomes.

    Notes
    -----
    ::

        y[n, c, i, j] = x[n, c, i // SH, j // SW]

    The gradient of a pixel is the sum over its block: each copy has passed it on. The output and
    the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html
    """

    def __init__(self, scale_factor: int | tuple[int, int]) -> None:
        super().__init__()
        self.scale_factor = checks.pair("Upsample", "scale_factor", scale_factor, 1)

    def forward(self, x: Array) -> Array:
        """Repeat every pixel.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, C, H * SH, W * SW)

        Raises
        ------
        ValueError
            If `x` does not have 4 dimensions.
        """
        raise NotImplementedError("TODO Upsample.forward: repeat every pixel")

    def backward(self, dout: Array) -> Array:
        """Add up the gradient over the block of each pixel.

        Parameters
        ----------
        dout : ndarray of shape (N, C, H * SH, W * SW)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        raise NotImplementedError(
            "TODO Upsample.backward: add up the gradient over the block of each pixel"
        )
