"""Layers as CS231n asks for them: functions with caches."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def affine_forward(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def windows(x, height, width, stride):
    """Return views of all windows: (N, C, OH, OW, height, width)."""
    return sliding_window_view(x, (height, width), (2, 3))[:, :, ::stride, ::stride]


def conv_forward_naive(x, w, b, conv_param):
    pad, stride = conv_param["pad"], conv_param["stride"]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.einsum("ncijuv,kcuv->nkij", windows(xp, *w.shape[2:], stride), w)
    return out + b[:, None, None], (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, _, conv_param = cache
    pad, stride = conv_param["pad"], conv_param["stride"]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dw = np.einsum("ncijuv,nkij->kcuv", windows(xp, *w.shape[2:], stride), dout)
    dxp = np.zeros_like(xp)
    for i, j in np.ndindex(dout.shape[2:]):
        rows, columns = i * stride, j * stride
        part = dxp[:, :, rows : rows + w.shape[2], columns : columns + w.shape[3]]
        part += np.einsum("nk,kcuv->ncuv", dout[:, :, i, j], w)
    dx = dxp[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    size = pool_param["pool_height"], pool_param["pool_width"]
    out = windows(x, *size, pool_param["stride"]).max(axis=(4, 5))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width = pool_param["pool_height"], pool_param["pool_width"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        rows, columns = i * pool_param["stride"], j * pool_param["stride"]
        window = x[n, c, rows : rows + height, columns : columns + width]
        u, v = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, rows + u, columns + v] += dout[n, c, i, j]
    return dx


def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(x))
    dx = np.exp(log_probs)
    dx[rows, y] -= 1
    return -log_probs[rows, y].mean(), dx / len(x)


def layernorm_forward(x, gamma, beta, ln_param):
    centred = x - x.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=1, keepdims=True) + ln_param["eps"])
    normal = centred / scale
    return gamma * normal + beta, (normal, scale, gamma)


def layernorm_backward(dout, cache):
    normal, scale, gamma = cache
    d = dout * gamma
    dx = d - d.mean(axis=1, keepdims=True) - normal * (d * normal).mean(axis=1, keepdims=True)
    return dx / scale, (dout * normal).sum(axis=0), dout.sum(axis=0)


def rnn_forward(x, h0, Wx, Wh, b):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        states.append(h)
    h = np.stack(states, axis=1)
    return h, (x, h0, Wx, Wh, h)


def rnn_backward(dh, cache):
    x, h0, Wx, Wh, h = cache
    dx, dWx, dWh, db = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), 0
    dprev = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        da = (dh[:, t] + dprev) * (1 - h[:, t] ** 2)
        before = h[:, t - 1] if t else h0
        dx[:, t], dprev = da @ Wx.T, da @ Wh.T
        dWx, dWh, db = dWx + x[:, t].T @ da, dWh + before.T @ da, db + da.sum(axis=0)
    return dx, dprev, dWx, dWh, db


def sgd_momentum(w, dw, config=None):
    velocity = config.get("velocity", 0) * config.get("momentum", 0.9)
    config["velocity"] = velocity - config["learning_rate"] * dw
    return w + config["velocity"], config


def sgd(w, dw, config=None):
    return w - config["learning_rate"] * dw, config
