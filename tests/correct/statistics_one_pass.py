"""Batch normalization by sums of x and x² in float64; dropout by numpy's global generator."""

import numpy as np

__all__ = ["BatchNorm2D", "Dropout"]


class BatchNorm2D:
    """Keeps the line y = scale · x + shift of every channel, and no x minus its mean."""

    saved = None

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {
            "running_mean": np.zeros(num_features),
            "running_var": np.ones(num_features),
        }
        self.grads, self.training = {}, True
        self.eps, self.momentum = eps, momentum

    def forward(self, x):
        C = len(self.params["weight"])
        if x.ndim != 4 or x.shape[1] != C:
            raise ValueError(f"BatchNorm2D({C}): x of shape {x.shape}")
        if self.training:
            n = x.size // C
            mean = np.einsum("nchw->c", x, dtype=np.float64, casting="safe") / n
            square = np.einsum("nchw,nchw->c", x, x, dtype=np.float64, casting="safe") / n
            var = np.maximum(square - mean**2, 0)
            self.learn(mean, var * n / max(n - 1, 1))
        else:
            mean, var = self.buffers["running_mean"], self.buffers["running_var"]
        inverse = (var + self.eps) ** -0.5
        scale = self.params["weight"] * inverse
        shift = self.params["bias"] - scale * mean
        self.saved = x.copy(), mean, inverse, self.training
        return (x * scale[:, None, None] + shift[:, None, None]).astype(x.dtype)

    def learn(self, mean, var):
        m = self.momentum
        self.buffers["running_mean"] = (1 - m) * self.buffers["running_mean"] + m * mean
        self.buffers["running_var"] = (1 - m) * self.buffers["running_var"] + m * var

    def backward(self, dout):
        if self.saved is None:
            raise RuntimeError("BatchNorm2D.backward before BatchNorm2D.forward")
        x, mean, inverse, trained = self.saved
        if dout.shape != x.shape:
            raise ValueError(f"BatchNorm2D: dout of shape {dout.shape}, not {x.shape}")
        sums = np.einsum("nchw->c", dout, dtype=np.float64, casting="safe")
        products = np.einsum("nchw,nchw->c", dout, x, dtype=np.float64, casting="safe")
        dweight = (products - mean * sums) * inverse
        for name, grad in (("weight", dweight), ("bias", sums)):
            self.grads[name] = grad.astype(self.params[name].dtype)
        a = self.params["weight"] * inverse
        b, c = np.zeros_like(a), np.zeros_like(a)
        if trained:  # dx = a dout + b x + c
            n = x[:, 0].size
            b = -a * inverse * dweight / n
            c = -a * sums / n - b * mean
        a, b, c = (each[:, None, None] for each in (a, b, c))
        return (a * dout + b * x + c).astype(x.dtype)


class Dropout:
    """Multiplies by a drawn array of 0 and 1 / (1 - p)."""

    mask = None

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is {p}")
        self.p, self.params, self.grads, self.training = p, {}, {}, True
        self.draw = np.random.rand if rng is None else lambda *shape: rng.random(shape)
        if isinstance(rng, int):
            self.draw = np.random.RandomState(rng).rand

    def forward(self, x):
        self.mask = np.ones(x.shape, bool)
        if self.training:
            self.mask = self.draw(*x.shape) > self.p
        self.scale = 1 - self.p if self.training else 1.0
        return np.where(self.mask, x / self.scale, 0).astype(x.dtype)

    def backward(self, dout):
        if self.mask is None:
            raise RuntimeError("Dropout.backward before Dropout.forward")
        if dout.shape != self.mask.shape:
            raise ValueError(f"Dropout: dout of shape {dout.shape}, not {self.mask.shape}")
        return np.where(self.mask, dout / self.scale, 0).astype(dout.dtype)
