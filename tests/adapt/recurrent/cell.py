import numpy as np


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


class LSTMCell:
    def __init__(self, in_features, hidden):
        self.hidden = hidden
        self.Wi = np.random.randn(4 * hidden, in_features) * 0.1
        self.Wh = np.random.randn(4 * hidden, hidden) * 0.1
        self.b = np.zeros(4 * hidden)

    def forward(self, x, h, c):
        a = x @ self.Wi.T + h @ self.Wh.T + self.b
        n = self.hidden
        i, f, g, o = a[:, :n], a[:, n : 2 * n], a[:, 2 * n : 3 * n], a[:, 3 * n :]
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c_new = f * c + i * g
        self.cache = x, h, c, i, f, g, o, c_new
        return o * np.tanh(c_new), c_new

    def backward(self, dh, dc):
        x, h, c, i, f, g, o, c_new = self.cache
        dc = dc + dh * o * (1 - np.tanh(c_new) ** 2)
        da = np.concatenate(
            [
                dc * g * i * (1 - i),
                dc * c * f * (1 - f),
                dc * i * (1 - g**2),
                dh * np.tanh(c_new) * o * (1 - o),
            ],
            axis=1,
        )
        self.dWi, self.dWh, self.db = da.T @ x, da.T @ h, da.sum(0)
        return da @ self.Wi, da @ self.Wh, dc * f
