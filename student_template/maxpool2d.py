"""MaxPool2D: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


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
        raise NotImplementedError("TODO MaxPool2D.forward: take the maximum of each window")

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
        raise NotImplementedError(
            "TODO MaxPool2D.backward: pass the gradient of each output to the pixel that was the "
            "maximum"
        )
