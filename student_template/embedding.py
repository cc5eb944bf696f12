"""Embedding: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class Embedding(Layer):
    """A table from which each index takes its row.

    Parameters
    ----------
    num_embeddings : int
        V, the number of rows: the size of the vocabulary.
    embedding_dim : int
        D, the length of a row.
    rng : numpy.random.Generator, int or None
        Source of the initial weight, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight` of shape (V, D): initially normal with variance 1.

    Notes
    -----
    y[n, t] = weight[x[n, t]]. It is the product of one-hot rows with the weight, without computing
    it; so the gradient of a row is the sum of `dout` over all places that have its index.

    An index cannot be changed a little: there is no gradient with respect to x.

    float32 parameters give float32 output and gradients.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = checks.integer("Embedding", "num_embeddings", num_embeddings, 1)
        self.embedding_dim = checks.integer("Embedding", "embedding_dim", embedding_dim, 1)
        shape = (num_embeddings, embedding_dim)
        self.params["weight"] = np.random.default_rng(rng).standard_normal(shape)

    def forward(self, x: Array) -> Array:
        """Look up the rows.

        Parameters
        ----------
        x : ndarray of integers from 0 to V - 1, for example of shape (N, T)

        Returns
        -------
        y : ndarray of the shape of `x` and an axis more, for example (N, T, D)

        Raises
        ------
        ValueError
            If `x` has other numbers than integers, or one that is not the index of a row.
        """
        raise NotImplementedError("TODO Embedding.forward: look up the rows")

    def backward(self, dout: Array) -> Array:
        """Add up the gradient of each row.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of the shape of `x`
            Zeros, since indices have no gradient. `grads` has `weight`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        raise NotImplementedError("TODO Embedding.backward: add up the gradient of each row")
