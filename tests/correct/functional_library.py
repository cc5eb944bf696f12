"""A library of pure functions with an interface of its own; functional_adapter.py plugs it in."""

import numpy as np


def conv(x, w, b, stride, pad):
    """Return the output and what the way back needs; images are (C, H, W, N)."""
    C, H, W, N = x.shape
    K, _, KH, KW = w.shape
    xp = np.zeros((C, H + 2 * pad[0], W + 2 * pad[1], N), x.dtype)
    xp[:, pad[0] : pad[0] + H, pad[1] : pad[1] + W] = x
    OH, OW = (xp.shape[1] - KH) // stride[0] + 1, (xp.shape[2] - KW) // stride[1] + 1
    cols = np.empty((C, KH, KW, OH, OW, N), x.dtype)
    for i in range(KH):
        for j in range(KW):
            rows = slice(i, i + stride[0] * (OH - 1) + 1, stride[0])
            cols[:, i, j] = xp[:, rows, j : j + stride[1] * (OW - 1) + 1 : stride[1]]
    y = (w.reshape(K, -1) @ cols.reshape(C * KH * KW, -1)).reshape(K, OH, OW, N)
    return (y if b is None else y + b[:, None, None, None]), (cols, xp.shape, (H, W), stride, pad)


def conv_vjp(cache, w, dy):
    """Return dx, dw and db."""
    cols, padded, (H, W), stride, pad = cache
    C, KH, KW, OH, OW, _ = cols.shape
    flat = dy.reshape(len(w), -1)
    dcols = (w.reshape(len(w), -1).T @ flat).reshape(cols.shape)
    dxp = np.zeros(padded, dy.dtype)
    for i in range(KH):
        for j in range(KW):
            rows = slice(i, i + stride[0] * (OH - 1) + 1, stride[0])
            dxp[:, rows, j : j + stride[1] * (OW - 1) + 1 : stride[1]] += dcols[:, i, j]
    dw = (flat @ cols.reshape(C * KH * KW, -1).T).reshape(w.shape)
    return dxp[:, pad[0] : pad[0] + H, pad[1] : pad[1] + W], dw, flat.sum(axis=1)


def linear(x, w, b):
    """Return y for columns of samples, (features, N)."""
    return w.T @ x if b is None else w.T @ x + b[:, None]


def linear_vjp(x, w, dy):
    """Return dx, dw and db."""
    return w @ dy, x @ dy.T, dy.sum(axis=1)


def softmax_xent(z, onehot):
    """Return the losses of the samples and their gradients; z is (classes, N)."""
    z = z - z.max(axis=0)
    total = np.exp(z).sum(axis=0)
    return (onehot * (np.log(total) - z)).sum(axis=0), np.exp(z) / total - onehot


def squared(a, b):
    """Return the squared differences and their gradients."""
    return (a - b) ** 2, 2 * (a - b)


def train_epoch(step, x, y, size, order):
    """Call step on permuted copies of the data and return what it returned."""
    x, y = x[order], y[order]
    return [step(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]
