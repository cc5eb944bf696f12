"""Max pooling: all windows side by side, and the first maximum of each.

`fast.maxpool2d` does the same arithmetic with fewer copies.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import checks
from .interfaces import Array
from .layer import Layer
from .output_size import output_size, padding_after


class MaxPool2D(Layer):
    """The maximum of each window of an image, channel by channel.

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of a window, KH and KW.
    stride : int or pair of int, optional
        Steps between windows, SH and SW; by default `kernel_size`.
    padding : int or pair of int
        Rows (PH) and columns (PW) on each side of the image, at most half of the window.
    ceil_mode : bool
        Whether a last window that does not fit counts too, unless it begins behind the image.

    Notes
    -----
    ::

        y[n, c, oh, ow] = maximum over i, j of x[n, c, oh * SH + i, ow * SW + j]

    with OH = floor((H + 2 PH - KH) / SH) + 1 rows of output, and OW columns likewise; in
    `ceil_mode` the quotient is rounded up, and OH is 1 less if the last window would begin behind
    the image.

    Padding counts as minus infinity: it is never the maximum. The gradient goes to the maximum of
    each window, on a tie to the first in row-major order; where windows overlap, gradients are
    summed.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = checks.pair("MaxPool2D", "kernel_size", kernel_size, 1)
        self.stride = (
            self.kernel_size if stride is None else checks.pair("MaxPool2D", "stride", stride, 1)
        )
        self.padding = checks.pair("MaxPool2D", "padding", padding, 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"MaxPool2D: padding must be at most half of kernel_size {self.kernel_size}, "
                f"got {self.padding}"
            )
        self.ceil_mode = bool(ceil_mode)
        self._saved: tuple[tuple[int, ...], Array] | None = None

    def forward(self, x: Array) -> Array:
        """Take the maximum of each window.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, C, OH, OW)

        Raises
        ------
        ValueError
            If `x` does not have 4 dimensions, or is smaller than a window even when padded.
        """
        x = checks.images("MaxPool2D", x)
        after = self._after(x.shape[2:])
        OH, OW = output_size("MaxPool2D", x, self.kernel_size, self.stride, self.padding, after)
        N, C = x.shape[:2]

        windows = self._windows(x, outside=-np.inf).reshape(N, C, OH, OW, -1)
        y: Array = windows.max(axis=4)  # (N, C, OH, OW)
        image = self._windows(np.ones_like(x, bool), outside=False).reshape(windows.shape)
        largest = (windows == y[..., None]) & image  # (N, C, OH, OW, KH*KW)
        self._saved = x.shape, largest.argmax(axis=4)  # the first of them, in row-major order
        return y

    def backward(self, dout: Array) -> Array:
        """Pass the gradient of each output to the pixel that was the maximum.

        Parameters
        ----------
        dout : ndarray of shape (N, C, OH, OW)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        (N, C, H, W), choice = checks.saved("MaxPool2D", self._saved)
        OH, OW = choice.shape[2:]
        dout = checks.upstream("MaxPool2D", dout, (N, C, OH, OW))
        (KH, KW), (SH, SW), (PH, PW) = self.kernel_size, self.stride, self.padding

        QH, QW = self._after((H, W))
        dxp = np.zeros((N, C, H + PH + QH, W + PW + QW), dout.dtype)
        for k, (i, j) in enumerate(np.ndindex(KH, KW)):  # where windows overlap, it adds up
            rows = slice(i, i + SH * (OH - 1) + 1, SH)
            cols = slice(j, j + SW * (OW - 1) + 1, SW)
            dxp[:, :, rows, cols] += np.where(choice == k, dout, 0)
        return dxp[:, :, PH : PH + H, PW : PW + W]  # (N, C, H, W)

    def _after(self, image: tuple[int, ...]) -> checks.Pair:
        """Return the rows and columns after an image of (H, W) that its windows may reach."""
        return padding_after(image, self.kernel_size, self.stride, self.padding, self.ceil_mode)

    def _windows(self, x: Array, outside: float) -> Array:
        """Return the windows of an image with padding around it: (N, C, OH, OW, KH, KW)."""
        around = zip(self.padding, self._after(x.shape[2:]), strict=True)
        xp = np.pad(x, ((0, 0), (0, 0), *around), constant_values=outside)  # (N, C, HP, WP)
        windows = sliding_window_view(xp, self.kernel_size, axis=(2, 3))
        return windows[:, :, :: self.stride[0], :: self.stride[1]]
