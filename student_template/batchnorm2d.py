"""BatchNorm2D: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class BatchNorm2D(Layer):
    """Normalization of each channel by the statistics of the batch, then a learned line.

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        What is added to the variance, so that a channel without any can be divided by it.
    momentum : float
        The share of a batch in the running statistics, from 0 to 1.

    Attributes
    ----------
    params : dict
        `weight` of shape (C,), 1 at first, and `bias` of shape (C,), 0 at first.
    buffers : dict
        `running_mean` of shape (C,), 0 at first, and `running_var` of shape (C,), 1 at first.

    Notes
    -----
    With the mean and the (biased) variance of a channel over its n = N H W pixels::

        xhat = (x - mean) / sqrt(var + eps)
        y = weight * xhat + bias

    While `training`, each forward moves the running statistics towards the mean and the unbiased
    variance of the batch, by `momentum` of the distance; otherwise they stand in for those of the
    batch. As mean and variance depend on all pixels, so does dx::

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
            If `x` has not 4 dimensions or not C channels, or if, while training, a channel has a
            single pixel in the whole batch: it has no variance.
        """
        raise NotImplementedError("TODO BatchNorm2D.forward: normalize a batch of images")

    def backward(self, dout: Array) -> Array:
        """Carry the gradient back through the line, and through the statistics while training.

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
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        raise NotImplementedError(
            "TODO BatchNorm2D.backward: carry the gradient back through the line, and through the "
            "statistics while training"
        )
