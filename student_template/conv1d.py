"""Conv1D: yours to write."""

import numpy as np

from . import checks
from .initialization import first_weights
from .interfaces import Array
from .layer import Layer


class Conv1D(Layer):
    """Convolution of sequences with learned filters (cross-correlation, as in PyTorch).

    Parameters
    ----------
    in_channels, out_channels : int
        C and K, the number of channels of the input and of the output.
    kernel_size : int
        Length of a filter, KL.
    stride : int
        Steps between windows, S.
    padding : int
        Zeros on each side of a sequence, P.
    bias : bool
        Whether to add a learned number to each output channel.
    dilation : int
        Steps between the places of a window, D.
    rng : numpy.random.Generator, int or None
        Source of the initial weights, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight` of shape (K, C, KL): initially normal with variance 2 / (C KL).
        `bias` of shape (K,): initially zero; absent with ``bias=False``.

    Notes
    -----
    With x padded by zeros::

        y[n, k, l] = bias[k] + sum over c, i of weight[k, c, i] * x[n, c, l * S + i * D]

    There are OL = floor((L + 2 P - D (KL - 1) - 1) / S) + 1 places in the output. Places that no
    window reaches have gradient zero. float32 input with float32 parameters gives float32 output
    and gradients.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        dilation: int = 1,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.in_channels = checks.integer("Conv1D", "in_channels", in_channels, 1)
        self.out_channels = checks.integer("Conv1D", "out_channels", out_channels, 1)
        self.kernel_size = checks.integer("Conv1D", "kernel_size", kernel_size, 1)
        self.stride = checks.integer("Conv1D", "stride", stride, 1)
        self.padding = checks.integer("Conv1D", "padding", padding, 0)
        self.dilation = checks.integer("Conv1D", "dilation", dilation, 1)
        self.params["weight"] = first_weights((out_channels, in_channels, kernel_size), rng)
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def forward(self, x: Array) -> Array:
        """Convolve a batch of sequences.

        Parameters
        ----------
        x : ndarray of shape (N, C, L)

        Returns
        -------
        y : ndarray of shape (N, K, OL)

        Raises
        ------
        ValueError
            If `x` does not have 3 dimensions or C channels, or is shorter than a filter even when
            padded.
        """
        raise NotImplementedError("TODO Conv1D.forward: convolve a batch of sequences")

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
            "TODO Conv1D.backward: compute the gradients of the latest `forward`"
        )
