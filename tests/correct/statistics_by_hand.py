"""Batch normalization channel by channel; dropout with the global generator or a given one."""

import numpy as np

__all__ = ["BatchNorm2D", "Dropout"]


class BatchNorm2D:
    """Every channel as a vector of its own."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {
            "running_mean": np.zeros(num_features),
            "running_var": np.ones(num_features),
        }
        self.grads, self.training = {}, True
        self.eps, self.momentum, self.x = eps, momentum, None

    def forward(self, x):
        channels = len(self.params["weight"])
        if x.ndim != 4 or x.shape[1] != channels:
            raise ValueError(f"BatchNorm2D of {channels} channels: x has shape {x.shape}")
        self.x, self.mode = x.copy(), self.training
        self.lines = []
        y = np.empty_like(self.x)
        for c in range(channels):
            v = x[:, c].ravel()
            mean, var = self.buffers["running_mean"][c], self.buffers["running_var"][c]
            if self.training:
                old, m, n = (mean, var), self.momentum, v.size
                mean = v.sum() / n
                var = ((v - mean) ** 2).sum() / n
                self.buffers["running_mean"][c] = old[0] * (1 - m) + mean * m
                self.buffers["running_var"][c] = (
                    old[1] * (1 - m) + ((v - mean) ** 2).sum() / (n - 1) * m
                )
            deviation = (var + self.eps) ** 0.5
            self.lines.append((mean, deviation))
            y[:, c] = (x[:, c] - mean) / deviation * self.params["weight"][c]
            y[:, c] += self.params["bias"][c]
        return y

    def backward(self, dout):
        if self.x is None:
            raise RuntimeError("BatchNorm2D: backward before forward")
        if dout.shape != self.x.shape:
            raise ValueError(f"BatchNorm2D: dout has shape {dout.shape}, y had {self.x.shape}")
        dx = np.empty_like(self.x)
        self.grads = {name: np.empty_like(value) for name, value in self.params.items()}
        for c, (mean, deviation) in enumerate(self.lines):
            g, centred = dout[:, c], self.x[:, c] - mean
            self.grads["weight"][c] = (g * centred).sum() / deviation
            self.grads["bias"][c] = g.sum()
            g = g * self.params["weight"][c]
            dx[:, c] = g / deviation
            if self.mode:
                n = g.size
                dvar = (g * centred).sum() * -0.5 / deviation**3
                dmean = -g.sum() / deviation
                dx[:, c] += 2 * centred * dvar / n + dmean / n
        return dx


class Dropout:
    """Draws from a given generator, or from numpy's global one."""

    def __init__(self, p=0.5, rng=None):
        if p < 0 or p > 1:
            raise ValueError(f"Dropout: p = {p}")
        self.params, self.grads, self.training = {}, {}, True
        self.p, self.uniform, self.factor = p, (rng or np.random).random, None

    def forward(self, x):
        self.factor = np.ones_like(x)
        if self.training:
            self.factor[self.uniform(x.shape) < self.p] = 0
            self.factor /= 1 - self.p
        return x * self.factor

    def backward(self, dout):
        if self.factor is None:
            raise RuntimeError("Dropout has no mask yet")
        if dout.shape != self.factor.shape:
            raise ValueError(f"Dropout: dout of shape {dout.shape} for {self.factor.shape}")
        return dout * self.factor
