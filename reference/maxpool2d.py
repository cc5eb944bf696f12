"""Max pooling by slices.

Slice (i, j) of the view of all windows is pixel (i, j) of every window at once. One pass over the
slices keeps the maximum so far and which pixel it was; `backward` sends the gradient to that
pixel. Both go piece by piece, so that all passes over a piece find it in the cache. See `windows`
for the order of memory.
"""

import math

import numpy as np

from . import checks
from .checks import Pair
from .interfaces import Array
from .layer import Layer
from .scratch import Scratch
from .windows import batch_first, batch_last, crop, output_size, pad, pieces, windows


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
        self._scratch = Scratch()

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
        C, _, _, OH, OW, N = v.shape
        y = np.empty((C, OH, OW, N), x.dtype)
        choice = np.empty(y.shape, np.min_scalar_type(math.prod(self.kernel_size)))
        first = _first_pixel(self.kernel_size, self.stride, self.padding, size)
        first = np.broadcast_to(first.astype(choice.dtype), y.shape)
        for at in pieces(y.shape):
            self._pool(v[at[0], :, :, at[1]], y[at], choice[at], first[at])
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
        g = np.ascontiguousarray(batch_last(checks.upstream("MaxPool2D", dout, (N, C, OH, OW))))
        padded = H + 2 * PH, W + 2 * PW
        tiled = self.kernel_size == self.stride
        whole = tiled and padded == (OH * self.stride[0], OW * self.stride[1])
        dxp = (np.empty if whole else np.zeros)((C, *padded, N), g.dtype)
        dv = windows(dxp, self.kernel_size, self.stride, (OH, OW))
        overlap = any(k > s for k, s in zip(self.kernel_size, self.stride, strict=True))
        for at in pieces(choice.shape):
            hit = self._scratch.take("hit", choice[at].shape, np.bool_)
            part = self._scratch.take("part", choice[at].shape, g.dtype)
            for k, (i, j) in enumerate(np.ndindex(*self.kernel_size)):
                np.equal(choice[at], k, out=hit)
                pixels = dv[at[0], i, j, at[1]]
                if overlap:
                    pixels += np.multiply(g[at], hit, out=part)
                else:  # each pixel is written once
                    np.multiply(g[at], hit, out=pixels)
        return batch_first(crop(dxp, self.padding))

    def _pool(self, v: Array, y: Array, choice: Array, first: Array) -> None:
        """Write the maxima of a piece, and which pixels they were."""
        pixels = list(np.ndindex(*self.kernel_size))
        old, new = self._scratch.take("maxima", y.shape, y.dtype), y
        if len(pixels) % 2:  # they change places with each pixel but the first; the last goes to y
            old, new = new, old
        np.copyto(old, v[:, 0, 0])
        np.copyto(choice, first)
        larger = self._scratch.take("larger", y.shape, np.bool_)
        number = self._scratch.take("number", y.shape, choice.dtype)
        for k, (i, j) in enumerate(pixels[1:], start=1):
            np.maximum(old, v[:, i, j], out=new)
            np.greater(new, old, out=larger)
            old, new = new, old
            np.multiply(larger.view(np.uint8), choice.dtype.type(k), out=number)
            np.maximum(choice, number, out=choice)


def _first_pixel(kernel: Pair, stride: Pair, padding: Pair, size: Pair) -> Array:
    """Return the number of the first pixel of each window that is not padding: (OH, OW, 1).

    It is the answer where all pixels are minus infinity, and no pixel is larger than padding.
    """
    i, j = (
        np.maximum(0, p - s * np.arange(o)) for p, s, o in zip(padding, stride, size, strict=True)
    )
    return (i[:, None] * kernel[1] + j)[..., None]
