"""Average pooling by slices: slice (i, j) of the view of all windows is pixel (i, j) of each.

One pass over the slices sums them; `backward` adds the same share of the gradient to each. See
`windows` for the memory layout.
"""

import numpy as np

from .. import avgpool2d, checks
from ..checks import Pair
from ..interfaces import Array
from ..output_size import output_size
from .windows import batch_first, batch_last, crop, pad, windows


class AvgPool2D(avgpool2d.AvgPool2D):
    """Average pooling, by slices: see `reference.avgpool2d` for what it computes."""

    _share: tuple[tuple[int, ...], Array] | None = None

    def forward(self, x: Array) -> Array:
        """Pool a batch of images."""
        x = checks.images("AvgPool2D", x)
        after = self._after(x.shape[2:])
        size = output_size("AvgPool2D", x, self.kernel_size, self.stride, self.padding, after)
        v = windows(pad(x, self.padding, after=after), self.kernel_size, self.stride, size)
        y = v[:, 0, 0].copy()
        for i, j in list(np.ndindex(*self.kernel_size))[1:]:
            y += v[:, i, j]
        share = (1 / self._count(x.shape[2:], size))[..., None].astype(x.dtype)  # (OH, OW, 1)
        y *= share
        self._share = x.shape, share
        return batch_first(y)

    def backward(self, dout: Array) -> Array:
        """Compute the gradient of the latest `forward`."""
        (N, C, H, W), share = checks.saved("AvgPool2D", self._share)
        OH, OW, _ = share.shape
        (PH, PW), (QH, QW) = self.padding, self._after((H, W))
        g = batch_last(checks.upstream("AvgPool2D", dout, (N, C, OH, OW))) * share
        dxp = np.zeros((C, H + PH + QH, W + PW + QW, N), g.dtype)
        dv = windows(dxp, self.kernel_size, self.stride, (OH, OW))
        for i, j in np.ndindex(*self.kernel_size):
            dv[:, i, j] += g
        return batch_first(crop(dxp, self.padding, (QH, QW)))

    def _count(self, image: tuple[int, ...], size: Pair) -> Array:
        """Return how many pixels each window's sum is divided by: (OH, OW)."""
        sides: list[Array] = []
        for axis in range(2):
            around = self.padding[axis] if self.count_include_pad else 0
            first = np.arange(size[axis]) * self.stride[axis] - self.padding[axis]
            end = np.minimum(first + self.kernel_size[axis], image[axis] + around)
            sides.append(end - np.maximum(first, -around))
        return np.outer(*sides).astype(np.float64)
