"""Layers that change their weights inside backward."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class FullyConnected:
    def __init__(self, n_in, n_out):
        self.weights = np.random.standard_normal((n_in, n_out))
        self.bias = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.weights + self.bias

    def backward(self, d_out, learning_rate):
        d_x = d_out @ self.weights.T
        self.weights = self.weights - learning_rate * self.x.T @ d_out
        self.bias = self.bias - learning_rate * d_out.sum(axis=0)
        return d_x


class ConvLayer:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        shape = out_channels, in_channels, kernel_size, kernel_size
        self.weights = np.random.standard_normal(shape)
        self.bias = np.zeros(out_channels)
        self.size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x):
        pad = self.padding
        self.padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        windows = sliding_window_view(self.padded, (self.size, self.size), axis=(2, 3))
        self.windows = windows[:, :, :: self.stride, :: self.stride]
        return np.einsum("ncijuv,kcuv->nkij", self.windows, self.weights) + self.bias[:, None, None]

    def backward(self, d_out, learning_rate):
        d_padded, pad = np.zeros_like(self.padded), self.padding
        for i, j in np.ndindex(*d_out.shape[2:]):
            rows = slice(i * self.stride, i * self.stride + self.size)
            columns = slice(j * self.stride, j * self.stride + self.size)
            part = np.einsum("nk,kcuv->ncuv", d_out[:, :, i, j], self.weights)
            d_padded[:, :, rows, columns] += part
        self.weights = self.weights - learning_rate * np.einsum(
            "nkij,ncijuv->kcuv", d_out, self.windows
        )
        self.bias = self.bias - learning_rate * d_out.sum(axis=(0, 2, 3))
        return d_padded[:, :, pad : d_padded.shape[2] - pad, pad : d_padded.shape[3] - pad]
