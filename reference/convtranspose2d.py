"""Transposed convolution: every pixel puts a copy of the kernel, times itself, into the output.

It is what `conv2d` does in backward; its own backward is what `conv2d` does in forward.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import checks
from .initialization import first_weights
from .interfaces import Array
from .layer import Layer


class ConvTranspose2D(Layer):
    """Transposed convolution of images with learned filters, which makes them larger.

    Parameters
    ----------
    in_channels, out_channels : int
        C and K, the number of channels of the input and of the output.
    kernel_size : int or pair of int
        Height and width of a filter, KH and KW.
    stride : int or pair of int
        Steps between the copies of the kernel, SH and SW.
    padding : int or pair of int
        Rows (PH) and columns (PW) that are taken off each side of the output.
    output_padding : int or pair of int
        Rows (OPH) and columns (OPW) that the output has more at its lower and its right end; less
        than the stride.
    bias : bool
        Whether to add a learned number to each output channel.
    rng : numpy.random.Generator, int or None
        Source of the initial weights, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight` of shape (C, K, KH, KW), with the channels of the input first: initially normal
        with variance 2 / (C KH KW). `bias` of shape (K,): initially zero; absent with
        ``bias=False``.

    Notes
    -----
    ::

        y[n, k, oh, ow] = bias[k] + sum over all c, h, w, i, j with
                          oh = h * SH + i - PH and ow = w * SW + j - PW of
                          x[n, c, h, w] * weight[c, k, i, j]

    There are OH = (H - 1) SH - 2 PH + KH + OPH rows of output, and OW columns likewise: as many as
    an image has of which a convolution with the same arguments makes H rows; a stride leaves it
    open which, and `output_padding` says so. float32 input with float32 parameters gives float32
    output and gradients.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        output_padding: int | tuple[int, int] = 0,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.in_channels = checks.integer("ConvTranspose2D", "in_channels", in_channels, 1)
        self.out_channels = checks.integer("ConvTranspose2D", "out_channels", out_channels, 1)
        self.kernel_size = checks.pair("ConvTranspose2D", "kernel_size", kernel_size, 1)
        self.stride = checks.pair("ConvTranspose2D", "stride", stride, 1)
        self.padding = checks.pair("ConvTranspose2D", "padding", padding, 0)
        self.output_padding = checks.pair("ConvTranspose2D", "output_padding", output_padding, 0)
        if any(o >= s for o, s in zip(self.output_padding, self.stride, strict=True)):
            raise ValueError(
                f"ConvTranspose2D: output_padding must be less than stride {self.stride}, "
                f"got {output_padding}"
            )
        weight = first_weights((out_channels, in_channels, *self.kernel_size), rng)
        self.params["weight"] = weight.swapaxes(0, 1).copy()  # (C, K, KH, KW)
        if bias:
            self.params["bias"] = np.zeros(out_channels)
        self._saved: tuple[Array, tuple[int, ...]] | None = None

    def forward(self, x: Array) -> Array:
        """Put a copy of the kernel into the output for every pixel.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, K, OH, OW)

        Raises
        ------
        ValueError
            If `x` does not have 4 dimensions or C channels, or the padding leaves no output.
        """
        x = checks.images("ConvTranspose2D", x, self.in_channels)
        N, C, H, W = x.shape
        (KH, KW), (SH, SW), (PH, PW) = self.kernel_size, self.stride, self.padding
        FH = (H - 1) * SH + KH + self.output_padding[0]  # rows before the padding is taken off
        FW = (W - 1) * SW + KW + self.output_padding[1]
        if FH <= 2 * PH or FW <= 2 * PW:
            raise ValueError(
                f"ConvTranspose2D: expected an output of more than twice the padding "
                f"{self.padding}, got {(FH, FW)} (input of shape {x.shape})"
            )

        pixels = x.swapaxes(0, 1).reshape(C, -1)  # (C, N*H*W)
        columns = self.params["weight"].reshape(C, -1).T @ pixels  # (K*KH*KW, N*H*W)
        copies = columns.reshape(self.out_channels, KH, KW, N, H, W)
        full = np.zeros((self.out_channels, N, FH, FW), columns.dtype)
        for i, j in np.ndindex(KH, KW):  # where copies of the kernel overlap, they add up
            rows = slice(i, i + SH * (H - 1) + 1, SH)
            cols = slice(j, j + SW * (W - 1) + 1, SW)
            full[:, :, rows, cols] += copies[:, i, j]
        y: Array = full[:, :, PH : FH - PH, PW : FW - PW].swapaxes(0, 1)  # (N, K, OH, OW)
        if "bias" in self.params:
            y = y + self.params["bias"][:, None, None]
        self._saved = pixels, (N, *y.shape[2:], H, W)
        return y

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
        pixels, (N, OH, OW, H, W) = checks.saved("ConvTranspose2D", self._saved)
        dout = checks.upstream("ConvTranspose2D", dout, (N, self.out_channels, OH, OW))
        C, weight, (SH, SW) = self.in_channels, self.params["weight"], self.stride

        around = [(p, p) for p in self.padding]
        dfull = np.pad(dout, ((0, 0), (0, 0), *around))  # (N, K, FH, FW)
        windows = sliding_window_view(dfull, self.kernel_size, axis=(2, 3))
        windows = windows[:, :, ::SH, ::SW]  # (N, K, H, W, KH, KW)
        columns = windows.transpose(1, 4, 5, 0, 2, 3).reshape(-1, N * H * W)  # (K*KH*KW, N*H*W)
        self.grads["weight"] = (pixels @ columns.T).reshape(weight.shape)
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        dx: Array = weight.reshape(C, -1) @ columns  # (C, N*H*W)
        return dx.reshape(C, N, H, W).swapaxes(0, 1)  # (N, C, H, W)
