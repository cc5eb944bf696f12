"""AvgPool2D: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


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
        raise NotImplementedError("TODO AvgPool2D.forward: take the mean of each window")

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
        raise NotImplementedError(
            "TODO AvgPool2D.backward: spread the gradient of each output evenly over the pixels of "
            "its window"
        )
