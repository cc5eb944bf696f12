"""im2col: yours to write."""

import numpy as np

from .interfaces import Array


def im2col(
    x: Array,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Array:
    """Return the windows of a batch of images, each as a column.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    kernel_size : int or pair of int
        Height and width of a window, KH and KW.
    stride : int or pair of int
        Steps between windows, SH and SW.
    padding : int or pair of int
        Rows (PH) and columns (PW) of zeros on each side of an image.

    Returns
    -------
    ndarray of shape (C * KH * KW, N * OH * OW)
        The rows go through channels, then rows and columns of a window; the columns through
        samples, then rows and columns of the output of a convolution. The dtype is that of `x`.

    Raises
    ------
    ValueError
        If an argument is out of range, or `x` does not have 4 dimensions or is smaller than a
        window even when padded.

    Notes
    -----
    With filters of shape (K, C, KH, KW), ``filters.reshape(K, -1) @ im2col(x, (KH, KW))`` has the
    outputs of their convolution.
    """
    raise NotImplementedError(
        "TODO im2col: return the windows of a batch of images, each as a column"
    )
