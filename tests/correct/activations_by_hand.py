"""Activations in other right ways: masks, branches, whole Jacobians, one element at a time."""

import math

import numpy as np

__all__ = ["ELU", "LeakyReLU", "Sigmoid", "Softmax", "Tanh"]


class Activation:
    """Keeps the input, and computes everything anew in backward."""

    def __init__(self):
        self.params, self.grads, self.training, self.x = {}, {}, True, None

    def forward(self, x):
        self.x = np.array(x)
        return self.value(self.x)

    def backward(self, dout):
        name = type(self).__name__
        if self.x is None:
            raise RuntimeError(f"{name}: there is nothing to go back through")
        if dout.shape != self.x.shape:
            raise ValueError(f"{name}: dout has {dout.shape}, x had {self.x.shape}")
        return self.gradient(self.x, dout)


class LeakyReLU(Activation):
    """As a difference of two ramps."""

    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.slope = negative_slope

    def value(self, x):
        return np.maximum(x, 0) - self.slope * np.maximum(-x, 0)

    def gradient(self, x, dout):
        dx = dout.copy()
        dx[x <= 0] *= self.slope
        return dx


class ELU(Activation):
    """With a mask, which only the negative elements go through."""

    def __init__(self, alpha=1.0):
        super().__init__()
        self.alpha = alpha

    def value(self, x):
        y = x.copy()
        y[x < 0] = self.alpha * (np.exp(x[x < 0]) - 1)
        return y

    def gradient(self, x, dout):
        dx = dout.copy()
        dx[x <= 0] *= self.alpha * np.exp(x[x <= 0])
        return dx


class Sigmoid(Activation):
    """In two branches, so that nothing overflows."""

    def value(self, x):
        y = np.empty_like(x)
        up = x >= 0
        y[up] = 1 / (1 + np.exp(-x[up]))
        e = np.exp(x[~up])
        y[~up] = e / (1 + e)
        return y

    def gradient(self, x, dout):
        return dout * self.value(x) * self.value(-x)


class Tanh(Activation):
    """One element at a time."""

    def value(self, x):
        values = [math.tanh(v) for v in x.ravel().tolist()]
        return np.array(values, x.dtype).reshape(x.shape)

    def gradient(self, x, dout):
        y = self.value(x)
        return dout * (1 - y) * (1 + y)


class Softmax(Activation):
    """Through logarithms forward, and through the whole Jacobian of each row backward."""

    def value(self, x):
        largest = x.max(axis=-1, keepdims=True)
        return np.exp(x - largest - np.log(np.exp(x - largest).sum(axis=-1, keepdims=True)))

    def gradient(self, x, dout):
        y = self.value(x)
        jacobian = np.einsum("...i,ij->...ij", y, np.eye(x.shape[-1], dtype=x.dtype))
        jacobian -= y[..., :, None] * y[..., None, :]
        return np.einsum("...ij,...j->...i", jacobian, dout)
