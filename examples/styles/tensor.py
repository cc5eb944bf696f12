"""A small front end of automatic differentiation: tensors that record what is done with them."""

import numpy as np


class Tensor:
    """An array, its gradient, and how it was made."""

    def __init__(self, data, parents=(), pull=None):
        self.data, self.grad = np.asarray(data), None
        self.parents, self.pull = parents, pull

    def backward(self, grad=None):
        """Add to `grad` of everything that this was made of."""
        order, seen = [], set()

        def visit(tensor):
            if tensor not in seen:
                seen.add(tensor)
                for parent in tensor.parents:
                    visit(parent)
                order.append(tensor)

        visit(self)
        self.grad = np.ones_like(self.data) if grad is None else np.asarray(grad.data)
        for tensor in reversed(order):
            if tensor.pull is not None:
                for parent, part in zip(tensor.parents, tensor.pull(tensor.grad), strict=True):
                    parent.grad = part if parent.grad is None else parent.grad + part

    def relu(self):
        mask = self.data > 0
        return Tensor(self.data * mask, (self,), lambda grad: (grad * mask,))

    def tanh(self):
        y = np.tanh(self.data)
        return Tensor(y, (self,), lambda grad: (grad * (1 - y**2),))

    def __matmul__(self, other):
        def pull(grad):
            return grad @ other.data.T, self.data.T @ grad

        return Tensor(self.data @ other.data, (self, other), pull)

    def __add__(self, other):
        def pull(grad):
            return grad, grad.sum(axis=tuple(range(grad.ndim - other.data.ndim)))

        return Tensor(self.data + other.data, (self, other), pull)


class Linear:
    def __init__(self, n_in, n_out):
        self.w = Tensor(np.random.standard_normal((n_in, n_out)))
        self.b = Tensor(np.zeros(n_out))

    def __call__(self, x):
        return x @ self.w + self.b


def softmax_cross_entropy(x, t):
    """Return the mean loss for class indices."""
    rows = np.arange(len(x.data))
    shifted = x.data - x.data.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    def pull(grad):
        dx = np.exp(log_softmax)
        dx[rows, t.data] -= 1
        return (grad * dx / len(dx),)

    return Tensor(-log_softmax[rows, t.data].mean(), (x,), pull)


class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = params, lr

    def step(self):
        for tensor in self.params:
            tensor.data = tensor.data - self.lr * tensor.grad.data
