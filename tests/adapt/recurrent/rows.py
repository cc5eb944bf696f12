import numpy as np


class SimpleRNN:
    def __init__(self, n_in, n_hidden):
        self.Wxh = np.random.randn(n_in, n_hidden) * 0.1
        self.Whh = np.random.randn(n_hidden, n_hidden) * 0.1
        self.bh = np.zeros(n_hidden)

    def forward(self, inputs):
        N, T, _ = inputs.shape
        self.inputs = inputs
        self.hs = np.zeros((N, T + 1, len(self.bh)))
        for t in range(T):
            a = inputs[:, t] @ self.Wxh + self.hs[:, t - 1] @ self.Whh + self.bh
            self.hs[:, t] = np.tanh(a)
        return self.hs[:, :T].copy()

    def backward(self, dhs):
        dx = np.zeros_like(self.inputs)
        self.dWxh, self.dWhh, self.dbh = (np.zeros_like(p) for p in (self.Wxh, self.Whh, self.bh))
        dnext = np.zeros_like(dhs[:, 0])
        for t in reversed(range(dhs.shape[1])):
            da = (dhs[:, t] + dnext) * (1 - self.hs[:, t] ** 2)
            self.dWxh += self.inputs[:, t].T @ da
            self.dWhh += self.hs[:, t - 1].T @ da
            self.dbh += da.sum(0)
            dx[:, t] = da @ self.Wxh.T
            dnext = da @ self.Whh.T
        return dx
