"""Code in the style of Keras: a layer includes its activation.

Input sizes are inferred at the first call. Images are channels last, (N, H, W, C), kernels
(KH, KW, C, K) and weights (in, out), as Keras has them; padding is "valid" or "same".
`examples/adapters/fused.py` adapts it.
"""

import numpy as np


class Activation:
    """A function and its derivative, both from the function's output."""

    def __init__(self, name):
        self.function, self.derivative = {
            None: (lambda x: x, np.ones_like),
            "relu": (lambda x: np.maximum(x, 0), lambda y: (y > 0).astype(y.dtype)),
        }[name]

    def forward(self, x):
        self.y = self.function(x)
        return self.y

    def backward(self, dy):
        return dy * self.derivative(self.y)


class Conv2D:
    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid", activation=None):
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.padding, self.activation = padding, Activation(activation)
        self.kernel = None

    def build(self, channels):
        limit = np.sqrt(6 / ((channels + self.filters) * np.prod(self.kernel_size)))
        shape = (*self.kernel_size, channels, self.filters)
        self.kernel = np.random.uniform(-limit, limit, shape)
        self.bias = np.zeros(self.filters)

    def forward(self, x):
        if self.kernel is None:
            self.build(x.shape[-1])
        self.pads = [(0, 0), (0, 0)]
        if self.padding == "same":
            sizes = zip(x.shape[1:3], self.kernel_size, self.strides, strict=True)
            totals = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in sizes]
            self.pads = [(total // 2, total - total // 2) for total in totals]
        self.x = np.pad(x, ((0, 0), *self.pads, (0, 0)))
        y = sum(self._at(i, j) @ self.kernel[i, j] for i, j in np.ndindex(self.kernel_size))
        return self.activation.forward(y + self.bias)

    def backward(self, dy):
        dy = self.activation.backward(dy)
        dx = np.zeros_like(self.x)
        self.d_kernel, self.d_bias = np.zeros_like(self.kernel), dy.sum(axis=(0, 1, 2))
        for i, j in np.ndindex(self.kernel_size):
            self.d_kernel[i, j] = np.tensordot(self._at(i, j), dy, axes=([0, 1, 2], [0, 1, 2]))
            dx[self._index(i, j)] += dy @ self.kernel[i, j].T
        (top, bottom), (left, right) = self.pads
        return dx[:, top : dx.shape[1] - bottom, left : dx.shape[2] - right]

    def _index(self, i, j):
        """Return where the windows' elements (i, j) are, as a strided slice."""
        rows, columns = (
            slice(at, at + (n - k) // s * s + 1, s)
            for at, n, k, s in zip(
                (i, j), self.x.shape[1:3], self.kernel_size, self.strides, strict=True
            )
        )
        return np.s_[:, rows, columns]

    def _at(self, i, j):
        return self.x[self._index(i, j)]


class Dense:
    def __init__(self, units, activation=None):
        self.units, self.activation, self.kernel = units, Activation(activation), None

    def build(self, features):
        limit = np.sqrt(6 / (features + self.units))
        self.kernel = np.random.uniform(-limit, limit, (features, self.units))
        self.bias = np.zeros(self.units)

    def forward(self, x):
        if self.kernel is None:
            self.build(x.shape[-1])
        self.x = x
        return self.activation.forward(x @ self.kernel + self.bias)

    def backward(self, dy):
        dy = self.activation.backward(dy)
        self.d_kernel, self.d_bias = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.kernel.T
