"""Global max pooling: the strongest response in each channel."""

import numpy as np

from . import checks
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
        self._choice: tuple[tuple[int, ...], Array] | None = None

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
        x = checks.images("GlobalMaxPool2D", x)
        if 0 in x.shape[2:]:
            raise ValueError(f"GlobalMaxPool2D: expected at least one pixel, got shape {x.shape}")
        flat = x.reshape(*x.shape[:2], -1)
        choice = flat.argmax(axis=2)[..., None]  # (N, C, 1)
        self._choice = x.shape, choice
        return np.take_along_axis(flat, choice, axis=2)[..., 0]

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
        (N, C, H, W), choice = checks.saved("GlobalMaxPool2D", self._choice)
        dout = checks.upstream("GlobalMaxPool2D", dout, (N, C))
        dx = np.zeros((N, C, H * W), dout.dtype)
        np.put_along_axis(dx, choice, dout[..., None], axis=2)
        return dx.reshape(N, C, H, W)
