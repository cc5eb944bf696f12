"""Code in the style of many tutorials: a class per layer, which learns inside `backward`.

`backward(gradient, rate)` returns the gradient for the layer's input and changes the layer's
weights at once; the gradients of the weights are not kept. Weights of a dense layer are
(in, out). `examples/adapters/updating.py` adapts it.
"""

import numpy as np


class ConvLayer:
    def __init__(self, channels, filters, size, stride, pad):
        self.weights = np.random.randn(filters, channels, size, size) * np.sqrt(
            2 / (channels * size * size)
        )
        self.biases = np.zeros(filters)
        self.size, self.stride, self.pad = size, stride, pad

    def forward(self, images):
        self.shape = images.shape
        self.padded = np.pad(images, ((0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)))
        rows = (self.padded.shape[2] - self.size) // self.stride + 1
        columns = (self.padded.shape[3] - self.size) // self.stride + 1
        output = np.empty((len(images), len(self.weights), rows, columns), images.dtype)
        for i in range(rows):
            for j in range(columns):
                window = self.padded[self._window(i, j)]
                output[:, :, i, j] = np.tensordot(window, self.weights, axes=([1, 2, 3], [1, 2, 3]))
        return output + self.biases[:, None, None].astype(images.dtype)

    def backward(self, gradient, rate):
        dpadded = np.zeros_like(self.padded)
        dweights = np.zeros(self.weights.shape)
        for i in range(gradient.shape[2]):
            for j in range(gradient.shape[3]):
                window = self._window(i, j)
                dpadded[window] += np.tensordot(gradient[:, :, i, j], self.weights, axes=1)
                dweights += np.tensordot(gradient[:, :, i, j].T, self.padded[window], axes=1)
        self.weights -= rate * dweights
        self.biases -= rate * gradient.sum(axis=(0, 2, 3))
        height, width = self.shape[2:]
        return dpadded[:, :, self.pad : self.pad + height, self.pad : self.pad + width]

    def _window(self, i, j):
        row, column = i * self.stride, j * self.stride
        return np.s_[:, :, row : row + self.size, column : column + self.size]


class DenseLayer:
    def __init__(self, inputs, outputs):
        self.weights = np.random.randn(inputs, outputs) * np.sqrt(2 / inputs)
        self.biases = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return (x @ self.weights + self.biases).astype(x.dtype)

    def backward(self, gradient, rate):
        dx = gradient @ self.weights.T
        self.weights -= rate * (self.x.T @ gradient)
        self.biases -= rate * gradient.sum(axis=0)
        return dx.astype(gradient.dtype)
