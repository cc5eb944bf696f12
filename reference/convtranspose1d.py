"""Transposed convolution of sequences: every place puts a copy of the kernel, times itself, into y.

It is what `conv1d` does in backward, and `convtranspose2d` with one axis in place of two.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import checks
from .initialization import first_weights
from .interfaces import Array
from .layer import Layer


class ConvTranspose1D(Layer):
    """Transposed convolution of sequences with learned filters, which makes them longer.

    Parameters
    ----------
    in_channels, out_channels : int
        C and K, the number of channels of the input and of the output.
    kernel_size : int
        Length of a filter, KL.
    stride : int
        Steps between the copies of the kernel, S.
    padding : int
        Places that are taken off each side of the output, P.
    output_padding : int
        Places that the output has more at its far end, OP; less than the stride.
    bias : bool
        Whether to add a learned number to each output channel.
    rng : numpy.random.Generator, int or None
        Source of the initial weights, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight` of shape (C, K, KL), with the channels of the input first: initially normal with
        variance 2 / (C KL). `bias` of shape (K,): initially zero; absent with ``bias=False``.

    Notes
    -----
    ::

        y[n, k, o] = bias[k] + sum over all c, l, i with o = l * S + i - P of
                     x[n, c, l] * weight[c, k, i]

    There are OL = (L - 1) S - 2 P + KL + OP places in the output: as many as a sequence has of
    which a convolution with the same arguments makes L; a stride leaves it open which, and
    `output_padding` says so. float32 input with float32 parameters gives float32 output and
    gradients.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        output_padding: int = 0,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.in_channels = checks.integer("ConvTranspose1D", "in_channels", in_channels, 1)
        self.out_channels = checks.integer("ConvTranspose1D", "out_channels", out_channels, 1)
        self.kernel_size = checks.integer("ConvTranspose1D", "kernel_size", kernel_size, 1)
        self.stride = checks.integer("ConvTranspose1D", "stride", stride, 1)
        self.padding = checks.integer("ConvTranspose1D", "padding", padding, 0)
        self.output_padding = checks.integer("ConvTranspose1D", "output_padding", output_padding, 0)
        if output_padding >= stride:
            raise ValueError(
                f"ConvTranspose1D: output_padding must be less than stride {stride}, "
                f"got {output_padding}"
            )
        weight = first_weights((out_channels, in_channels, kernel_size), rng)
        self.params["weight"] = weight.swapaxes(0, 1).copy()  # (C, K, KL)
        if bias:
            self.params["bias"] = np.zeros(out_channels)
        self._saved: tuple[Array, tuple[int, ...]] | None = None

    def forward(self, x: Array) -> Array:
        """Put a copy of the kernel into the output for every place.

        Parameters
        ----------
        x : ndarray of shape (N, C, L)

        Returns
        -------
        y : ndarray of shape (N, K, OL)

        Raises
        ------
        ValueError
            If `x` does not have 3 dimensions or C channels, or the padding leaves no output.
        """
        x = checks.sequences("ConvTranspose1D", x, self.in_channels)
        N, C, L = x.shape
        KL, S, P = self.kernel_size, self.stride, self.padding
        FL = (L - 1) * S + KL + self.output_padding  # places before the padding is taken off
        if FL <= 2 * P:
            raise ValueError(
                f"ConvTranspose1D: expected an output of more than twice the padding {P}, "
                f"got {FL} (input of shape {x.shape})"
            )

        places = x.swapaxes(0, 1).reshape(C, -1)  # (C, N*L)
        columns = self.params["weight"].reshape(C, -1).T @ places  # (K*KL, N*L)
        copies = columns.reshape(self.out_channels, KL, N, L)
        full = np.zeros((self.out_channels, N, FL), columns.dtype)
        for i in range(KL):  # where copies of the kernel overlap, they add up
            full[:, :, i : i + S * (L - 1) + 1 : S] += copies[:, i]
        y: Array = full[:, :, P : FL - P].swapaxes(0, 1)  # (N, K, OL)
        if "bias" in self.params:
            y = y + self.params["bias"][:, None]
        self._saved = places, (N, y.shape[2], L)
        return y

    def backward(self, dout: Array) -> Array:
        """Compute the gradients of the latest `forward`.

        Parameters
        ----------
        dout : ndarray of shape (N, K, OL)

        Returns
        -------
        dx : ndarray of shape (N, C, L)
            `grads` has `weight` and, with a bias, `bias`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        places, (N, OL, L) = checks.saved("ConvTranspose1D", self._saved)
        dout = checks.upstream("ConvTranspose1D", dout, (N, self.out_channels, OL))
        C, weight, S, P = self.in_channels, self.params["weight"], self.stride, self.padding

        dfull = np.pad(dout, ((0, 0), (0, 0), (P, P)))  # (N, K, FL)
        windows = sliding_window_view(dfull, self.kernel_size, axis=2)[:, :, ::S]  # (N, K, L, KL)
        columns = windows.transpose(1, 3, 0, 2).reshape(-1, N * L)  # (K*KL, N*L)
        self.grads["weight"] = (places @ columns.T).reshape(weight.shape)
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2))
        dx: Array = weight.reshape(C, -1) @ columns  # (C, N*L)
        return dx.reshape(C, N, L).swapaxes(0, 1)  # (N, C, L)
