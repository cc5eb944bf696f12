"""Max pooling by slices.

Slice (i, j) of the view of all windows is pixel (i, j) of every window at once. One pass over the
slices keeps the maximum so far and which pixel it was; `backward` sends the gradient to that
pixel. See `windows` for the order of memory.
"""

import numpy as np

from . import checks
from .checks import Pair
from .interfaces import Array
from .layer import Layer
from .windows import batch_first, batch_last, crop, output_size, pad, windows


class MaxPool2D(Layer):
    """The maximum of each window of an image, channel by channel.

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of a window, KH and KW.
    stride : int or pair of int, optional
        Steps between windows, SH and SW; those of `kernel_size` if not given.
    padding : int or pair of int
        Rows (PH) and columns (PW) on each side of the image, at most half of the window.

    Notes
    -----
    ::

        y[n, c, oh, ow] = maximum over i, j of x[n, c, oh * SH + i, ow * SW + j]

    with OH = floor((H + 2 PH - KH) / SH) + 1 rows of output, and OW columns likewise.

    Padding counts as minus infinity: it is never the maximum. The gradient goes to the maximum of
    each window, on a tie to the first in row-major order; where windows overlap, it adds up.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = checks.pair("MaxPool2D", "kernel_size", kernel_size, 1)
        self.stride = (
            self.kernel_size if stride is None else checks.pair("MaxPool2D", "stride", stride, 1)
        )
        self.padding = checks.pair("MaxPool2D", "padding", padding, 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"MaxPool2D: padding must be at most half of kernel_size {self.kernel_size}, "
                f"got {self.padding}"
            )
        self._choice: tuple[tuple[int, ...], Array] | None = None

    def forward(self, x: Array) -> Array:
        """Take the maximum of each window.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, C, OH, OW)

        Raises
        ------
        ValueError
            If `x` has not 4 dimensions, or is smaller than a window when padded.
        """
        x = checks.images("MaxPool2D", x)
        size = output_size("MaxPool2D", x, self.kernel_size, self.stride, self.padding)
        v = windows(pad(x, self.padding, -np.inf), self.kernel_size, self.stride, size)
        pixels = list(np.ndindex(*self.kernel_size))
        y = v[:, 0, 0].copy()  # (C, OH, OW, N)
        choice = np.empty(y.shape, np.min_scalar_type(len(pixels)))
        choice[...] = _first_pixel(self.kernel_size, self.stride, self.padding, size)
        for k, (i, j) in enumerate(pixels[1:], start=1):
            larger = np.maximum(y, v[:, i, j])
            np.maximum(choice, (larger > y) * choice.dtype.type(k), out=choice)
            y = larger
        self._choice = x.shape, choice
        return batch_first(y)

    def backward(self, dout: Array) -> Array:
        """Send the gradient of each output to the pixel that was the maximum.

        Parameters
        ----------
        dout : ndarray of shape (N, C, OH, OW)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        (N, C, H, W), choice = checks.saved("MaxPool2D", self._choice)
        _, OH, OW, _ = choice.shape
        PH, PW = self.padding
        g = batch_last(checks.upstream("MaxPool2D", dout, (N, C, OH, OW)))
        dxp = np.zeros((C, H + 2 * PH, W + 2 * PW, N), g.dtype)
        dv = windows(dxp, self.kernel_size, self.stride, (OH, OW))
        overlap = any(k > s for k, s in zip(self.kernel_size, self.stride, strict=True))
        for k, (i, j) in enumerate(np.ndindex(*self.kernel_size)):
            if overlap:
                dv[:, i, j] += g * (choice == k)
            else:  # each pixel is written once
                np.multiply(g, choice == k, out=dv[:, i, j])
        return batch_first(crop(dxp, self.padding))


def _first_pixel(kernel: Pair, stride: Pair, padding: Pair, size: Pair) -> Array:
    """Return the number of the first pixel of each window that is not padding: (OH, OW, 1).

    It is the answer where all pixels are minus infinity, and no pixel is larger than padding.
    """
    i, j = (
        np.maximum(0, p - s * np.arange(o)) for p, s, o in zip(padding, stride, size, strict=True)
    )
    return (i[:, None] * kernel[1] + j)[..., None]
