"""What scipy has the functions of: `expit`, `softmax`, and Bernoulli variables for dropout."""

import numpy as np
from plain import Layer
from scipy.special import expit, softmax
from scipy.stats import bernoulli

__all__ = ["Dropout", "Sigmoid", "Softmax"]


class Elementwise(Layer):
    """A layer whose output has the shape of its input: `use(x) -> y` and `back(dout) -> dx`."""

    def forward(self, x):
        self.y = self.use(x)
        self.y_shape = self.y.shape
        return self.y.copy()

    def backward(self, dout):
        self.check_dout(dout)
        return self.back(dout)


class Sigmoid(Elementwise):
    def use(self, x):
        return expit(x)

    def back(self, dout):
        return dout * self.y * (1 - self.y)


class Softmax(Elementwise):
    def use(self, x):
        if x.ndim < 2:
            raise ValueError(f"Softmax takes rows of shares, not {x.shape}")
        return softmax(x, axis=-1)

    def back(self, dout):
        return self.y * (dout - (self.y * dout).sum(-1, keepdims=True))


class Dropout(Elementwise):
    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"Dropout got p={p}")
        self.kept = bernoulli(1 - p)
        self.seed = np.random.default_rng(rng) if isinstance(rng, int) else rng

    def use(self, x):
        self.factor = np.ones_like(x)
        if self.training:
            self.factor *= self.kept.rvs(size=x.shape, random_state=self.seed)
            self.factor /= self.kept.mean()
        return x * self.factor

    def back(self, dout):
        return dout * self.factor
