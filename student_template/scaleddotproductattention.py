"""ScaledDotProductAttention: yours to write."""

import numpy as np

from .interfaces import Array


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
        raise NotImplementedError(
            "TODO ScaledDotProductAttention.forward: compute the weighted means"
        )

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
        raise NotImplementedError(
            "TODO ScaledDotProductAttention.backward: propagate the gradient back to query, key "
            "and value"
        )
