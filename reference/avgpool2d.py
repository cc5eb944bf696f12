"""Average pooling by slices: slice (i, j) of the view of all windows is pixel (i, j) of each.

One pass over the slices adds them up; `backward` adds the same part of the gradient to each. See
`windows` for the order of memory.
"""

import numpy as np

from . import checks
from .checks import Pair
from .interfaces import Array
from .layer import Layer
from .windows import batch_first, batch_last, crop, output_size, pad, windows


class AvgPool2D(Layer):
    """The mean of each window of an image, channel by channel.

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of a window, KH and KW.
    stride : int or pair of int, optional
        Steps between windows, SH and SW; those of `kernel_size` if not given.
    padding : int or pair of int
        Rows (PH) and columns (PW) of zeros on each side of the image, at most half of the window.
    count_include_pad : bool
        Whether the zeros count: if not, the sum is divided by the number of pixels of the image.

    Notes
    -----
    ::

        y[n, c, oh, ow] = sum over i, j of x[n, c, oh * SH + i, ow * SW + j] / count[oh, ow]

    with OH = floor((H + 2 PH - KH) / SH) + 1 rows of output, and OW columns likewise. The gradient
    goes to all pixels of a window in equal parts; where windows overlap, it adds up.

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
        self._share: tuple[tuple[int, ...], Array] | None = None

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
            If `x` has not 4 dimensions, or is smaller than a window when padded.
        """
        x = checks.images("AvgPool2D", x)
        size = output_size("AvgPool2D", x, self.kernel_size, self.stride, self.padding)
        v = windows(pad(x, self.padding), self.kernel_size, self.stride, size)
        y = v[:, 0, 0].copy()
        for i, j in list(np.ndindex(*self.kernel_size))[1:]:
            y += v[:, i, j]
        share = (1 / self._count(x.shape[2:], size))[..., None].astype(x.dtype)  # (OH, OW, 1)
        y *= share
        self._share = x.shape, share
        return batch_first(y)

    def backward(self, dout: Array) -> Array:
        """Share the gradient of each output among the pixels of its window.

        Parameters
        ----------
        dout : ndarray of shape (N, C, OH, OW)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        (N, C, H, W), share = checks.saved("AvgPool2D", self._share)
        OH, OW, _ = share.shape
        PH, PW = self.padding
        g = batch_last(checks.upstream("AvgPool2D", dout, (N, C, OH, OW))) * share
        dxp = np.zeros((C, H + 2 * PH, W + 2 * PW, N), g.dtype)
        dv = windows(dxp, self.kernel_size, self.stride, (OH, OW))
        for i, j in np.ndindex(*self.kernel_size):
            dv[:, i, j] += g
        return batch_first(crop(dxp, self.padding))

    def _count(self, image: tuple[int, ...], size: Pair) -> Array:
        """Return how many pixels each window's sum is divided by: (OH, OW)."""
        if self.count_include_pad:
            return np.full(size, float(np.prod(self.kernel_size)))
        sides: list[Array] = []
        for axis in range(2):
            first = np.arange(size[axis]) * self.stride[axis] - self.padding[axis]
            end = np.minimum(first + self.kernel_size[axis], image[axis])
            sides.append(end - np.maximum(first, 0))
        return np.outer(*sides).astype(np.float64)
