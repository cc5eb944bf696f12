"""LayerNorm: every sample normalized to mean 0 and variance 1, whatever the others are."""

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
        self._normalized: tuple[Array, Array] | None = None

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
        x = checks.floats("LayerNorm", x)
        last = len(self.normalized_shape)
        if x.ndim <= last or x.shape[-last:] != self.normalized_shape:
            raise ValueError(
                f"LayerNorm: expected samples whose shape ends in {self.normalized_shape}, "
                f"got shape {x.shape}"
            )
        axes = tuple(range(-last, 0))
        mean = x.mean(axis=axes, keepdims=True)
        var = x.var(axis=axes, keepdims=True)
        scale = 1 / np.sqrt(var + self.eps)
        xhat = (x - mean) * scale
        self._normalized = xhat, scale
        y: Array = self.params["weight"] * xhat + self.params["bias"]
        return y

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
        xhat, scale = checks.saved("LayerNorm", self._normalized)
        dout = checks.upstream("LayerNorm", dout, xhat.shape)
        last = len(self.normalized_shape)
        samples = tuple(range(xhat.ndim - last))  # all axes before
        dweight, dbias = (dout * xhat).sum(axis=samples), dout.sum(axis=samples)
        self.grads = {"weight": dweight, "bias": dbias}
        axes = tuple(range(-last, 0))
        g = dout * self.params["weight"]
        through_mean = g.mean(axis=axes, keepdims=True)
        through_var = xhat * (g * xhat).mean(axis=axes, keepdims=True)
        dx: Array = (g - through_mean - through_var) * scale
        return dx
