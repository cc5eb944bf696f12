"""Average pooling: all windows side by side, and the mean of each.

`fast.avgpool2d` does the same arithmetic with fewer copies.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import checks
from .interfaces import Array
from .layer import Layer
from .output_size import output_size, padding_after


class AvgPool2D(Layer):
    """The mean of each window of an image, channel by channel.

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of a window, KH and KW.
    stride : int or pair of int, optional
        Steps between windows, SH and SW; by default `kernel_size`.
    padding : int or pair of int
        Rows (PH) and columns (PW) of zeros on each side of the image, at most half of the window.
    count_include_pad : bool
        Whether the zeros count. If not, the sum is divided by the number of image pixels in the
        window.

    Notes
    -----
    ::

        y[n, c, oh, ow] = sum over i, j of x[n, c, oh * SH + i, ow * SW + j] / count[oh, ow]

    with OH = floor((H + 2 PH - KH) / SH) + 1 rows of output, and OW columns likewise. The gradient
    is spread evenly over the pixels of a window; where windows overlap, gradients are summed.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        count_include_pad: bool = True,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = checks.pair("AvgPool2D", "kernel_size", kernel_size, 1)
        self.stride = (
            self.kernel_size if stride is None else checks.pair("AvgPool2D", "stride", stride, 1)
        )
        self.padding = checks.pair("AvgPool2D", "padding", padding, 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"AvgPool2D: padding must be at most half of kernel_size {self.kernel_size}, "
                f"got {self.padding}"
            )
        self.count_include_pad = bool(count_include_pad)
        self.ceil_mode = bool(ceil_mode)
        self._saved: tuple[tuple[int, ...], Array] | None = None

    def forward(self, x: Array) -> Array:
        """Take the mean of each window.

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
        x = checks.images("AvgPool2D", x)
        after = self._after(x.shape[2:])
        output_size("AvgPool2D", x, self.kernel_size, self.stride, self.padding, after)

        image = np.ones((1, 1, *x.shape[2:]), x.dtype)
        count = self._windows(image, outside=float(self.count_include_pad)).sum(axis=(4, 5))
        self._saved = x.shape, count  # (1, 1, OH, OW)
        mean: Array = self._windows(x, outside=0.0).sum(axis=(4, 5)) / count
        return mean  # (N, C, OH, OW)

    def backward(self, dout: Array) -> Array:
        """Spread the gradient of each output evenly over the pixels of its window.

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
        (N, C, H, W), count = checks.saved("AvgPool2D", self._saved)
        OH, OW = count.shape[2:]
        dout = checks.upstream("AvgPool2D", dout, (N, C, OH, OW))
        (KH, KW), (SH, SW), (PH, PW) = self.kernel_size, self.stride, self.padding

        share = dout / count.astype(dout.dtype)  # (N, C, OH, OW)
        QH, QW = self._after((H, W))
        dxp = np.zeros((N, C, H + PH + QH, W + PW + QW), dout.dtype)
        for i, j in np.ndindex(KH, KW):  # where windows overlap, their gradients add up
            rows = slice(i, i + SH * (OH - 1) + 1, SH)
            cols = slice(j, j + SW * (OW - 1) + 1, SW)
            dxp[:, :, rows, cols] += share
        return dxp[:, :, PH : PH + H, PW : PW + W]  # (N, C, H, W)

    def _after(self, image: tuple[int, ...]) -> checks.Pair:
        """Return the rows and columns after an image of (H, W) that its windows may reach."""
        return padding_after(image, self.kernel_size, self.stride, self.padding, self.ceil_mode)

    def _windows(self, x: Array, outside: float) -> Array:
        """Return the windows of an image with padding around it: (N, C, OH, OW, KH, KW)."""
        around = [(p, p) for p in self.padding]
        xp = np.pad(x, ((0, 0), (0, 0), *around), constant_values=outside)
        after = self._after(x.shape[2:])
        beyond = [(0, q - p) for p, q in zip(self.padding, after, strict=True)]
        xp = np.pad(xp, ((0, 0), (0, 0), *beyond))  # (N, C, HP, WP); 0 there: it never counts
        windows = sliding_window_view(xp, self.kernel_size, axis=(2, 3))
        return windows[:, :, :: self.stride[0], :: self.stride[1]]
