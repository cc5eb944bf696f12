"""Convolution as matrix products over columns that share memory.

The columns of a row of the output are its windows, written as a matrix with a column for each
output; one product takes all filters over them. `strips` has the trick: the columns of neighbouring
rows are the same memory, shifted. `backward` makes the columns again, which costs less than keeping
them. See `windows` for the order of memory.
"""

import numpy as np

from . import checks
from .initialization import he_normal
from .interfaces import Array
from .layer import Layer
from .scratch import Scratch
from .strips import BLOCK, Geometry, by_row, column_blocks, gradient_blocks, strips
from .windows import batch_first, batch_last, crop, output_size, pad

# Elements of the products of a few rows, which share the cache with what they are added to.
PRODUCT = 1 << 17


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
        self._padded: tuple[Array, Geometry] | None = None
        self._scratch = Scratch()

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
        size = output_size("Conv2D", x, self.extent, self.stride, self.padding, self.after)
        xp = pad(x, self.padding, after=self.after)
        y = np.empty((self.out_channels, *size, len(x)), np.result_type(x, self.params["weight"]))
        block = min(max(BLOCK[0], (xp.size + y.size) // 4), BLOCK[1])
        geometry = Geometry(self.kernel_size, self.stride, self.dilation, size, block)
        v = strips(xp, geometry)
        for ins, outs in self._parts():
            weight = _matrix(self.params["weight"][outs])
            for rows, columns in column_blocks(v[:, ins], geometry, self._scratch):
                products = by_row(y[outs, rows])  # (rows, K, OW*N), a view
                np.matmul(weight, columns, out=products)
                if "bias" in self.params:
                    products += self.params["bias"][outs, None]
        self._padded = xp, geometry
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
        xp, geometry = checks.saved("Conv2D", self._padded)
        N, weight = xp.shape[3], self.params["weight"]
        dout = checks.upstream("Conv2D", dout, (N, self.out_channels, *geometry.size))
        ones = np.ones(geometry.size[1] * N, dout.dtype)
        db = np.zeros(self.out_channels, dout.dtype)
        dweight = np.empty(weight.shape, np.result_type(dout, xp))
        dxp = np.zeros(xp.shape, np.result_type(dout, weight))
        v, dv = strips(xp, geometry), strips(dxp, geometry)
        for ins, outs in self._parts():
            matrix = _matrix(weight[outs])
            dmatrix = np.zeros(matrix.T.shape, dweight.dtype)
            many = max(1, PRODUCT // (matrix.shape[1] * max(1, ones.size)))
            shape = (many, matrix.shape[1], ones.size)
            products = self._scratch.take("products", shape, dxp.dtype)
            for (rows, dcolumns), (_, columns) in zip(  # in this order, so that the first one ends
                gradient_blocks(dv[:, ins], geometry, self._scratch),
                column_blocks(v[:, ins], geometry, self._scratch),
                strict=True,
            ):
                g = by_row(batch_last(dout[:, outs, rows]))  # (rows, K, OW*N)
                db[outs] += (g @ ones).sum(axis=0)
                for few in (slice(r, r + many) for r in range(0, len(g), many)):
                    dmatrix += (columns[few] @ g[few].swapaxes(1, 2)).sum(axis=0)
                    product = np.matmul(matrix.T, g[few], out=products[: len(g[few])])
                    for dcolumn, of_row in zip(dcolumns[few], product, strict=True):
                        dcolumn += of_row
            dweight[outs] = _filters(dmatrix.T, weight[outs].shape)
        self.grads["weight"] = dweight
        if "bias" in self.params:
            self.grads["bias"] = db
        return batch_first(crop(dxp, self.padding, self.after))

    def _parts(self) -> list[tuple[slice, slice]]:
        """Return the input and the output channels of each group."""
        C, K = self.in_channels // self.groups, self.out_channels // self.groups
        return [(slice(g * C, g * C + C), slice(g * K, g * K + K)) for g in range(self.groups)]


def _matrix(weight: Array) -> Array:
    """Return filters (K, C, KH, KW) as a matrix for columns, (K, KH*C*KW)."""
    K, C, KH, KW = weight.shape
    return weight.swapaxes(1, 2).reshape(K, KH * C * KW)


def _filters(matrix: Array, shape: tuple[int, ...]) -> Array:
    """Return a matrix as filters (K, C, KH, KW), a view."""
    K, C, KH, KW = shape
    return matrix.reshape(K, KH, C, KW).swapaxes(1, 2)
