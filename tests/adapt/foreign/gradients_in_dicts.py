"""Parameters and gradients in dicts, told apart by their keys."""

import numpy as np


class Affine:
    def __init__(self, nodes_in, nodes_out):
        self.variables = {"W": np.random.standard_normal((nodes_out, nodes_in))}
        self.variables["b"] = np.zeros((1, nodes_out))
        self.gradients = {}

    def fprop(self, batch):
        self.batch = batch
        return batch @ self.variables["W"].T + self.variables["b"]

    def bprop(self, grad):
        self.gradients["dW"] = grad.T @ self.batch
        self.gradients["db"] = grad.sum(axis=0, keepdims=True)
        return grad @ self.variables["W"]


class ReLU:
    def fprop(self, batch):
        self.positive = batch > 0
        return np.where(self.positive, batch, 0)

    def bprop(self, grad):
        return grad * self.positive
