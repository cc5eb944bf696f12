"""BatchNorm2D: every channel normalized to mean 0 and variance 1 over a whole batch."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer

AXES = (0, 2, 3)  # all but that of the channels


class BatchNorm2D(Layer):
    """Normalize each channel with the statistics of the batch, then scale and shift it.

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance, to avoid a division by zero.
    momentum : float
        The weight of a batch in the running statistics, from 0 to 1.

    Attributes
    ----------
    params : dict
        `weight` of shape (C,), initially 1, and `bias` of shape (C,), initially 0.
    buffers : dict
        `running_mean` of shape (C,), initially 0, and `running_var` of shape (C,), initially 1.

    Notes
    -----
    With the mean and the (biased) variance of a channel over its n = N H W pixels::

        xhat = (x - mean) / sqrt(var + eps)
        y = weight * xhat + bias

    In training, each forward moves the running statistics towards the mean and the unbiased
    variance of the batch, by `momentum` times the difference; in evaluation they are used instead
    of those of the batch. Since mean and variance depend on all pixels, so does dx::

        dx = weight / sqrt(var + eps) * (dout - mean(dout) - xhat * mean(dout * xhat))

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Ioffe, Szegedy: Batch Normalization, 2015, https://arxiv.org/abs/1502.03167
    https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.num_features = checks.integer("BatchNorm2D", "num_features", num_features, 1)
        self.eps = float(eps)
        self.momentum = float(momentum)
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {
            "running_mean": np.zeros(num_features),
            "running_var": np.ones(num_features),
        }
        self._normalized: tuple[Array, Array, bool] | None = None

    def forward(self, x: Array) -> Array:
        """Normalize a batch of images.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, C, H, W)

        Raises
        ------
        ValueError
            If `x` does not have 4 dimensions or C channels, or if, in training, a channel has only
            one pixel in the whole batch: it has no variance.
        """
        x = checks.images("BatchNorm2D", x, self.num_features)
        if self.training:
            if x[:, 0].size < 2:
                raise ValueError(
                    "BatchNorm2D: expected more than one pixel for each channel while training, "
                    f"got shape {x.shape}"
                )
            mean, var = x.mean(axis=AXES), x.var(axis=AXES)
            self._remember(mean, var, x[:, 0].size)
        else:
            mean = self.buffers["running_mean"].astype(x.dtype)
            var = self.buffers["running_var"].astype(x.dtype)
        scale = 1 / np.sqrt(var + self.eps)
        xhat = (x - _wide(mean)) * _wide(scale)
        self._normalized = xhat, scale, self.training
        y: Array = _wide(self.params["weight"]) * xhat + _wide(self.params["bias"])
        return y

    def backward(self, dout: Array) -> Array:
        """Propagate the gradient back through scale and shift and, in training, the statistics.

        Parameters
        ----------
        dout : ndarray of shape (N, C, H, W)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)
            `grads` has `weight` and `bias`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        xhat, scale, training = checks.saved("BatchNorm2D", self._normalized)
        dout = checks.upstream("BatchNorm2D", dout, xhat.shape)
        dweight, dbias = (dout * xhat).sum(axis=AXES), dout.sum(axis=AXES)
        self.grads = {"weight": dweight, "bias": dbias}
        if training:
            n = xhat[:, 0].size
            dout = dout - _wide(dbias / n) - xhat * _wide(dweight / n)
        dx: Array = dout * _wide(self.params["weight"] * scale)
        return dx

    def _remember(self, mean: Array, var: Array, n: int) -> None:
        """Move the running statistics towards those of a batch with n pixels per channel."""
        for name, now in (("running_mean", mean), ("running_var", var * (n / (n - 1)))):
            self.buffers[name] += self.momentum * (now - self.buffers[name])


def _wide(array: Array) -> Array:
    """Return one number per channel in a shape that broadcasts over images."""
    return array[:, None, None]
