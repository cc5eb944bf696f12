"""Batch-last memory, and all windows of a batch of images.

Images have the shape (N, C, H, W) for the user but a convolution stores them as (C, H, W, N). The
same pixel of all images is then one contiguous run, so every operation on windows works on long
runs: copies, sums and maxima run at the speed of memory. Elementwise functions keep the memory
layout, so the layers of a network pass batch-last arrays to each other and nothing is copied.

Pooling treats every channel of every image alike, so it takes the images as they lie in memory,
batch-last or not: see `planes` and `pixels`.

The windows of a convolution or a pooling are a view of that memory, `v[c, i, j, oh, ow, n]`:
pixel (i, j) of the window for output (oh, ow). Nothing is copied to make it, and an image
gradient that is written through the same view goes to the right pixels.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike

from ..checks import Pair
from ..interfaces import Array
from .scratch import SCRATCH, cache_size

# The pixels of different images lie far apart, often by a multiple of 4096 bytes; a cache keeps
# only a few such lines at a time.
IMAGES_AT_A_TIME = 16
# Of large images, so many pixels of each are brought near each other first.
NEAR_PIXELS = 2048


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


def planes(x: Array, last: bool | None = None) -> Array:
    """Return (N, C, H, W) as (P, H, W, M), a view where the images are contiguous either way.

    Batch-last images are C planes of pixels of M = N numbers, all others N * C planes of pixels of
    M = 1 number. `last` says which of them to return; by default it depends on the memory of `x`.
    """
    moved = x.transpose(1, 2, 3, 0)
    if last or (last is None and moved.flags.c_contiguous):
        return moved
    N, C, H, W = x.shape
    return np.ascontiguousarray(x).reshape(N * C, H, W, 1)


def images(y: Array, N: int, C: int) -> Array:
    """Return (P, H, W, M) as (N, C, H, W), a view: the inverse of `planes`."""
    return batch_first(y) if len(y) == C else y.reshape(N, C, *y.shape[1:3])


def pad_planes(x: Array, padding: Pair, after: Pair, value: float = 0.0) -> Array:
    """Return (P, H, W, M) with rows and columns before and after, itself if there are none."""
    if padding == (0, 0) == after:
        return x
    P, H, W, M = x.shape
    xp = np.full((P, H + padding[0] + after[0], W + padding[1] + after[1], M), value, x.dtype)
    crop(xp, padding, after)[...] = x
    return xp


def pixels(
    xp: Array, kernel: Pair, stride: Pair, size: Pair
) -> tuple[tuple[int, ...], list[Array]]:
    """Return pixel (i, j) of every window of a (P, HP, WP, M), for each (i, j), as flat arrays.

    Every SH-th row and SW-th column is copied to an image of its own. There the windows move pixel
    by pixel, so that for all of them at once pixel (i, j) is that image from some element on: one
    contiguous run, on which numpy is several times faster than on every other element.

    Returns
    -------
    shape : tuple of int
        (P, at least OH, at least OW, M): how a flat array is to be read. What is beyond OH and OW
        is no window and means nothing, and the arrays may end with it.
    arrays : list of ndarray
        In row-major order of (i, j).
    """
    shape, parts, arrays = _thinned(xp.shape, kernel, stride, size, xp.dtype)
    for part, pixel in _same_pixels(parts, xp, stride):
        part[...] = pixel
    return shape, arrays


def add_to_pixels(dxp: Array, g: Array, kernel: Pair, stride: Pair) -> None:
    """Add a gradient (P, OH, OW, M) to all pixels of its windows: what `pixels` does, backwards."""
    size = g.shape[1], g.shape[2]
    shape, parts, arrays = _thinned(dxp.shape, kernel, stride, size, g.dtype)
    spread = SCRATCH.take("spread", shape, g.dtype)
    spread.fill(0)
    spread[:, : size[0], : size[1]] = g
    parts.fill(0)
    for pixel in arrays:
        pixel += spread.reshape(-1)[: pixel.size]
    for part, pixel in _same_pixels(parts, dxp, stride):
        pixel += part


def _thinned(
    image: tuple[int, ...],
    kernel: Pair,
    stride: Pair,
    size: Pair,
    dtype: DTypeLike,
) -> tuple[tuple[int, ...], Array, list[Array]]:
    """Return the shape of `pixels`, memory (SH, SW, *shape), and its arrays in that memory."""
    (KH, KW), (SH, SW), (P, _, _, M) = kernel, stride, image
    shape = P, size[0] + (KH - 1) // SH, size[1] + (KW - 1) // SW, M
    parts = SCRATCH.take("pixels", (min(KH, SH), min(KW, SW), *shape), dtype)
    flat = parts.reshape(*parts.shape[:2], math.prod(shape))
    starts = [(i % SH, j % SW, (i // SH * shape[2] + j // SW) * M) for i, j in np.ndindex(KH, KW)]
    return shape, parts, [flat[i, j, start:] for i, j, start in starts]


def _same_pixels(parts: Array, xp: Array, stride: Pair) -> Iterator[tuple[Array, Array]]:
    """Yield the parts, and the pixels of (P, HP, WP, M) that belong there."""
    for i, j in np.ndindex(parts.shape[:2]):
        pixel = xp[:, i :: stride[0], j :: stride[1]][:, : parts.shape[3], : parts.shape[4]]
        yield parts[i, j, :, : pixel.shape[1], : pixel.shape[2]], pixel


def pieces(shape: tuple[int, ...], size: int) -> Iterator[tuple[slice, slice]]:
    """Split (P, OH, OW, M) into pieces of some planes, or of some rows of one plane.

    With `size` bytes for each of its elements, a piece is twice the cache: half of it is read and
    written only once, and larger pieces need fewer calls (see `cache_size`).
    """
    P, OH, OW, M = shape
    most = max(1, 2 * cache_size() // (size * max(1, OW * M)))  # rows of a piece
    rows, count = min(OH, most), max(1, most // OH)
    for p in range(0, P, count):
        for r in range(0, OH, rows):
            yield slice(p, min(p + count, P)), slice(r, min(r + rows, OH))
