"""GroupNorm: groups of channels, each normalized to mean 0 and variance 1 in every sample."""

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
        self._shape: tuple[int, ...] = ()
        self._normalized: tuple[Array, Array] | None = None

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
        x = checks.floats("GroupNorm", x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm: expected (N, {self.num_channels}, ...), got shape {x.shape}"
            )
        N, C = x.shape[:2]
        self._shape = x.shape
        x = x.reshape(N, self.num_groups, -1)
        axes = 2
        mean = x.mean(axis=axes, keepdims=True)
        var = x.var(axis=axes, keepdims=True)
        scale = 1 / np.sqrt(var + self.eps)
        xhat = (x - mean) * scale
        self._normalized = xhat, scale
        xhat = xhat.reshape(N, C, -1)
        y: Array = self.params["weight"][:, None] * xhat + self.params["bias"][:, None]
        return y.reshape(self._shape)

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
        xhat, scale = checks.saved("GroupNorm", self._normalized)
        dout = checks.upstream("GroupNorm", dout, self._shape)
        dout = dout.reshape(*self._shape[:2], -1)  # (N, C, pixels)
        samples = (0, 2)  # and pixels
        dweight, dbias = (dout * xhat.reshape(dout.shape)).sum(axis=samples), dout.sum(axis=samples)
        self.grads = {"weight": dweight, "bias": dbias}
        axes = 2
        g = (dout * self.params["weight"][:, None]).reshape(xhat.shape)
        through_mean = g.mean(axis=axes, keepdims=True)
        through_var = xhat * (g * xhat).mean(axis=axes, keepdims=True)
        dx: Array = (g - through_mean - through_var) * scale
        return dx.reshape(self._shape)
