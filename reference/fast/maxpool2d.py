"""Max pooling by slices.

Slice (i, j) of the view of all windows is pixel (i, j) of every window at once. One pass over the
slices keeps the maximum so far and which pixel it was; `backward` passes the gradient to that
pixel. Both work piece by piece, so that all passes over a piece find it in the cache. See `windows`
for the memory layout.
"""

import math
from functools import cached_property

import numpy as np

from .. import checks, maxpool2d
from ..checks import Pair
from ..interfaces import Array
from ..output_size import output_size
from .scratch import Scratch
from .windows import batch_first, batch_last, crop, pad, pieces, windows


class MaxPool2D(maxpool2d.MaxPool2D):
    """Max pooling, by slices: see `reference.maxpool2d` for what it computes."""

    _choice: tuple[tuple[int, ...], Array] | None = None

    @cached_property
    def _scratch(self) -> Scratch:
        return Scratch()

    def forward(self, x: Array) -> Array:
        """Pool a batch of images."""
        x = checks.images("MaxPool2D", x)
        after = self._after(x.shape[2:])
        size = output_size("MaxPool2D", x, self.kernel_size, self.stride, self.padding, after)
        v = windows(pad(x, self.padding, -np.inf, after), self.kernel_size, self.stride, size)
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
        """Compute the gradient of the latest `forward`."""
        (N, C, H, W), choice = checks.saved("MaxPool2D", self._choice)
        _, OH, OW, _ = choice.shape
        (PH, PW), after = self.padding, self._after((H, W))
        g = np.ascontiguousarray(batch_last(checks.upstream("MaxPool2D", dout, (N, C, OH, OW))))
        padded = H + PH + after[0], W + PW + after[1]
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
        return batch_first(crop(dxp, self.padding, after))

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
