"""The wrong implementation under every attack: right in much, wrong in each aspect somewhere.

Dense leaves its bias out and divides the gradient of the weight by N; ReLU writes into x, and its
derivative is 1 everywhere. Neither looks at what it is given.
"""

import numpy as np


class Layer:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.params["weight"] = np.random.standard_normal((out_features, in_features))
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T

    def backward(self, dout):
        self.grads["weight"] = dout.T @ self.x / len(self.x)
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"]


class ReLU(Layer):
    def forward(self, x):
        self.x = x
        np.maximum(x, 0, out=x)
        return x

    def backward(self, dout):
        return dout * 1
