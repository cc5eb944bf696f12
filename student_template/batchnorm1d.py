"""BatchNorm1D: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


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
        raise NotImplementedError(
            "TODO BatchNorm1D.forward: normalize a batch of rows or sequences"
        )

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
        raise NotImplementedError(
            "TODO BatchNorm1D.backward: propagate the gradient back through scale and shift and, "
            "in training, the statistics"
        )
