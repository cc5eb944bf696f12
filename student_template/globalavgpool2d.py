"""GlobalAvgPool2D: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class GlobalAvgPool2D(Layer):
    """The mean of each channel of an image: (N, C, H, W) becomes (N, C).

    Notes
    -----
    y[n, c] = sum over h, w of x[n, c, h, w] / (H W). Each pixel has the same weight.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Take the mean of each channel.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, C)

        Raises
        ------
        ValueError
            If `x` does not have 4 dimensions, or has no pixels.
        """
        raise NotImplementedError("TODO GlobalAvgPool2D.forward: take the mean of each channel")

    def backward(self, dout: Array) -> Array:
        """Spread the gradient of each channel evenly over its pixels.

        Parameters
        ----------
        dout : ndarray of shape (N, C)

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
            "TODO GlobalAvgPool2D.backward: spread the gradient of each channel evenly over its "
            "pixels"
        )
