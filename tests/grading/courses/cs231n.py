"""What examples/styles/cs231n.py does not have of what CS231n asks for.

The assignment's running statistics are zeros at first, that of the variance too.
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], x.dtype)
    running_mean = bn_param.get("running_mean", zeros)
    running_var = bn_param.get("running_var", zeros)
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    scale = np.sqrt(var + eps)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * x.mean(axis=0)
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    normal = centred / scale
    return gamma * normal + beta, (normal, scale, gamma)


def batchnorm_backward(dout, cache):
    normal, scale, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - normal * (d * normal).mean(axis=0)) / scale
    return dx, (dout * normal).sum(axis=0), dout.sum(axis=0)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward(rows, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


def dropout_forward(x, dropout_param):
    p, mask = dropout_param["p"], None
    if dropout_param["mode"] == "train":
        mask = ((np.random.random(x.shape) < p) / p).astype(x.dtype)
        x = x * mask
    return x.copy(), (dropout_param, mask)


def dropout_backward(dout, cache):
    _, mask = cache
    return dout.copy() if mask is None else dout * mask


def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **(config or {})}
    rate = config["decay_rate"]
    config["cache"] = rate * config.get("cache", np.zeros_like(w)) + (1 - rate) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


def adam(w, dw, config=None):
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    config = defaults | (config or {})
    beta1, beta2 = config["beta1"], config["beta2"]
    config["t"] += 1
    config["m"] = beta1 * config.get("m", np.zeros_like(w)) + (1 - beta1) * dw
    config["v"] = beta2 * config.get("v", np.zeros_like(w)) + (1 - beta2) * dw**2
    m = config["m"] / (1 - beta1 ** config["t"])
    v = config["v"] / (1 - beta2 ** config["t"])
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config


def svm_loss(x, y):
    rows = np.arange(len(x))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] -= dx.sum(axis=1)
    return margins.sum() / len(x), dx / len(x)


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    groups = x.reshape(len(x), G, -1)
    centred = groups - groups.mean(axis=2, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
    normal = (centred / scale).reshape(x.shape)
    return gamma * normal + beta, (normal, scale, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    normal, scale, gamma, G = cache
    d, n = (each.reshape(len(dout), G, -1) for each in (dout * gamma, normal))
    d_mean, overlap = d.mean(axis=2, keepdims=True), (d * n).mean(axis=2, keepdims=True)
    dx = ((d - d_mean - n * overlap) / scale).reshape(dout.shape)
    axes = {"axis": (0, 2, 3), "keepdims": True}
    return dx, (dout * normal).sum(**axes), dout.sum(**axes)


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    ai, af, ao, ag = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o, g = sigmoid(ai), sigmoid(af), sigmoid(ao), np.tanh(ag)
    next_c = f * prev_c + i * g
    tanh_c = np.tanh(next_c)
    return o * tanh_c, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh_c = cache
    dc = dnext_c + dnext_h * o * (1 - tanh_c**2)
    di, df, do, dg = dc * g * i * (1 - i), dc * prev_c * f * (1 - f), dnext_h * tanh_c, dc * i
    da = np.concatenate([di, df, do * o * (1 - o), dg * (1 - g**2)], axis=1)
    return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def lstm_forward(x, h0, Wx, Wh, b):
    h, c, states, caches = h0, np.zeros_like(h0), [], []
    for t in range(x.shape[1]):
        h, c, cache = lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        states.append(h)
        caches.append(cache)
    return np.stack(states, axis=1), caches


def lstm_backward(dh, cache):
    dx, dprev_h, dprev_c, sums = [], 0, 0, 0
    for t in reversed(range(len(cache))):
        step = lstm_step_backward(dh[:, t] + dprev_h, dprev_c, cache[t])
        dx_t, dprev_h, dprev_c, *grads = step
        dx.append(dx_t)
        sums = grads if t == len(cache) - 1 else [a + b for a, b in zip(sums, grads, strict=True)]
    return np.stack(dx[::-1], axis=1), dprev_h, *sums
