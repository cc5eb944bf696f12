"""Parameters that are objects, which add up their gradients until they are reset."""

import numpy as np


class Parameter:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class Linear:
    def __init__(self, in_dim, out_dim):
        self.w = Parameter(np.random.standard_normal((in_dim, out_dim)))
        self.b = Parameter(np.zeros(out_dim))

    def zero_grad(self):
        for each in (self.w, self.b):
            each.grad = np.zeros_like(each.value)

    def __call__(self, x):
        self.x = x
        return x @ self.w.value + self.b.value

    def backward(self, dy):
        self.w.grad = self.w.grad + self.x.T @ dy
        self.b.grad = self.b.grad + dy.sum(axis=0)
        return dy @ self.w.value.T
