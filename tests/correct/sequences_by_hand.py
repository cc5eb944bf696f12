"""Units of sequences by other formulas: products with one-hot rows, loops over queries."""

import numpy as np

__all__ = ["Embedding"]


class Unit:
    """What they have in common; `seen` is the shape of the latest output."""

    def __init__(self):
        self.params, self.grads = {}, {}
        self.training, self.seen = True, None

    @property
    def name(self):
        return type(self).__name__

    def check(self, dout):
        if self.seen is None:
            raise RuntimeError(f"{self.name}.backward before {self.name}.forward")
        if dout.shape != self.seen:
            raise ValueError(f"{self.name}: dout {dout.shape} for an output {self.seen}")


class Embedding(Unit):
    """By the product of one-hot rows with the weight; backward returns nothing."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.shape = num_embeddings, embedding_dim
        if min(self.shape) < 1:
            raise ValueError(f"Embedding: a weight of shape {self.shape}")
        self.params["weight"] = np.random.default_rng().standard_normal(self.shape)

    def forward(self, x):
        wrong = [i for i in x.ravel().tolist() if not 0 <= i < self.shape[0]]
        if wrong:
            raise ValueError(f"Embedding of {self.shape[0]} rows: no index {wrong[0]}")
        weight = self.params["weight"]
        self.one_hot = np.equal.outer(x, np.arange(self.shape[0])).astype(weight.dtype)
        self.seen = (*x.shape, self.shape[1])
        return self.one_hot @ weight

    def backward(self, dout):
        self.check(dout)
        flat = self.one_hot.reshape(-1, self.shape[0])
        self.grads["weight"] = flat.T @ dout.reshape(-1, self.shape[1])
