"""GlobalMaxPool2D: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class GlobalMaxPool2D(Layer):
    """The maximum of each channel of an image: (N, C, H, W) becomes (N, C).

    Notes
    -----
    y[n, c] = maximum over h, w of x[n, c, h, w]. The gradient goes to that pixel, on a tie to the
    first in row-major order.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Take the maximum of each channel.

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
        raise NotImplementedError("TODO GlobalMaxPool2D.forward: take the maximum of each channel")

    def backward(self, dout: Array) -> Array:
        """Pass the gradient of each channel to the pixel that was the maximum.

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
            "TODO GlobalMaxPool2D.backward: pass the gradient of each channel to the pixel that "
            "was the maximum"
        )
