"""The windows of images as columns of a matrix: its product with filters is a convolution."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import checks
from .interfaces import Array
from .output_size import output_size


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
    x = checks.images("im2col", x)
    kernel = KH, KW = checks.pair("im2col", "kernel_size", kernel_size, 1)
    steps = SH, SW = checks.pair("im2col", "stride", stride, 1)
    zeros = PH, PW = checks.pair("im2col", "padding", padding, 0)
    OH, OW = output_size("im2col", x, kernel, steps, zeros)
    N, C = x.shape[:2]

    xp = np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)))  # (N, C, HP, WP)
    windows = sliding_window_view(xp, kernel, axis=(2, 3))[:, :, ::SH, ::SW]
    columns = windows.transpose(1, 4, 5, 0, 2, 3).copy()  # (C, KH, KW, N, OH, OW)
    return columns.reshape(C * KH * KW, N * OH * OW)
