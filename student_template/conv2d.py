"""Conv2D: yours to write."""

import numpy as np

from . import checks
from .initialization import first_weights
from .interfaces import Array
from .layer import Layer


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
    padding : int, pair of int, "same", "same_lower", "valid" or "full"
        Rows (PH) and columns (PW) of zeros on each side of the image. "valid" means none. "same"
        and "same_lower" keep the size of the image with stride 1; if the number of zeros is odd,
        the extra one goes after the image for "same", before it for "same_lower". "full" means
        as many as there are windows that meet the image: the dilated kernel's size, less 1.
    bias : bool
        Whether to add a learned number to each output channel.
    dilation : int or pair of int
        Steps between the pixels of a window, DH and DW.
    groups : int
        G, the number of groups that the channels are split into, each with its own filters.
    rng : numpy.random.Generator, int or None
        Source of the initial weights, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight` of shape (K, C / G, KH, KW): initially normal with variance 2 / (C / G KH KW).
        `bias` of shape (K,): initially zero; absent with ``bias=False``.

    Notes
    -----
    With x padded by zeros::

        y[n, k, oh, ow] = bias[k] + sum over c, i, j of
                          weight[k, c, i, j] * x[n, c, oh * SH + i * DH, ow * SW + j * DW]

    and backward, for each product in it, passes dout on to both of its factors::

        dbias[k] = sum over n, oh, ow of dout[n, k, oh, ow]
        dweight[k, c, i, j] = sum over n, oh, ow of
                              dout[n, k, oh, ow] * x[n, c, oh * SH + i * DH, ow * SW + j * DW]
        dx[n, c, h, w] = sum over k, i, j, oh, ow of dout[n, k, oh, ow] * weight[k, c, i, j]
                         wherever oh * SH + i * DH = h and ow * SW + j * DW = w

    where c runs over the channels of k's group, and dx loses the padding in the end. There are
    OH = floor((H + 2 PH - DH (KH - 1) - 1) / SH) + 1 rows of output, and OW columns likewise.
    Pixels that no window reaches have gradient zero. float32 input with float32 parameters
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
        self.params["weight"] = first_weights((out_channels, channels, *self.kernel_size), rng)
        if bias:
            self.params["bias"] = np.zeros(out_channels)

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
            If `x` does not have 4 dimensions or C channels, or is smaller than a filter even when
            padded.
        """
        raise NotImplementedError("TODO Conv2D.forward: convolve a batch of images")

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
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        raise NotImplementedError(
            "TODO Conv2D.backward: compute the gradients of the latest `forward`"
        )
