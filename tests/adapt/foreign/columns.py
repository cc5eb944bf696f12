"""Samples are columns: (features, samples)."""

import numpy as np


class DenseLayer:
    def __init__(self, n_inputs, n_outputs):
        self.weight = np.random.standard_normal((n_outputs, n_inputs))
        self.bias = np.zeros((n_outputs, 1))

    def forward(self, x):
        self.x = x
        return self.weight @ x + self.bias

    def backward(self, delta):
        self.weight_grad = delta @ self.x.T / delta.shape[1]
        self.bias_grad = delta.sum(axis=1, keepdims=True) / delta.shape[1]
        return self.weight.T @ delta
