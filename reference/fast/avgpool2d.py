"""Average pooling by pixels: pixel (i, j) of every window at once, as one long array.

One pass over the arrays sums them; `backward` adds the same share of the gradient to each pixel.
See `windows` for the memory layout.
"""

import numpy as np

from .. import avgpool2d, checks
from ..checks import Pair
from ..interfaces import Array
from ..output_size import output_size
from .scratch import SCRATCH
from .windows import add_to_pixels, crop, images, pad_planes, pieces, pixels, planes, windows


class AvgPool2D(avgpool2d.AvgPool2D):
    """Average pooling, by pixels: see `reference.avgpool2d` for what it computes."""

    _share: tuple[tuple[int, ...], bool, Array] | None = None

    def forward(self, x: Array) -> Array:
        """Pool a batch of images."""
        x = checks.images("AvgPool2D", x)
        (N, C), after = x.shape[:2], self._after(x.shape[2:])
        size = output_size("AvgPool2D", x, self.kernel_size, self.stride, self.padding, after)
        share = (1 / self._count(x.shape[2:], size))[..., None].astype(x.dtype)  # (OH, OW, 1)
        xp = pad_planes(planes(x), self.padding, after)  # (P, HP, WP, M)
        y = np.empty((len(xp), *size, xp.shape[3]), x.dtype)
        for some, rows in pieces(y.shape, (self.stride[0] * self.stride[1] + 1) * x.itemsize):
            below = xp[some, rows.start * self.stride[0] :]
            inside = rows.stop - rows.start, size[1]
            shape, arrays = pixels(below, self.kernel_size, self.stride, inside)
            total = SCRATCH.take("sums", arrays[0].shape, x.dtype)
            np.copyto(total, arrays[0])
            with np.errstate(over="ignore", invalid="ignore"):  # in what is no window
                for pixel in arrays[1:]:
                    total[: pixel.size] += pixel
            sums = total.reshape(shape)[:, : inside[0], : inside[1]]
            np.multiply(sums, share[rows], out=y[some, rows])
        self._share = x.shape, len(xp) == C, share
        return images(y, N, C)

    def backward(self, dout: Array) -> Array:
        """Compute the gradient of the latest `forward`."""
        (N, C, H, W), last, share = checks.saved("AvgPool2D", self._share)
        OH, OW, _ = share.shape
        (PH, PW), (QH, QW) = self.padding, self._after((H, W))
        g = planes(checks.upstream("AvgPool2D", dout, (N, C, OH, OW)), last) * share
        dxp = np.zeros((len(g), H + PH + QH, W + PW + QW, g.shape[3]), g.dtype)
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        if KH <= SH and KW <= SW:  # every pixel is in one window or none
            dv = windows(dxp, self.kernel_size, self.stride, (OH, OW))
            for i, j in np.ndindex(KH, KW):
                dv[:, i, j] = g
        else:
            for some, rows in pieces(g.shape, (SH * SW + 1) * g.itemsize):
                block = dxp[some, rows.start * SH :]
                add_to_pixels(block, g[some, rows], self.kernel_size, self.stride)
        return images(crop(dxp, self.padding, (QH, QW)), N, C)

    def _count(self, image: tuple[int, ...], size: Pair) -> Array:
        """Return how many pixels each window's sum is divided by: (OH, OW)."""
        sides: list[Array] = []
        for axis in range(2):
            around = self.padding[axis] if self.count_include_pad else 0
            first = np.arange(size[axis]) * self.stride[axis] - self.padding[axis]
            end = np.minimum(first + self.kernel_size[axis], image[axis] + around)
            sides.append(end - np.maximum(first, -around))
        return np.outer(*sides).astype(np.float64)
