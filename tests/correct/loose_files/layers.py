"""Layers, in a folder of loose files that import each other by name."""

import numpy as np
from common import HasShape, spread


class Conv2D(HasShape):
    """Explicit im2col as one gather from the flat image, and bincount as its transpose."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.k, self.s, self.p = (spread(v) for v in (kernel_size, stride, padding))
        if min(self.k) < 1 or min(self.s) < 1 or min(self.p) < 0:
            raise ValueError(f"Conv2D: kernel {self.k}, stride {self.s}, padding {self.p}?")
        self.params["weight"] = np.random.exponential(0.1, (out_channels, in_channels, *self.k))
        if bias:
            self.params["bias"] = np.zeros((out_channels,))

    def forward(self, x):
        weight = self.params["weight"]
        if x.ndim != 4 or x.shape[1] != weight.shape[1]:
            raise ValueError(f"Conv2D was made for {weight.shape[1]} channels, x is {x.shape}")
        places, xp = self.gather(x, 0)
        self.columns = xp.reshape(len(x), -1)[:, places]
        y = np.tensordot(self.columns, weight.reshape(len(weight), -1), (2, 1)).swapaxes(1, 2)
        y = y.reshape(len(x), len(weight), *self.size)
        if "bias" in self.params:
            y += self.params["bias"].reshape(-1, 1, 1)
        return self.remember(y)

    def backward(self, dout):
        self.compare(dout)
        weight = self.params["weight"]
        rows = dout.reshape(*dout.shape[:2], -1)  # (N, K, OH*OW)
        self.grads["weight"] = np.einsum("nko,noe->ke", rows, self.columns).reshape(weight.shape)
        if "bias" in self.params:
            self.grads["bias"] = rows.sum(axis=2).sum(axis=0)
        return self.scatter(np.einsum("nko,ke->noe", rows, weight.reshape(len(weight), -1)))


class MaxPool2D(HasShape):
    """The channels of all samples as samples of one channel."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        stride = kernel_size if stride is None else stride
        self.k, self.s, self.p = (spread(v) for v in (kernel_size, stride, padding))
        if min(self.k) < 1 or min(self.s) < 1 or min(self.p) < 0:
            raise ValueError(f"MaxPool2D: kernel {self.k}, stride {self.s}, padding {self.p}?")

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError(f"MaxPool2D: x has {x.ndim} dimensions instead of 4")
        self.outer = x.shape[:2]
        places, xp = self.gather(x.reshape(-1, 1, *x.shape[2:]), -np.inf)
        windows = xp.reshape(len(xp), -1)[:, places]
        best = windows.argmax(axis=2)
        self.hot = best[..., None] == np.arange(windows.shape[2])
        return self.remember(windows.max(axis=2).reshape(*self.outer, *self.size))

    def backward(self, dout):
        self.compare(dout)
        shares = self.hot * dout.reshape(*self.hot.shape[:2], 1)
        dx = self.scatter(shares)
        return dx.reshape(*self.outer, *dx.shape[2:])


class Flatten(HasShape):
    def forward(self, x):
        if x.ndim == 1:
            raise ValueError(f"Flatten: x has 1 dimension, {x.size} numbers")
        self.shape = x.shape
        return self.remember(x.reshape((len(x), np.prod(x.shape[1:]))))

    def backward(self, dout):
        self.compare(dout)
        return dout.reshape(self.shape)


class Dense(HasShape):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        # Fortran order: the transpose is what the product reads row by row
        weight = np.random.logistic(0, 0.1, (out_features, in_features))
        self.params["weight"] = np.asfortranarray(weight)
        if bias:
            self.params["bias"] = np.zeros((out_features,))

    def forward(self, x):
        if x.ndim != 2 or x.shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Dense: {self.params['weight'].shape[1]} in_features, x {x.shape}")
        self.x = x
        y = np.matmul(x, self.params["weight"].T)
        return self.remember(y + self.params["bias"] if "bias" in self.params else y)

    def backward(self, dout):
        self.compare(dout)
        self.grads["weight"] = np.add.reduce(
            [np.outer(g, x) for g, x in zip(dout, self.x, strict=True)]
        )
        if "bias" in self.params:
            self.grads["bias"] = np.add.reduce(list(dout))
        return np.matmul(dout, self.params["weight"])


class ReLU(HasShape):
    def forward(self, x):
        y = x.copy()
        y[y < 0] = 0
        self.dead = x <= 0
        return self.remember(y)

    def backward(self, dout):
        self.compare(dout)
        dx = np.array(dout)
        dx[self.dead] = 0
        return dx
