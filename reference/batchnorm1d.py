"""BatchNorm1D: every feature normalized to mean 0 and variance 1 over a whole batch."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer

AXES = (0, 2)  # all but that of the channels


class BatchNorm1D(Layer):
    """Normalize each feature with the statistics of the batch, then scale and shift it.

    Parameters
    ----------
    num_features : int
        C, the number of features, or of channels of a sequence.
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
    Rows (N, C) are taken for sequences (N, C, 1). With the mean and the (biased) variance of a
    channel over its n = N L elements::

        xhat = (x - mean) / sqrt(var + eps)
        y = weight * xhat + bias

    In training, each forward moves the running statistics towards the mean and the unbiased
    variance of the batch, by `momentum` times the difference; in evaluation they are used instead
    of those of the batch. Since mean and variance depend on all elements, so does dx::

        dx = weight / sqrt(var + eps) * (dout - mean(dout) - xhat * mean(dout * xhat))

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Ioffe, Szegedy: Batch Normalization, 2015, https://arxiv.org/abs/1502.03167
    https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.num_features = checks.integer("BatchNorm1D", "num_features", num_features, 1)
        self.eps = float(eps)
        self.momentum = float(momentum)
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {
            "running_mean": np.zeros(num_features),
            "running_var": np.ones(num_features),
        }
        self._shape: tuple[int, ...] = ()
        self._normalized: tuple[Array, Array, bool] | None = None

    def forward(self, x: Array) -> Array:
        """Normalize a batch of rows or sequences.

        Parameters
        ----------
        x : ndarray of shape (N, C) or (N, C, L)

        Returns
        -------
        y : ndarray of the same shape

        Raises
        ------
        ValueError
            If `x` does not have 2 or 3 dimensions or C channels, or if, in training, a channel has
            only one element in the whole batch: it has no variance.
        """
        x = checks.floats("BatchNorm1D", x)
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            raise ValueError(
                f"BatchNorm1D: expected (N, {self.num_features}) or (N, {self.num_features}, L), "
                f"got shape {x.shape}"
            )
        self._shape = x.shape
        x = x.reshape(*x.shape[:2], -1)  # (N, C, L)
        if self.training:
            if x[:, 0].size < 2:
                raise ValueError(
                    "BatchNorm1D: expected more than one element for each channel while training, "
                    f"got shape {self._shape}"
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
        return y.reshape(self._shape)

    def backward(self, dout: Array) -> Array:
        """Propagate the gradient back through scale and shift and, in training, the statistics.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of shape (N, C) or (N, C, L)
            `grads` has `weight` and `bias`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        xhat, scale, training = checks.saved("BatchNorm1D", self._normalized)
        dout = checks.upstream("BatchNorm1D", dout, self._shape).reshape(xhat.shape)
        dweight, dbias = (dout * xhat).sum(axis=AXES), dout.sum(axis=AXES)
        self.grads = {"weight": dweight, "bias": dbias}
        if training:
            n = xhat[:, 0].size
            dout = dout - _wide(dbias / n) - xhat * _wide(dweight / n)
        dx: Array = dout * _wide(self.params["weight"] * scale)
        return dx.reshape(self._shape)

    def _remember(self, mean: Array, var: Array, n: int) -> None:
        """Move the running statistics towards those of a batch with n elements per channel."""
        for name, now in (("running_mean", mean), ("running_var", var * (n / (n - 1)))):
            self.buffers[name] += self.momentum * (now - self.buffers[name])


def _wide(array: Array) -> Array:
    """Return one number per channel in a shape that broadcasts over sequences."""
    return array[:, None]
