"""Layers that are told the shape of their input before the first call."""

import numpy as np


class Dense:
    def __init__(self, units):
        self.units = units

    def build(self, input_shape):
        self.kernel = np.random.standard_normal((input_shape[-1], self.units))
        self.bias = np.zeros(self.units)

    def call(self, inputs):
        self.inputs = inputs
        return inputs @ self.kernel + self.bias

    def backprop(self, upstream):
        self.d_kernel = self.inputs.T @ upstream
        self.d_bias = upstream.sum(axis=0)
        return upstream @ self.kernel.T


class AveragePooling2D:
    def __init__(self, pool_size, input_shape):
        self.k = pool_size
        self.rows, self.columns, self.channels = input_shape

    def call(self, inputs):
        k, self.shape = self.k, inputs.shape
        rows, columns = self.rows // k, self.columns // k
        tiles = inputs[:, : rows * k, : columns * k].reshape(-1, rows, k, columns, k, self.channels)
        return tiles.mean(axis=(2, 4))

    def backprop(self, upstream):
        out = np.zeros(self.shape)
        spread = upstream.repeat(self.k, axis=1).repeat(self.k, axis=2) / self.k**2
        out[:, : spread.shape[1], : spread.shape[2]] = spread
        return out
