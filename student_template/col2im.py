"""col2im: yours to write."""

import numpy as np

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
    raise NotImplementedError(
        "TODO col2im: add every element of the columns to the pixel that it came from"
    )
