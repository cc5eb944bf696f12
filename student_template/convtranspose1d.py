"""ConvTranspose1D: yours to write."""

import numpy as np

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
        raise NotImplementedError(
            "TODO ConvTranspose1D.forward: put a copy of the kernel into the output for every place"
        )

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
        raise NotImplementedError(
            "TODO ConvTranspose1D.backward: compute the gradients of the latest `forward`"
        )
