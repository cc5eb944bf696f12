"""Batch-last memory, and one strided view of all windows of a batch of images.

Images have the shape (N, C, H, W) for the user but are stored as (C, H, W, N). The same pixel of
all images is then one contiguous run, so every operation on windows works on long runs: copies,
sums and maxima run at the speed of memory. Elementwise functions keep the memory layout, so the
layers of a network pass batch-last arrays to each other and nothing is copied.

The windows of a convolution or a pooling are a view of that memory, `v[c, i, j, oh, ow, n]`:
pixel (i, j) of the window for output (oh, ow). Nothing is copied to make it, and an image
gradient that is written through the same view goes to the right pixels.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..checks import Pair
from ..interfaces import Array

# The pixels of different images lie far apart, often by a multiple of 4096 bytes; a cache keeps
# only a few such lines at a time.
IMAGES_AT_A_TIME = 16
# Of large images, so many pixels of each are brought near each other first.
NEAR_PIXELS = 2048
# Elements of a piece of an output, which stays in the cache with its windows.
PIECE = 1 << 16


def batch_last(x: Array) -> Array:
    """Return (N, C, H, W) as (C, H, W, N) whose rows (W, N) are contiguous, if need be a copy."""
    moved = x.transpose(1, 2, 3, 0)
    if moved.strides[2:] == (len(x) * x.itemsize, x.itemsize):
        return moved
    result = np.empty(moved.shape, x.dtype)
    _copy_batch_last(x, result)
    return result


def batch_first(x: Array) -> Array:
    """Return (C, H, W, N) as (N, C, H, W), a view."""
    return x.transpose(3, 0, 1, 2)


def _copy_batch_last(x: Array, out: Array) -> None:
    """Copy (N, C, H, W) into (C, H, W, N)."""
    N, C, H, W = x.shape
    if N > IMAGES_AT_A_TIME and H * W >= NEAR_PIXELS and x.strides[3] == x.itemsize:
        rows = max(1, NEAR_PIXELS // W)
        odd = rows * W // 32 * 32 + 48  # so many lines apart: odd, or twice odd in float64
        memory = np.empty((N, odd), x.dtype)
        for c, h in np.ndindex(C, -(-H // rows)):
            at = slice(h * rows, (h + 1) * rows)
            near = memory[:, : x[0, c, at].size].reshape(N, -1, W)
            np.copyto(near, x[:, c, at])
            out[c, at] = near.transpose(1, 2, 0)
        return
    step = max(1, N) if x.strides[0] == x.itemsize else IMAGES_AT_A_TIME
    for n in range(0, N, step):
        out[..., n : n + step] = x[n : n + step].transpose(1, 2, 3, 0)


def pad(x: Array, padding: Pair, value: float = 0.0, after: Pair | None = None) -> Array:
    """Return (N, C, H, W) as a padded, contiguous (C, HP, WP, N).

    There are as many rows and columns after the image as before it, unless `after` says how many.
    """
    if padding == (0, 0) == (after or padding):
        return batch_last(x)
    N, C, H, W = x.shape
    PH, PW = np.add(padding, after or padding)
    xp = np.full((C, H + PH, W + PW, N), value, dtype=x.dtype)
    _copy_batch_last(x, crop(xp, padding, after))
    return xp


def crop(xp: Array, padding: Pair, after: Pair | None = None) -> Array:
    """Return the part of a (C, H, W, N) that is not padding, a view."""
    (PH, PW), (QH, QW) = padding, after or padding
    _, HP, WP, _ = xp.shape
    return xp[:, PH : HP - QH, PW : WP - QW]


def windows(xp: Array, kernel: Pair, stride: Pair, size: Pair, dilation: Pair = (1, 1)) -> Array:
    """Return all windows of a (C, HP, WP, N) as a view of shape (C, KH, KW, OH, OW, N).

    The pixels of a window are `dilation` rows and columns apart.
    """
    C, _, _, N = xp.shape
    c, h, w, n = xp.strides
    strides = (c, h * dilation[0], w * dilation[1], h * stride[0], w * stride[1], n)
    return as_strided(xp, (C, *kernel, *size, N), strides)


def pieces(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """Split (C, OH, OW, N) into pieces of about `PIECE` elements, some rows of some channels."""
    C, OH, OW, N = shape
    rows = min(OH, max(1, PIECE // max(1, OW * N)))
    channels = max(1, PIECE // max(1, rows * OW * N)) if rows == OH else 1
    for c in range(0, C, channels):
        for r in range(0, OH, rows):
            yield slice(c, c + channels), slice(r, r + rows)
