"""A layer with its activation, which can be switched off, and weights (in, out)."""

import numpy as np


class DenseLayer:
    def __init__(self, input_size, output_size, activation="relu", name="dense"):
        self.W = np.random.standard_normal((input_size, output_size))
        self.b = np.zeros((1, output_size))
        self.activation, self.name = activation, name

    def forward_pass(self, A_prev):
        self.A_prev = A_prev
        self.Z = A_prev @ self.W + self.b
        if self.activation == "relu":
            return np.maximum(self.Z, 0)
        if self.activation == "linear":
            return self.Z
        raise ValueError(f"unknown activation {self.activation}")

    def backward_pass(self, dA):
        dZ = dA * (self.Z > 0) if self.activation == "relu" else dA
        self.dW = self.A_prev.T @ dZ
        self.db = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.W.T


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_derivative(z):
    s = sigmoid(z)
    return s * (1 - s)
