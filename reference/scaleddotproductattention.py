"""Scaled dot-product attention: every query gets a weighted mean of the values.

It has three inputs, so it stands in no `Sequential`; a layer that does may use it.
"""

import math

import numpy as np

from . import checks
from .interfaces import Array

UNIT = "ScaledDotProductAttention"


class ScaledDotProductAttention:
    """Attention of queries to keys.

    Parameters
    ----------
    causal : bool
        Whether query t may only attend to the keys 1, ..., t.

    Attributes
    ----------
    params, grads : dict
        Empty: there is nothing to learn.
    training : bool
        True while the network learns; attention is the same then.

    Notes
    -----
    For each sample (and each head), with the softmax over the keys::

        scores = query keyᵀ / sqrt(D)
        weights = softmax(scores)
        y = weights value

    Where a query may not attend to a key, the score is minus infinity, and the weight 0. Before the
    exponential, the largest score of each query is subtracted, so that none overflows.

    The gradient goes back through the same products. Through the softmax it is
    weights * (dweights - Σ weights dweights), with the sum over the keys.

    float32 input gives float32 output and gradients.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017, https://arxiv.org/abs/1706.03762
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
    """

    def __init__(self, causal: bool = False) -> None:
        self.causal = causal
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True
        self._saved: tuple[Array, Array, Array, Array] | None = None

    def forward(self, query: Array, key: Array, value: Array, mask: Array | None = None) -> Array:
        """Compute the weighted means.

        Parameters
        ----------
        query : ndarray of shape (N, T, D), or (N, H, T, D) with heads
        key, value : ndarray of shape (N, S, D), or (N, H, S, D) with heads
        mask : ndarray of bool that broadcasts to (N, T, S), or (N, H, T, S); optional
            True where a query may attend to a key.

        Returns
        -------
        y : ndarray of the shape of `query`

        Raises
        ------
        ValueError
            If the shapes do not fit together.
        """
        query, key, value = (checks.floats(UNIT, array) for array in (query, key, value))
        D = query.shape[-1]
        fits = key.shape == value.shape == (*query.shape[:-2], *key.shape[-2:-1], D)
        if query.ndim not in (3, 4) or not fits:
            raise ValueError(
                f"{UNIT}: expected a query (N, T, D), a key and a value (N, S, D), or all with "
                f"heads (N, H, ...), got shapes {query.shape}, {key.shape} and {value.shape}"
            )
        scores = query @ key.swapaxes(-1, -2) / math.sqrt(D)  # (N, T, S) or (N, H, T, S)
        scores = np.where(self._may_attend(mask, scores.shape), scores, -np.inf)
        exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = exp / exp.sum(axis=-1, keepdims=True)
        self._saved = query, key, value, weights
        y: Array = weights @ value
        return y

    def _may_attend(self, mask: Array | None, shape: tuple[int, ...]) -> Array:
        """Return where a query may attend to a key."""
        allowed = np.ones(shape[-2:], bool)
        if self.causal:
            allowed = np.tril(allowed)
        if mask is None:
            return allowed
        try:
            both: Array = allowed & np.broadcast_to(mask, shape)
        except ValueError:
            raise ValueError(
                f"{UNIT}: expected a mask that broadcasts to {shape}, got shape {np.shape(mask)}"
            ) from None
        return both

    def backward(self, dout: Array) -> tuple[Array, Array, Array]:
        """Propagate the gradient back to query, key and value.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dquery, dkey, dvalue : ndarray
            Of the shapes of query, key and value.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        query, key, value, weights = checks.saved(UNIT, self._saved)
        dout = checks.upstream(UNIT, dout, query.shape)
        dvalue = weights.swapaxes(-1, -2) @ dout
        dweights = dout @ value.swapaxes(-1, -2)  # of the shape of the scores
        mean = (weights * dweights).sum(axis=-1, keepdims=True)
        dscores = weights * (dweights - mean) / math.sqrt(query.shape[-1])
        return dscores @ key, dscores.swapaxes(-1, -2) @ query, dvalue
