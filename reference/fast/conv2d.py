"""Convolution as matrix products over columns that share memory, row by row of the output.

`by_rows` has the products, `windows` the memory layout. A kernel that is so large that the Fourier
transform is faster is left to `by_fft`. For the gradients `by_rows` has two ways; which one is
faster depends on the channels, see `CHANNELS`.
"""

import numpy as np

from .. import checks, conv2d
from ..interfaces import Array
from ..output_size import output_size
from .by_fft import Transformed, is_worth_it
from .by_rows import backward_by_columns, backward_by_pixels, convolve
from .row_im2col import Geometry, block_size
from .windows import batch_first, crop, pad

CHANNELS, FILTERS = 4, 2
"""With so many channels or more, and at most so many filters for each, pixels beat columns.

The time of `backward_by_pixels` as a multiple of that of `backward_by_columns`, float32 | float64,
measured with one thread on an AMD EPYC with 1 MB of L2:

=====  =====  =================  =================  =================
C      K      3x3 on 32x28x28    5x5 on 32x28x28    3x3 on 64x7x7
=====  =====  =================  =================  =================
1      8      1.46 | 1.49        1.46 | 1.52        1.18 | 1.18
4      8      0.70 | 0.59        0.51 | 0.47        0.88 | 0.74
8      8      0.59 | 0.49        0.42 | 0.45        0.67 | 0.52
8      16     0.75 | 0.75        0.71 | 0.75        0.78 | 0.65
8      32     1.02 | 1.09        1.21 | 1.14        1.12 | 1.09
64     16     0.51 | 0.44        0.41 | 0.34        0.48 | 0.42
64     64     0.92 | 0.83        0.95 | 0.82        0.89 | 0.80
64     128    1.00 | 1.03        1.10 | 1.01        0.98 | 0.97
32     128    1.20 | 1.20        1.30 | 1.28        1.07 | 1.13
=====  =====  =================  =================  =================
"""


class Conv2D(conv2d.Conv2D):
    """Convolution, by rows: see `reference.conv2d` for what it computes."""

    _padded: tuple[Array, Geometry] | None = None
    _transformed: Transformed | None = None

    def forward(self, x: Array) -> Array:
        """Convolve a batch of images."""
        x = checks.images("Conv2D", x, self.in_channels)
        size = output_size("Conv2D", x, self.extent, self.stride, self.padding, self.after)
        self._transformed = None
        if self._suits_fft(size) and np.isfinite(x).all():  # which an infinity would fill with nan
            return self._forward_by_fft(x)
        xp = pad(x, self.padding, after=self.after)
        weight, bias = self.params["weight"], self.params.get("bias")
        y = np.empty((self.out_channels, *size, len(x)), np.result_type(x, weight))
        # With the padding, a forward needs a quarter of input and output beside them.
        block = block_size((x.nbytes + y.nbytes) // 4 - (xp.nbytes - x.nbytes))
        geometry = Geometry(self.kernel_size, self.stride, self.dilation, size, block)
        for ins, outs in self._parts():
            b = None if bias is None else bias[outs]
            convolve(xp[ins], weight[outs], b, geometry, y[outs])
        self._padded = xp, geometry
        return batch_first(y)

    def backward(self, dout: Array) -> Array:
        """Compute the gradients of the latest `forward`."""
        if self._transformed is not None:
            return self._backward_by_fft(dout, self._transformed)
        xp, geometry = checks.saved("Conv2D", self._padded)
        (C, HP, WP, N), weight = xp.shape, self.params["weight"]
        dout = checks.upstream("Conv2D", dout, (N, self.out_channels, *geometry.size))
        dweight = np.empty(weight.shape, np.result_type(dout, xp))
        db = np.empty(self.out_channels, dout.dtype)
        dtype = np.result_type(dout, weight)
        if self._suits_pixels():
            (EH, EW), (PH, PW), (QH, QW) = self.extent, self.padding, self.after
            dx = np.empty((C, HP - PH - QH, WP - PW - QW, N), dtype)
            top = EH - 1 - PH, EW - 1 - PW
            for ins, outs in self._parts():
                dweight[outs], db[outs] = backward_by_pixels(
                    xp[ins], dout[:, outs], weight[outs], geometry, dx[ins], top
                )
        else:
            dxp = np.zeros(xp.shape, dtype)
            for ins, outs in self._parts():
                dweight[outs], db[outs] = backward_by_columns(
                    xp[ins], dout[:, outs], weight[outs], geometry, dxp[ins]
                )
            dx = crop(dxp, self.padding, self.after)
        self.grads["weight"] = dweight
        if "bias" in self.params:
            self.grads["bias"] = db
        return batch_first(dx)

    def _suits_pixels(self) -> bool:
        inside = np.maximum(self.padding, self.after) < self.extent  # every window meets the image
        return (
            self.stride == (1, 1)
            and bool(inside.all())
            and self.in_channels >= CHANNELS * self.groups
            and self.out_channels <= FILTERS * self.in_channels
        )

    def _suits_fft(self, size: tuple[int, int]) -> bool:
        if (self.stride, self.dilation, self.groups) != ((1, 1), (1, 1), 1):
            return False
        (OH, OW), (KH, KW) = size, self.kernel_size
        return is_worth_it(self.kernel_size, size, (OH + KH - 1, OW + KW - 1))

    def _forward_by_fft(self, x: Array) -> Array:
        around = zip(self.padding, self.after, strict=True)
        self._transformed = Transformed(np.pad(x, ((0, 0), (0, 0), *around)), self.kernel_size)
        y = self._transformed.forward(self.params["weight"])
        if "bias" in self.params:
            y += self.params["bias"][:, None, None]
        return y

    def _backward_by_fft(self, dout: Array, images: Transformed) -> Array:
        (HP, WP), (KH, KW) = images.padded, self.kernel_size
        shape = images.count, self.out_channels, HP - KH + 1, WP - KW + 1
        dout = checks.upstream("Conv2D", dout, shape)
        dxp, self.grads["weight"] = images.backward(dout, self.params["weight"])
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        (PH, PW), (QH, QW) = self.padding, self.after
        return dxp[:, :, PH : HP - QH, PW : WP - QW]

    def _parts(self) -> list[tuple[slice, slice]]:
        """Return the input and the output channels of each group."""
        C, K = self.in_channels // self.groups, self.out_channels // self.groups
        return [(slice(g * C, g * C + C), slice(g * K, g * K + K)) for g in range(self.groups)]
