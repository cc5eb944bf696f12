"""Convolution as matrix products over blocks of columns.

A block is a few rows of the output. Its windows, copied into a matrix of one column for each
output position, stay in the cache while a single matrix product takes all filters over them.
`backward` makes the same columns again, which costs less than keeping them: the matrix of all
columns is KH * KW times as large as the input. See `windows` for the order of memory.
"""

import numpy as np

from . import checks
from .initialization import he_normal
from .interfaces import Array
from .layer import Layer
from .windows import batch_first, batch_last, crop, output_size, pad, row_blocks, windows


class Conv2D(Layer):
    """Convolution of images with learned filters (cross-correlation, as in PyTorch).

    Parameters
    ----------
    in_channels, out_channels : int
        C and K, the number of channels of the input and of the output.
    kernel_size : int or pair of int
        Height and width of a filter, KH and KW.
    stride : int or pair of int
        Steps between windows, SH and SW.
    padding : int, pair of int, "same", "same_lower" or "valid"
        Rows (PH) and columns (PW) of zeros on each side of the image. "valid" is none. "same" and
        "same_lower" keep the size of the image with stride 1; where an odd number has to be shared
        between two sides, "same" puts one more after the image, "same_lower" before it.
    bias : bool
        Whether a learned number is added to each output channel.
    dilation : int or pair of int
        Steps between the pixels of a window, DH and DW.
    groups : int
        G: the channels are cut into so many groups, each with filters of its own.
    rng : numpy.random.Generator, int or None
        Where the first weights come from.

    Attributes
    ----------
    params : dict
        `weight` of shape (K, C / G, KH, KW): normal with variance 2 / (C / G KH KW) at first.
        `bias` of shape (K,): zero at first; missing with ``bias=False``.

    Notes
    -----
    With x padded by zeros::

        y[n, k, oh, ow] = bias[k] + sum over c, i, j of
                          weight[k, c, i, j] * x[n, c, oh * SH + i * DH, ow * SW + j * DW]

    where c runs over the channels of k's group. There are
    OH = floor((H + 2 PH - DH (KH - 1) - 1) / SH) + 1 rows of output, and OW columns likewise.
    Input pixels that no window reaches have gradient zero. float32 input with float32 parameters
    gives float32 output and gradients.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        bias: bool = True,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.in_channels = checks.integer("Conv2D", "in_channels", in_channels, 1)
        self.out_channels = checks.integer("Conv2D", "out_channels", out_channels, 1)
        self.kernel_size = checks.pair("Conv2D", "kernel_size", kernel_size, 1)
        self.stride = checks.pair("Conv2D", "stride", stride, 1)
        self.dilation = checks.pair("Conv2D", "dilation", dilation, 1)
        self.groups = checks.integer("Conv2D", "groups", groups, 1)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"Conv2D: groups must divide in_channels {in_channels} and out_channels "
                f"{out_channels}, got {groups}"
            )
        (KH, KW), (DH, DW) = self.kernel_size, self.dilation
        self.extent = (
            DH * (KH - 1) + 1,
            DW * (KW - 1) + 1,
        )
        self.padding, self.after = checks.paddings("Conv2D", padding, self.extent)
        channels = in_channels // groups
        self.params["weight"] = he_normal((out_channels, channels, *self.kernel_size), rng)
        if bias:
            self.params["bias"] = np.zeros(out_channels)
        self._windows: tuple[Array, Array] | None = None

    def forward(self, x: Array) -> Array:
        """Convolve a batch of images.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, K, OH, OW)

        Raises
        ------
        ValueError
            If `x` has not 4 dimensions, not C channels, or is smaller than a filter when padded.
        """
        x = checks.images("Conv2D", x, self.in_channels)
        OH, OW = output_size("Conv2D", x, self.extent, self.stride, self.padding, self.after)
        N, K = len(x), self.out_channels
        xp = pad(x, self.padding, after=self.after)
        v = windows(xp, self.kernel_size, self.stride, (OH, OW), self.dilation)
        weight = self.params["weight"].reshape(K, -1)
        y = np.empty((K, OH, OW, N), np.result_type(x, weight))
        for ins, outs in self._parts():
            for rows in row_blocks(v[ins]):
                columns = v[ins, :, :, rows].reshape(weight.shape[1], -1)  # (C*KH*KW, rows*OW*N)
                block = y[outs, rows].reshape(K // self.groups, -1)  # (K, rows*OW*N), a view
                np.matmul(weight[outs], columns, out=block)
                if "bias" in self.params:
                    block += self.params["bias"][outs, None]
        self._windows = xp, v
        return batch_first(y)

    def backward(self, dout: Array) -> Array:
        """Compute the gradients of the latest `forward`.

        Parameters
        ----------
        dout : ndarray of shape (N, K, OH, OW)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)
            `grads` has `weight` and, with a bias, `bias`.

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        xp, v = checks.saved("Conv2D", self._windows)
        K, (_, KH, KW, OH, OW, N) = self.out_channels, v.shape
        g = batch_last(checks.upstream("Conv2D", dout, (N, K, OH, OW)))  # (K, OH, OW, N)
        weight = self.params["weight"].reshape(K, -1)
        db = np.zeros(K, g.dtype)
        dw = np.zeros(weight.T.shape, np.result_type(g, xp))  # (C/G*KH*KW, K)
        dxp = np.zeros(xp.shape, np.result_type(g, weight))
        dv = windows(dxp, self.kernel_size, self.stride, (OH, OW), self.dilation)
        for ins, outs in self._parts():
            for rows in row_blocks(v[ins]):
                columns = v[ins, :, :, rows].reshape(weight.shape[1], -1)
                block = g[outs, rows].reshape(K // self.groups, -1)
                db[outs] += block.sum(axis=1)
                dw[:, outs] += columns @ block.T
                dcolumns = (weight[outs].T @ block).reshape(v[ins, :, :, rows].shape)
                for i, j in np.ndindex(KH, KW):  # windows overlap, pixels (i, j) do not
                    dv[ins, i, j, rows] += dcolumns[:, i, j]
        self.grads["weight"] = dw.T.reshape(self.params["weight"].shape)
        if "bias" in self.params:
            self.grads["bias"] = db
        return batch_first(crop(dxp, self.padding, self.after))

    def _parts(self) -> list[tuple[slice, slice]]:
        """Return the input and the output channels of each group."""
        C, K = self.in_channels // self.groups, self.out_channels // self.groups
        return [(slice(g * C, g * C + C), slice(g * K, g * K + K)) for g in range(self.groups)]
