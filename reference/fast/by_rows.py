"""The matrix products of a convolution and of its gradients, row by row of the output.

All arrays are batch-last, and of one group of channels. The columns of a row are its windows,
written as a matrix with a column for each output; one product applies all filters to them.
`row_im2col` has the trick: the columns of neighbouring rows are the same memory, shifted.

For the gradients there are two ways. In general the columns are made again, which costs less than
keeping them, and their gradients are added to the image. Where windows move pixel by pixel there is
a shorter way: the gradient of the image is a convolution itself, and pixel (i, j) of all windows of
a row is contiguous memory, so that the gradient of weight[:, :, i, j] is a product without columns.
"""

from functools import cache

import numpy as np

from ..checks import Pair
from ..interfaces import Array
from .row_im2col import Geometry, by_row, column_blocks, gradient_blocks, strips
from .scratch import SCRATCH, cache_size
from .windows import batch_last, crop, pad, windows


def convolve(xp: Array, weight: Array, bias: Array | None, geometry: Geometry, y: Array) -> None:
    """Convolve (C, HP, WP, N) with filters (K, C, KH, KW) into y (K, OH, OW, N)."""
    matrix = _matrix(weight)
    width = _width(geometry.size[1] * xp.shape[3], matrix.size)
    for rows, columns in column_blocks(strips(xp, geometry), geometry):
        products = by_row(y[:, rows])  # (rows, K, OW*N), a view
        np.matmul(matrix, _split(columns, width), out=_split(products, width))
        if bias is not None:
            products += bias[:, None]


def backward_by_columns(
    xp: Array, dout: Array, weight: Array, geometry: Geometry, dxp: Array
) -> tuple[Array, Array]:
    """Add the gradient of the image to dxp (C, HP, WP, N); return those of weight and bias.

    `dout` is (N, K, OH, OW).
    """
    matrix = _matrix(weight)
    K, taps = matrix.shape
    ones = np.ones(geometry.size[1] * xp.shape[3], dout.dtype)
    db, dmatrix = np.zeros(K, dout.dtype), np.zeros((taps, K), np.result_type(dout, xp))
    row = max(1, taps * ones.size * dxp.itemsize)
    many = max(1, cache_size() // 2 // row)  # they share the cache with what they are added to
    products = SCRATCH.take("products", (many, taps, ones.size), dxp.dtype)
    for (rows, dcolumns), (_, columns) in zip(  # in this order, so that the first one ends
        gradient_blocks(strips(dxp, geometry), geometry),
        column_blocks(strips(xp, geometry), geometry),
        strict=True,
    ):
        g = by_row(batch_last(dout[:, :, rows]))  # (rows, K, OW*N)
        db += (g @ ones).sum(axis=0)
        for few in (slice(r, r + many) for r in range(0, len(g), many)):
            dmatrix += (columns[few] @ g[few].swapaxes(1, 2)).sum(axis=0)
            product = np.matmul(matrix.T, g[few], out=products[: len(g[few])])
            for dcolumn, of_row in zip(dcolumns[few], product, strict=True):
                dcolumn += of_row
    return _filters(dmatrix.T, weight.shape), db


def backward_by_pixels(
    xp: Array,
    dout: Array,
    weight: Array,
    geometry: Geometry,
    dx: Array,
    top: Pair,
) -> tuple[Array, Array]:
    """Write the gradient of the image to dx (C, H, W, N); return those of weight and bias.

    The stride is 1. `top` says how many rows and columns of padding go before `dout`
    (N, K, OH, OW), so that its convolution is dx.
    """
    turned = weight.swapaxes(0, 1)[:, :, ::-1, ::-1]  # (C, K, KH, KW)
    v = windows(xp, geometry.kernel, (1, 1), geometry.size, geometry.dilation)
    C, KH, KW, OH, OW, N = v.shape
    pixels = v.transpose(3, 1, 2, 0, 4, 5).reshape(OH, KH, KW, C, OW * N)  # a view still
    dweight = np.zeros((KH, KW, len(weight), C), np.result_type(dout, xp))
    db, ones = np.zeros(len(weight), dout.dtype), np.ones(OW * N, dout.dtype)
    _, H, W, _ = dx.shape
    more = geometry.dilation[0] * (KH - 1)  # rows of dout that a row of dx needs beside its own
    of_dx = geometry._replace(block=2 * cache_size())
    step = max(1, more, cache_size() // max(1, dout[0, :, 0].nbytes * N))
    done = 0
    for start in range(0, H, step):  # some rows at a time: they are copied, with padding
        stop = min(start + step, H)
        first, end = start - top[0], stop - top[0] + more
        low, high = max(0, first), min(OH, end)
        before = low - first, top[1]
        after = end - high, W + geometry.dilation[1] * (KW - 1) - OW - top[1]
        gp = pad(dout[:, :, low:high], before, after=after)
        convolve(gp, turned, None, of_dx._replace(size=(stop - start, W)), dx[:, start:stop])
        new = crop(gp, before, after)[:, done - low :]
        for g, row in zip(by_row(new), pixels[done:high], strict=True):
            dweight += g @ row.swapaxes(2, 3)  # (K, OW*N) by (KH, KW, OW*N, C)
            db += g @ ones
        done = high
    return dweight.transpose(2, 3, 0, 1), db


def _split(columns: Array, width: int) -> Array:
    """Return (rows, taps, OW*N) as (rows, parts, taps, width), a view."""
    rows, taps, _ = columns.shape
    return columns.reshape(rows, taps, -1, width).swapaxes(1, 2)


@cache
def _width(positions: int, matrix: int) -> int:
    """Return how many of OW*N positions a product with a matrix of so many elements has at a time.

    It divides their number. Where processors have AVX-512, OpenBLAS does products of at most a
    million multiplications without copying what is multiplied, in 0.75 to 0.9 of the time (its
    kernel/x86_64/sgemm_small_kernel_permit_skylakex.c). A product of fewer than 128 columns gains
    nothing.
    """
    most = 10**6 // max(1, matrix)
    return next((n for n in range(min(positions, most), 127, -1) if positions % n == 0), positions)


def _matrix(weight: Array) -> Array:
    """Return filters (K, C, KH, KW) as a matrix for columns, (K, KH*C*KW)."""
    K, C, KH, KW = weight.shape
    return weight.swapaxes(1, 2).reshape(K, KH * C * KW)


def _filters(matrix: Array, shape: tuple[int, ...]) -> Array:
    """Return a matrix as filters (K, C, KH, KW), a view."""
    K, C, KH, KW = shape
    return matrix.reshape(K, KH, C, KW).swapaxes(1, 2)
