"""GroupNorm: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class GroupNorm(Layer):
    """Normalize groups of channels with their own statistics, then scale and shift each channel.

    Parameters
    ----------
    num_groups : int
        G, the number of groups that the channels are split into, in order.
    num_channels : int
        C, a multiple of G.
    eps : float
        Added to the variance, to avoid a division by zero.

    Attributes
    ----------
    params : dict
        `weight` of shape (C,), initially 1, and `bias` of shape (C,), initially 0.

    Notes
    -----
    With the mean and the (biased) variance over all pixels of a group of C / G channels, in each
    sample on its own::

        xhat = (x - mean) / sqrt(var + eps)
        y = weight * xhat + bias

    One group is layer normalization of whole samples, but for one weight a channel; as many groups
    as channels is instance normalization. Training and evaluation are alike. With
    g = weight * dout::

        dx = (g - mean(g) - xhat * mean(g * xhat)) / sqrt(var + eps)

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Wu, He: Group Normalization, 2018, https://arxiv.org/abs/1803.08494
    https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.num_groups = checks.integer("GroupNorm", "num_groups", num_groups, 1)
        self.num_channels = checks.integer("GroupNorm", "num_channels", num_channels, 1)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: expected num_channels to be a multiple of num_groups, {num_groups}, "
                f"got {num_channels}"
            )
        self.eps = float(eps)
        self.params = {"weight": np.ones(num_channels), "bias": np.zeros(num_channels)}

    def forward(self, x: Array) -> Array:
        """Normalize the groups of each sample.

        Parameters
        ----------
        x : ndarray of shape (N, C, ...)

        Returns
        -------
        y : ndarray of the same shape

        Raises
        ------
        ValueError
            If `x` has fewer than 2 dimensions, or not C channels.
        """
        raise NotImplementedError("TODO GroupNorm.forward: normalize the groups of each sample")

    def backward(self, dout: Array) -> Array:
        """Propagate the gradient back through scale and shift and the statistics.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of the shape of the input
            `grads` has `weight` and `bias`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        raise NotImplementedError(
            "TODO GroupNorm.backward: propagate the gradient back through scale and shift and the "
            "statistics"
        )
