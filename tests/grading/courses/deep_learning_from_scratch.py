"""What examples/styles/deep_learning_from_scratch.py does not have of the book's."""

import numpy as np


class TimeRNN:
    def __init__(self, Wx, Wh, b, stateful=False):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(p) for p in self.params]
        self.stateful = stateful

    def forward(self, xs):
        Wx, Wh, b = self.params
        h = np.zeros((len(xs), len(Wh)), xs.dtype)
        states = [h]
        for t in range(xs.shape[1]):
            states.append(np.tanh(states[-1] @ Wh + xs[:, t] @ Wx + b))
        self.xs, self.hs = xs, np.stack(states, axis=1)
        return self.hs[:, 1:].copy()

    def backward(self, dhs):
        Wx, Wh, _ = self.params
        dxs, dh = np.empty_like(self.xs), 0
        dWx, dWh, db = self.grads = [np.zeros_like(p) for p in self.params]
        for t in reversed(range(dhs.shape[1])):
            da = (dhs[:, t] + dh) * (1 - self.hs[:, t + 1] ** 2)
            dxs[:, t], dh = da @ Wx.T, da @ Wh.T
            dWx += self.xs[:, t].T @ da
            dWh += self.hs[:, t].T @ da
            db += da.sum(axis=0)
        return dxs


class TimeLSTM:
    def __init__(self, Wx, Wh, b, stateful=False):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(p) for p in self.params]
        self.stateful = stateful

    def forward(self, xs):
        Wx, Wh, b = self.params
        h = c = np.zeros((len(xs), len(Wh)), xs.dtype)
        self.xs, self.steps, hs = xs, [], []
        for t in range(xs.shape[1]):
            f, g, i, o = np.split(xs[:, t] @ Wx + h @ Wh + b, 4, axis=1)
            f, g, i, o = sigmoid(f), np.tanh(g), sigmoid(i), sigmoid(o)
            self.steps.append((h, c, f, g, i, o))
            c = f * c + g * i
            h = o * np.tanh(c)
            hs.append(h)
        self.last = c
        return np.stack(hs, axis=1)

    def backward(self, dhs):
        Wx, Wh, _ = self.params
        dWx, dWh, db = self.grads = [np.zeros_like(p) for p in self.params]
        dxs, dh, dc, c_next = np.empty_like(self.xs), 0, 0, self.last
        for t in reversed(range(dhs.shape[1])):
            h, c, f, g, i, o = self.steps[t]
            dh, tanh_c = dhs[:, t] + dh, np.tanh(c_next)
            dc = dc + dh * o * (1 - tanh_c**2)
            df, dg, di = dc * c * f * (1 - f), dc * i * (1 - g**2), dc * g * i * (1 - i)
            do = dh * tanh_c * o * (1 - o)
            dA = np.concatenate([df, dg, di, do], axis=1)
            dWx += self.xs[:, t].T @ dA
            dWh += h.T @ dA
            db += dA.sum(axis=0)
            dxs[:, t], dh, dc, c_next = dA @ Wx.T, dA @ Wh.T, dc * f, c
        return dxs


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


class TimeEmbedding:
    def __init__(self, W):
        self.params, self.grads = [W], [np.zeros_like(W)]

    def forward(self, xs):
        self.xs = xs.copy()
        return self.params[0][xs]

    def backward(self, dout):
        (dW,) = self.grads = [np.zeros_like(self.params[0])]
        np.add.at(dW, self.xs, dout)


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, {}

    def update(self, params, grads):
        for key in params:
            self.h[key] = self.h.get(key, 0) + grads[key] ** 2
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


class RMSprop:
    def __init__(self, lr=0.01, decay_rate=0.99):
        self.lr, self.rate, self.h = lr, decay_rate, {}

    def update(self, params, grads):
        for key in params:
            self.h[key] = self.rate * self.h.get(key, 0) + (1 - self.rate) * grads[key] ** 2
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        lr = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        for key in params:
            m, v = self.m.get(key, 0), self.v.get(key, 0)
            self.m[key] = m + (1 - self.beta1) * (grads[key] - m)
            self.v[key] = v + (1 - self.beta2) * (grads[key] ** 2 - v)
            params[key] -= lr * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)
