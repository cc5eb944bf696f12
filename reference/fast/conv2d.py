"""Convolution as matrix products over columns that share memory.

The columns of a row of the output are its windows, written as a matrix with a column for each
output; one product applies all filters to them. `row_im2col` has the trick: the columns of
neighbouring rows are the same memory, shifted. `backward` makes the columns again, which costs less
than keeping them. See `windows` for the memory layout.

A kernel that is so large that the Fourier transform is faster is left to `by_fft`.
"""

from functools import cached_property

import numpy as np

from .. import checks, conv2d
from ..interfaces import Array
from ..output_size import output_size
from .by_fft import Transformed, is_worth_it
from .row_im2col import BLOCK, Geometry, by_row, column_blocks, gradient_blocks, strips
from .scratch import Scratch
from .windows import batch_first, batch_last, crop, pad

# Elements of the products of a few rows, which share the cache with what they are added to.
PRODUCT = 1 << 17


class Conv2D(conv2d.Conv2D):
    """Convolution, by rows: see `reference.conv2d` for what it computes."""

    _padded: tuple[Array, Geometry] | None = None
    _transformed: Transformed | None = None

    @cached_property
    def _scratch(self) -> Scratch:
        return Scratch()

    def forward(self, x: Array) -> Array:
        """Convolve a batch of images."""
        x = checks.images("Conv2D", x, self.in_channels)
        size = output_size("Conv2D", x, self.extent, self.stride, self.padding, self.after)
        self._transformed = None
        if self._suits_fft(size) and np.isfinite(x).all():  # which an infinity would fill with nan
            return self._forward_by_fft(x)
        xp = pad(x, self.padding, after=self.after)
        y = np.empty((self.out_channels, *size, len(x)), np.result_type(x, self.params["weight"]))
        block = min(max(BLOCK[0], (xp.size + y.size) // 4), BLOCK[1])
        geometry = Geometry(self.kernel_size, self.stride, self.dilation, size, block)
        v = strips(xp, geometry)
        for ins, outs in self._parts():
            weight = _matrix(self.params["weight"][outs])
            for rows, columns in column_blocks(v[:, ins], geometry, self._scratch):
                products = by_row(y[outs, rows])  # (rows, K, OW*N), a view
                np.matmul(weight, columns, out=products)
                if "bias" in self.params:
                    products += self.params["bias"][outs, None]
        self._padded = xp, geometry
        return batch_first(y)

    def backward(self, dout: Array) -> Array:
        """Compute the gradients of the latest `forward`."""
        if self._transformed is not None:
            return self._backward_by_fft(dout, self._transformed)
        xp, geometry = checks.saved("Conv2D", self._padded)
        N, weight = xp.shape[3], self.params["weight"]
        dout = checks.upstream("Conv2D", dout, (N, self.out_channels, *geometry.size))
        ones = np.ones(geometry.size[1] * N, dout.dtype)
        db = np.zeros(self.out_channels, dout.dtype)
        dweight = np.empty(weight.shape, np.result_type(dout, xp))
        dxp = np.zeros(xp.shape, np.result_type(dout, weight))
        v, dv = strips(xp, geometry), strips(dxp, geometry)
        for ins, outs in self._parts():
            matrix = _matrix(weight[outs])
            dmatrix = np.zeros(matrix.T.shape, dweight.dtype)
            many = max(1, PRODUCT // (matrix.shape[1] * max(1, ones.size)))
            shape = (many, matrix.shape[1], ones.size)
            products = self._scratch.take("products", shape, dxp.dtype)
            for (rows, dcolumns), (_, columns) in zip(  # in this order, so that the first one ends
                gradient_blocks(dv[:, ins], geometry, self._scratch),
                column_blocks(v[:, ins], geometry, self._scratch),
                strict=True,
            ):
                g = by_row(batch_last(dout[:, outs, rows]))  # (rows, K, OW*N)
                db[outs] += (g @ ones).sum(axis=0)
                for few in (slice(r, r + many) for r in range(0, len(g), many)):
                    dmatrix += (columns[few] @ g[few].swapaxes(1, 2)).sum(axis=0)
                    product = np.matmul(matrix.T, g[few], out=products[: len(g[few])])
                    for dcolumn, of_row in zip(dcolumns[few], product, strict=True):
                        dcolumn += of_row
            dweight[outs] = _filters(dmatrix.T, weight[outs].shape)
        self.grads["weight"] = dweight
        if "bias" in self.params:
            self.grads["bias"] = db
        return batch_first(crop(dxp, self.padding, self.after))

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


def _matrix(weight: Array) -> Array:
    """Return filters (K, C, KH, KW) as a matrix for columns, (K, KH*C*KW)."""
    K, C, KH, KW = weight.shape
    return weight.swapaxes(1, 2).reshape(K, KH * C * KW)


def _filters(matrix: Array, shape: tuple[int, ...]) -> Array:
    """Return a matrix as filters (K, C, KH, KW), a view."""
    K, C, KH, KW = shape
    return matrix.reshape(K, KH, C, KW).swapaxes(1, 2)
