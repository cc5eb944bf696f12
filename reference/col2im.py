"""Images from the columns of `im2col`: elements of windows that overlap are added up."""

import numpy as np

from . import checks
from .interfaces import Array


def col2im(
    columns: Array,
    shape: tuple[int, int, int, int],
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Array:
    """Add every element of the columns to the pixel that it came from.

    Parameters
    ----------
    columns : ndarray of shape (C * KH * KW, N * OH * OW)
        In the order of `im2col`.
    shape : tuple of int
        That of the images, (N, C, H, W).
    kernel_size : int or pair of int
        Height and width of a window, KH and KW.
    stride : int or pair of int
        Steps between windows, SH and SW.
    padding : int or pair of int
        Rows (PH) and columns (PW) of zeros that were on each side of an image.

    Returns
    -------
    ndarray of shape (N, C, H, W)
        0 in pixels that no window reaches. The dtype is that of `columns`.

    Raises
    ------
    ValueError
        If an argument is out of range, or the shape of `columns` is not that of the windows of
        such images.

    Notes
    -----
    It is the transpose of `im2col`, and no inverse: a pixel in several windows gets their sum,
    which is what the gradient of a convolution needs.
    """
    columns = checks.floats("col2im", columns)
    (N, C, H, W), (KH, KW) = shape, checks.pair("col2im", "kernel_size", kernel_size, 1)
    SH, SW = checks.pair("col2im", "stride", stride, 1)
    PH, PW = checks.pair("col2im", "padding", padding, 0)
    OH, OW = (H + 2 * PH - KH) // SH + 1, (W + 2 * PW - KW) // SW + 1
    if columns.shape != (C * KH * KW, N * OH * OW):
        raise ValueError(
            f"col2im: expected columns of shape {(C * KH * KW, N * OH * OW)} for images of shape "
            f"{shape}, got shape {columns.shape}"
        )

    parts = columns.reshape(C, KH, KW, N, OH, OW)
    padded = np.zeros((C, N, H + 2 * PH, W + 2 * PW), columns.dtype)
    for i, j in np.ndindex(KH, KW):  # where windows overlap, their elements add up
        rows = slice(i, i + SH * (OH - 1) + 1, SH)
        cols = slice(j, j + SW * (OW - 1) + 1, SW)
        padded[:, :, rows, cols] += parts[:, i, j]
    return padded[:, :, PH : PH + H, PW : PW + W].swapaxes(0, 1)  # (N, C, H, W)
