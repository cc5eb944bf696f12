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
