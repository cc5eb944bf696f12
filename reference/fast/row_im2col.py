"""im2col row by row: the columns of a convolution in memory that the rows of its output share.

The columns of a convolution are its windows, side by side: a matrix with KH * C * KW rows and a
column for each output, whose product with the filters is the convolution. Plain im2col stores every
pixel in it KH * KW times.

A strip is one row of the image, KW times: for each column j of a window, the pixels that column j
sees as the window slides along the row, (C, KW, OW, N). The columns for row oh of the output are
the KH strips from oh * SH on. So if strips are contiguous in memory, the columns for one row are
already there, as a matrix with KH * C * KW rows of OW * N numbers; those for the next row are the
same memory, SH strips later. Every pixel is copied only KW times, and the matrix product is the
same.

The same view works for the gradient: gradients are added to the columns and so to the strips, and
then each strip is added to its row of the image, one column j at a time.
"""

from collections.abc import Iterator
from typing import NamedTuple

from numpy.lib.stride_tricks import as_strided

from ..checks import Pair
from ..interfaces import Array
from .scratch import SCRATCH, cache_size
from .windows import windows


class Geometry(NamedTuple):
    """Where the windows of a convolution are."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    size: Pair  # (OH, OW), how many there are
    block: int  # about how many bytes the strips of a block may have


def block_size(most: int) -> int:
    """Return the bytes of a block of strips, of at most so many.

    Best is twice the cache: with smaller blocks, the strips that two share are moved too often. It
    is at least half of the cache, even if that is more than the most.
    """
    return min(max(cache_size() // 2, most), 2 * cache_size())


def strips(xp: Array, geometry: Geometry) -> Array:
    """Return the strips of a (C, HP, WP, N) as a view of shape (HP, C, KW, OW, N)."""
    (_, KW), (_, SW), (_, DW), (_, OW), _ = geometry
    v = windows(xp, (1, KW), (1, SW), (xp.shape[1], OW), (1, DW))
    return v[:, 0].transpose(2, 0, 1, 3, 4)


def column_blocks(v: Array, geometry: Geometry) -> Iterator[tuple[slice, Array]]:
    """Copy strips block by block; yield rows of the output and their columns.

    The columns of each row are a matrix of shape (KH*C*KW, OW*N).
    """
    for rows, taken, kept, block in _blocks(v, geometry, "strips"):
        block[kept:] = v[taken][kept:]
        yield rows, _columns(block, geometry)


def gradient_blocks(dv: Array, geometry: Geometry) -> Iterator[tuple[slice, Array]]:
    """Yield rows of the output and columns to add gradients to, which then go to the strips `dv`.

    The columns of one row do not overlap; those of several do.
    """
    for rows, taken, kept, block in _blocks(dv, geometry, "gradients of strips"):
        block[kept:] = 0
        yield rows, _columns(block, geometry)
        done = len(block) if rows.stop == geometry.size[0] else len(block) - _shared(geometry)
        for j in range(dv.shape[2]):  # the strips of a row overlap, those of one j do not
            dv[taken][:done, :, j] += block[:done, :, j]


def by_row(y: Array) -> Array:
    """Return rows of a (K, OH, OW, N) as (OH, K, OW*N), a view."""
    K, OH, OW, N = y.shape
    return y.reshape(K, OH, OW * N).swapaxes(0, 1)


def _blocks(v: Array, geometry: Geometry, name: str) -> Iterator[tuple[slice, slice, int, Array]]:
    """Yield rows of the output, the strips for them, and memory for these strips.

    The first of a block's strips are the last of the block before, and so many are in the memory.
    """
    (KH, _), (SH, _), (DH, _), (OH, _), size = geometry
    fitting = size // max(1, v[0].nbytes)
    # With a dilation, the strips of a row are not neighbours: then each row is a block.
    step = max(1, min(OH, (fitting - KH) // SH + 1)) if DH == 1 else 1
    memory = SCRATCH.take(name, ((step - 1) * SH + KH, *v.shape[1:]), v.dtype)
    kept, shared = 0, _shared(geometry)
    for start in range(0, OH, step):
        stop = min(start + step, OH)
        block = memory[: (stop - 1 - start) * SH + KH]
        yield (
            slice(start, stop),
            slice(start * SH, (stop - 1) * SH + DH * (KH - 1) + 1, DH),
            kept,
            block,
        )
        kept = shared
        for strip in range(kept):  # one by one: all at once, numpy would copy them twice
            memory[strip] = block[len(block) - kept + strip]


def _shared(geometry: Geometry) -> int:
    """Return how many strips two neighbouring rows share, as neighbours in memory."""
    (KH, _), (SH, _), (DH, _), _, _ = geometry
    return max(0, KH - SH) if DH == 1 else 0


def _columns(block: Array, geometry: Geometry) -> Array:
    """Return all columns of strips that lie one after the other: (rows, KH*C*KW, OW*N), a view."""
    count, C, KW, OW, N = block.shape
    KH, SH = geometry.kernel[0], geometry.stride[0]
    shape = (count - KH) // SH + 1, KH * C * KW, OW * N
    size = block.itemsize
    return as_strided(block, shape, (SH * C * KW * OW * N * size, OW * N * size, size))
