"""Batch normalization in the nine steps of a well-known tutorial; dropout by Python's own `random`.

The steps and their names are those of Kratzert, Understanding the backward pass through Batch
Normalization Layer, 2016, on rows of channels.
"""

import random

import numpy as np

__all__ = ["BatchNorm2D", "Dropout"]


def rows(images):
    """Return one row of channels for each pixel, (N*H*W, C)."""
    return np.moveaxis(images, 1, -1).reshape(-1, images.shape[1])


def images(rows, shape):
    N, C, H, W = shape
    return np.ascontiguousarray(np.moveaxis(rows.reshape(N, H, W, C), -1, 1))


class BatchNorm2D:
    cache = None

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {
            "running_mean": np.zeros(num_features),
            "running_var": np.ones(num_features),
        }
        self.grads = {}
        self.training = True
        self.eps, self.momentum = eps, momentum

    def forward(self, x):
        if x.ndim != 4 or x.shape[1] != self.params["weight"].size:
            raise ValueError(
                f"BatchNorm2D: expected {self.params['weight'].size} channels, x is {x.shape}"
            )
        self.shape, self.trained = x.shape, self.training
        gamma, beta = self.params["weight"], self.params["bias"]
        x = rows(x)
        N = len(x)
        if self.training:
            mu = 1.0 / N * np.sum(x, axis=0)
            xmu = x - mu
            sq = xmu**2
            var = 1.0 / N * np.sum(sq, axis=0)
            for name, new in (("running_mean", mu), ("running_var", var * N / (N - 1))):
                self.buffers[name] *= 1 - self.momentum
                self.buffers[name] += self.momentum * new
        else:
            xmu = x - self.buffers["running_mean"].astype(x.dtype)
            var = self.buffers["running_var"].astype(x.dtype)
        sqrtvar = np.sqrt(var + self.eps)
        ivar = 1.0 / sqrtvar
        xhat = xmu * ivar
        gammax = gamma * xhat
        out = gammax + beta
        self.cache = xhat, gamma.copy(), xmu, ivar, sqrtvar, var
        return images(out, self.shape)

    def backward(self, dout):
        if self.cache is None:
            raise RuntimeError("BatchNorm2D: no forward, no backward")
        if dout.shape != self.shape:
            raise ValueError(f"BatchNorm2D: dout {dout.shape}, output {self.shape}")
        xhat, gamma, xmu, ivar, sqrtvar, var = self.cache
        dout = rows(dout)
        N, D = dout.shape
        # 9 and 8: the shift and the scale
        dbeta = np.sum(dout, axis=0)
        dgammax = dout
        dgamma = np.sum(dgammax * xhat, axis=0)
        dxhat = dgammax * gamma
        self.grads = {"weight": dgamma, "bias": dbeta}
        # 7: the product of what is centred and the inverse deviation
        divar = np.sum(dxhat * xmu, axis=0)
        dxmu1 = dxhat * ivar
        if not self.trained:
            return images(dxmu1, self.shape)
        # 6, 5 and 4: the inverse, the root and the mean of the squares
        dsqrtvar = -1.0 / (sqrtvar**2) * divar
        dvar = 0.5 * 1.0 / np.sqrt(var + self.eps) * dsqrtvar
        dsq = 1.0 / N * np.ones((N, D), dout.dtype) * dvar
        # 3 and 2: the square and the difference
        dxmu2 = 2 * xmu * dsq
        dx1 = dxmu1 + dxmu2
        dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
        # 1 and 0: the mean, and both ways to x
        dx2 = 1.0 / N * np.ones((N, D), dout.dtype) * dmu
        return images(dx1 + dx2, self.shape)


class Dropout:
    """Draws number by number; a Generator seeds a `random.Random` of the layer's own."""

    mask = None

    def __init__(self, p=0.5, rng=None):
        if p < 0 or p > 1:
            raise ValueError(f"Dropout: {p} is no probability")
        self.p = p
        self.params, self.grads, self.training = {}, {}, True
        self.random = random
        if rng is not None:
            self.random = random.Random(rng if isinstance(rng, int) else rng.bytes(16))

    def forward(self, x):
        if self.training:
            keep = 1 - self.p
            drawn = [float(self.random.random() < keep) / keep for _ in range(x.size)]
            self.mask = np.array(drawn, dtype=x.dtype).reshape(x.shape)
        else:
            self.mask = np.ones_like(x, order="C")
        return self.mask * x

    def backward(self, dout):
        if self.mask is None:
            raise RuntimeError("Dropout: no forward, no backward")
        if dout.shape != self.mask.shape:
            raise ValueError(f"Dropout: dout is {dout.shape} and the mask {self.mask.shape}")
        return self.mask * dout
