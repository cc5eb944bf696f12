import numpy as np


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def one_step(x, h_prev, c_prev, Wx, Wh, b):
    H = h_prev.shape[1]
    a = x @ Wx + h_prev @ Wh + b
    o = sigmoid(a[:, :H])
    f = sigmoid(a[:, H : 2 * H])
    i = sigmoid(a[:, 2 * H : 3 * H])
    g = np.tanh(a[:, 3 * H :])
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c, (x, h_prev, c_prev, o, f, i, g, c)


def step_back(dh, dc, cache, Wx, Wh):
    x, h_prev, c_prev, o, f, i, g, c = cache
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    da = np.hstack(
        [
            dh * np.tanh(c) * o * (1 - o),
            dc * c_prev * f * (1 - f),
            dc * g * i * (1 - i),
            dc * i * (1 - g**2),
        ]
    )
    return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, h_prev.T @ da, da.sum(0)


def run_lstm(x, h0, Wx, Wh, b):
    h, c = h0, np.zeros_like(h0)
    hs, caches = [], []
    for t in range(x.shape[1]):
        h, c, cache = one_step(x[:, t], h, c, Wx, Wh, b)
        hs.append(h)
        caches.append(cache)
    return np.stack(hs, axis=1), (caches, Wx, Wh)


def run_lstm_grad(dhs, cache):
    caches, Wx, Wh = cache
    dxs, dh, dc, dWx, dWh, db = [], 0, 0, 0, 0, 0
    for t in range(len(caches) - 1, -1, -1):
        dx, dh, dc, dWx_, dWh_, db_ = step_back(dhs[:, t] + dh, dc, caches[t], Wx, Wh)
        dxs.append(dx)
        dWx, dWh, db = dWx + dWx_, dWh + dWh_, db + db_
    return np.stack(dxs[::-1], axis=1), dh, dWx, dWh, db
