"""Layers as CMU's 11-785 asks for them: dLdZ comes in, dLdA goes out, gradients are attributes."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Linear:
    def __init__(self, in_features, out_features):
        self.W = np.random.standard_normal((out_features, in_features))
        self.b = np.zeros((out_features, 1))

    def forward(self, A):
        self.A = A
        return A @ self.W.T + self.b.T

    def backward(self, dLdZ):
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.sum(axis=0)[:, None]
        return dLdZ @ self.W


class ReLU:
    def forward(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A.copy()

    def backward(self, dLdA):
        return dLdA * (self.A > 0)


class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A.copy()

    def backward(self):
        return 1 - self.A**2


class Conv2d_stride1:  # noqa: N801
    def __init__(self, in_channels, out_channels, kernel_size):
        self.W = np.random.standard_normal((out_channels, in_channels, kernel_size, kernel_size))
        self.b = np.zeros(out_channels)

    def forward(self, A):
        self.A = A
        windows = sliding_window_view(A, self.W.shape[2:], (2, 3))
        return np.einsum("ncijuv,kcuv->nkij", windows, self.W) + self.b[:, None, None]

    def backward(self, dLdZ):
        windows = sliding_window_view(self.A, dLdZ.shape[2:], (2, 3))
        self.dLdW = np.einsum("ncuvij,nkij->kcuv", windows, dLdZ)
        self.dLdb = dLdZ.sum(axis=(0, 2, 3))
        size = self.W.shape[2] - 1
        padded = np.pad(dLdZ, ((0, 0), (0, 0), (size, size), (size, size)))
        windows = sliding_window_view(padded, self.W.shape[2:], (2, 3))
        return np.einsum("nkijuv,kcuv->ncij", windows, self.W[:, :, ::-1, ::-1])


class Downsample2d:
    def __init__(self, downsampling_factor):
        self.factor = downsampling_factor

    def forward(self, A):
        self.shape = A.shape
        return A[:, :, :: self.factor, :: self.factor]

    def backward(self, dLdZ):
        dLdA = np.zeros(self.shape, dLdZ.dtype)
        dLdA[:, :, :: self.factor, :: self.factor] = dLdZ
        return dLdA


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size, stride, padding=0):
        self.conv2d_stride1 = Conv2d_stride1(in_channels, out_channels, kernel_size)
        self.downsample2d = Downsample2d(stride)
        self.pad = padding

    def forward(self, A):
        self.size = A.shape[2:]
        A = np.pad(A, ((0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)))
        return self.downsample2d.forward(self.conv2d_stride1.forward(A))

    def backward(self, dLdZ):
        dLdA = self.conv2d_stride1.backward(self.downsample2d.backward(dLdZ))
        rows, columns = self.size
        return dLdA[:, :, self.pad : self.pad + rows, self.pad : self.pad + columns]


class MaxPool2d:
    def __init__(self, kernel, stride):
        self.kernel, self.stride = kernel, stride

    def forward(self, A):
        self.A = A
        windows = sliding_window_view(A, (self.kernel, self.kernel), (2, 3))
        return windows[:, :, :: self.stride, :: self.stride].max(axis=(4, 5))

    def backward(self, dLdZ):
        dLdA = np.zeros_like(self.A)
        for n, c, i, j in np.ndindex(dLdZ.shape):
            rows, columns = i * self.stride, j * self.stride
            window = self.A[n, c, rows : rows + self.kernel, columns : columns + self.kernel]
            u, v = divmod(window.argmax(), self.kernel)
            dLdA[n, c, rows + u, columns + v] += dLdZ[n, c, i, j]
        return dLdA


class Flatten:
    def forward(self, A):
        self.shape = A.shape
        return A.reshape(len(A), -1).copy()

    def backward(self, dLdZ):
        return dLdZ.reshape(self.shape)


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.Y = Y
        shifted = A - A.max(axis=1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.softmax = np.exp(log_softmax)
        return -(Y * log_softmax).sum() / len(A)

    def backward(self):
        return (self.softmax * self.Y.sum(axis=1, keepdims=True) - self.Y) / len(self.Y)


class MSELoss:
    def forward(self, A, Y):
        self.difference = A - Y
        return (self.difference**2).mean()

    def backward(self):
        return 2 * self.difference / self.difference.size


class SGD:
    def __init__(self, model, lr=0.1, momentum=0):
        self.layers, self.lr, self.mu = model.layers, lr, momentum
        self.v_W = [np.zeros_like(layer.W) for layer in self.layers]
        self.v_b = [np.zeros_like(layer.b) for layer in self.layers]

    def step(self):
        for i, layer in enumerate(self.layers):
            self.v_W[i] = self.mu * self.v_W[i] + layer.dLdW
            self.v_b[i] = self.mu * self.v_b[i] + layer.dLdb
            layer.W = layer.W - self.lr * self.v_W[i]
            layer.b = layer.b - self.lr * self.v_b[i]
