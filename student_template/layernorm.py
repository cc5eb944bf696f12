"""LayerNorm: yours to write."""

from collections.abc import Sequence

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class LayerNorm(Layer):
    """Normalize the last axes with their own statistics, then scale and shift each element.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which the statistics are taken: D for rows.
    eps : float
        Added to the variance, to avoid a division by zero.

    Attributes
    ----------
    params : dict
        `weight`, initially 1, and `bias`, initially 0, both of shape `normalized_shape`.

    Notes
    -----
    With the mean and the (biased) variance over the last axes, for each sample, and each place
    along further axes, on its own::

        xhat = (x - mean) / sqrt(var + eps)
        y = weight * xhat + bias

    Training and evaluation are alike. Since mean and variance depend on all elements, so does dx,
    which with g = weight * dout is::

        dx = (g - mean(g) - xhat * mean(g * xhat)) / sqrt(var + eps)

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Ba, Kiros, Hinton: Layer Normalization, 2016, https://arxiv.org/abs/1607.06450
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
    """

    def __init__(self, normalized_shape: int | Sequence[int], eps: float = 1e-5) -> None:
        super().__init__()
        self.normalized_shape = checks.sizes("LayerNorm", "normalized_shape", normalized_shape)
        self.eps = float(eps)
        self.params = {
            "weight": np.ones(self.normalized_shape),
            "bias": np.zeros(self.normalized_shape),
        }

    def forward(self, x: Array) -> Array:
        """Normalize each sample.

        Parameters
        ----------
        x : ndarray of shape (N, ...), which ends in `normalized_shape`

        Returns
        -------
        y : ndarray of the same shape

        Raises
        ------
        ValueError
            If the shape of `x` does not end in `normalized_shape`, or has nothing before it.
        """
        raise NotImplementedError("TODO LayerNorm.forward: normalize each sample")

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
            "TODO LayerNorm.backward: propagate the gradient back through scale and shift and the "
            "statistics"
        )
