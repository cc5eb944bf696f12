"""Layers as in "Deep Learning from Scratch": classes that are made with their weights."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def im2col(x, height, width, stride, pad):
    """Return a row for each window: (N·OH·OW, C·height·width)."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    views = sliding_window_view(x, (height, width), (2, 3))[:, :, ::stride, ::stride]
    return views.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * height * width)


def col2im(col, shape, height, width, stride, pad):
    """Add up what belongs to each element of the image: the transpose of im2col."""
    N, C, H, W = shape
    out_h, out_w = out_size(H, height, stride, pad), out_size(W, width, stride, pad)
    col = col.reshape(N, out_h, out_w, C, height, width).transpose(0, 3, 1, 2, 4, 5)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), col.dtype)
    for i, j in np.ndindex(height, width):
        rows, columns = slice(i, i + stride * out_h, stride), slice(j, j + stride * out_w, stride)
        x[:, :, rows, columns] += col[..., i, j]
    return x[:, :, pad : pad + H, pad : pad + W]


def out_size(size, kernel, stride, pad):
    return (size + 2 * pad - kernel) // stride + 1


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad
        self.dW = self.db = None

    def forward(self, x):
        FN, _, FH, FW = self.W.shape
        N, _, H, W = x.shape
        self.shape = x.shape
        self.options = FH, FW, self.stride, self.pad
        self.col = im2col(x, *self.options)
        out = self.col @ self.W.reshape(FN, -1).T + self.b
        sizes = out_size(H, FH, self.stride, self.pad), out_size(W, FW, self.stride, self.pad)
        return out.reshape(N, *sizes, FN).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN = len(self.W)
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = dout.sum(axis=0)
        self.dW = (self.col.T @ dout).T.reshape(self.W.shape)
        return col2im(dout @ self.W.reshape(FN, -1), self.shape, *self.options)


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.options = pool_h, pool_w, stride, pad

    def forward(self, x):
        N, C, H, W = self.shape = x.shape
        pool_h, pool_w, stride, pad = self.options
        x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=-np.inf)
        col = im2col(x, pool_h, pool_w, stride, 0).reshape(-1, pool_h * pool_w)
        self.arg_max, self.col_shape = col.argmax(axis=1), col.shape
        sizes = out_size(H, pool_h, stride, pad), out_size(W, pool_w, stride, pad)
        return col.max(axis=1).reshape(N, *sizes, C).transpose(0, 3, 1, 2)

    def backward(self, dout):
        col = np.zeros(self.col_shape, dout.dtype)
        col[np.arange(len(col)), self.arg_max] = dout.transpose(0, 2, 3, 1).ravel()
        return col2im(col, self.shape, *self.options)


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.dW = self.db = None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class Sigmoid:
    def forward(self, x):
        e = np.exp(-np.abs(x))
        self.out = np.where(x >= 0, 1, e) / (1 + e)
        return self.out.copy()

    def backward(self, dout):
        return dout * (1 - self.out) * self.out


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = t if t.ndim == 2 else np.eye(x.shape[1], dtype=x.dtype)[t]
        shifted = x - x.max(axis=1, keepdims=True)
        log_y = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.y = np.exp(log_y)
        return -(self.t * log_y).sum() / len(x)

    def backward(self, dout=1):
        return (self.y * self.t.sum(axis=1, keepdims=True) - self.t) * dout / len(self.y)


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params:
            params[key] -= self.lr * grads[key]


class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key in params:
            self.v[key] = self.momentum * self.v.get(key, 0) - self.lr * grads[key]
            params[key] += self.v[key]
