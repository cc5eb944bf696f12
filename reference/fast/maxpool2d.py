"""Max pooling by pixels: pixel (i, j) of every window at once, as one long array.

One pass over the arrays keeps the maximum so far and which pixel it was; `backward` passes the
gradient to that pixel. Both work piece by piece, so that all passes over a piece find it in the
cache, and leave the images in the memory layout in which they come: see `windows`.
"""

import math
from functools import lru_cache

import numpy as np

from .. import checks, maxpool2d
from ..checks import Pair
from ..interfaces import Array
from ..output_size import output_size
from .scratch import SCRATCH
from .windows import crop, images, pad_planes, pieces, pixels, planes


class MaxPool2D(maxpool2d.MaxPool2D):
    """Max pooling, by pixels: see `reference.maxpool2d` for what it computes."""

    _choice: tuple[tuple[int, ...], Array] | None = None

    def forward(self, x: Array) -> Array:
        """Pool a batch of images."""
        x = checks.images("MaxPool2D", x)
        (N, C), after = x.shape[:2], self._after(x.shape[2:])
        size = output_size("MaxPool2D", x, self.kernel_size, self.stride, self.padding, after)
        xp = pad_planes(planes(x), self.padding, after, -np.inf)  # (P, HP, WP, M)
        y = np.empty((len(xp), *size, xp.shape[3]), x.dtype)
        choice = np.empty(y.shape, np.min_scalar_type(math.prod(self.kernel_size)))
        kept = min(self.kernel_size[0], self.stride[0]) * min(self.kernel_size[1], self.stride[1])
        for some, rows in pieces(y.shape, (kept + 2) * x.itemsize):
            below = xp[some, rows.start * self.stride[0] :]
            y[some, rows], choice[some, rows] = self._pool(
                below, (rows.stop - rows.start, size[1]), choice.dtype
            )
        if self.padding != (0, 0):
            first = _first_pixel(self.kernel_size, self.stride, self.padding, size)
            np.maximum(choice, first.astype(choice.dtype), out=choice)
        self._choice = x.shape, choice
        return images(y, N, C)

    def _pool(self, xp: Array, size: Pair, dtype: np.dtype) -> tuple[Array, Array]:
        """Return the maxima of a piece, and which pixels they are: (P, OH, OW, M)."""
        take = SCRATCH.take
        shape, arrays = pixels(xp, self.kernel_size, self.stride, size)
        best = take("maxima", arrays[0].shape, xp.dtype)
        choice, number = take("choice", best.shape, dtype), take("number", best.shape, dtype)
        larger = take("larger", best.shape, np.bool_)
        np.copyto(best, arrays[0])
        choice.fill(0)
        for k, pixel in enumerate(arrays[1:], start=1):
            to = slice(pixel.size)
            np.greater(pixel, best[to], out=larger[to])
            np.maximum(pixel, best[to], out=best[to])
            np.multiply(larger[to].view(np.uint8), dtype.type(k), out=number[to])
            np.maximum(choice[to], number[to], out=choice[to])
        windows = np.s_[:, : size[0], : size[1]]
        return best.reshape(shape)[windows], choice.reshape(shape)[windows]

    def backward(self, dout: Array) -> Array:
        """Compute the gradient of the latest `forward`."""
        (N, C, H, W), choice = checks.saved("MaxPool2D", self._choice)
        P, OH, OW, M = choice.shape
        (KH, KW), (SH, SW), (PH, PW) = self.kernel_size, self.stride, self.padding
        QH, QW = self._after((H, W))
        g = planes(checks.upstream("MaxPool2D", dout, (N, C, OH, OW)), last=P == C)
        dxp = np.empty((P, H + PH + QH, W + PW + QW, M), g.dtype)
        overlap = KH > SH or KW > SW
        for some, rows in pieces(choice.shape, 8 * (SH * SW + 3)):
            last = rows.stop == OH
            stop = dxp.shape[1] if last else (rows.stop - 1) * SH + max(KH, SH)
            block = dxp[some, rows.start * SH : stop]  # contiguous
            first, steps = _numbers(
                block.shape, self.kernel_size, self.stride, (rows.stop - rows.start, OW)
            )
            pixel = steps.take(choice[some, rows])
            pixel += first
            if overlap:  # a pixel may be the maximum of several windows
                sums = np.bincount(pixel.ravel(), g[some, rows].ravel(), block.size)
                sums = sums.reshape(block.shape)
                if rows.start:  # the first rows have sums of the piece before
                    shared = max(0, KH - SH)
                    sums[:, :shared] += block[:, :shared]
                block[...] = sums
            else:
                block.fill(0)
                block.reshape(-1)[pixel] = g[some, rows]
        return images(crop(dxp, self.padding, (QH, QW)), N, C)


def _first_pixel(kernel: Pair, stride: Pair, padding: Pair, size: Pair) -> Array:
    """Return the number of the first pixel of each window that is not padding: (OH, OW, 1).

    It is the answer where all pixels are minus infinity, and no pixel is larger than padding.
    """
    i, j = (
        np.maximum(0, p - s * np.arange(o)) for p, s, o in zip(padding, stride, size, strict=True)
    )
    return (i[:, None] * kernel[1] + j)[..., None]


@lru_cache(maxsize=16)
def _numbers(block: tuple[int, ...], kernel: Pair, stride: Pair, size: Pair) -> tuple[Array, Array]:
    """Return where windows begin in a flat (P, H, W, M), and what to add for each of their pixels.

    Returns
    -------
    first : ndarray of int of shape (P, OH, OW, M)
    steps : ndarray of int of shape (KH * KW,)
    """
    numbers = np.arange(math.prod(block)).reshape(block)
    first = numbers[:, :: stride[0], :: stride[1]][:, : size[0], : size[1]].copy()
    return first, numbers[0, : kernel[0], : kernel[1], 0].ravel()
