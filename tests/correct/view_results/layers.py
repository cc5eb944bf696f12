"""All other layers."""

import numpy as np

from .windows import Layer, floating, frozen


class GlobalAvgPool2D(Layer):
    def forward(self, x):
        y = np.mean(self.images(x), axis=(2, 3))
        self.saved = x.shape, y.shape
        return y

    def backward(self, dout):
        (shape,) = self.restore(dout)
        share = dout / (shape[2] * shape[3])
        return np.broadcast_to(share[:, :, np.newaxis, np.newaxis], shape)


class GlobalMaxPool2D(Layer):
    def forward(self, x):
        y = self.images(x).max(axis=(2, 3))
        first = x.reshape(*x.shape[:2], -1).argmax(axis=2)
        self.saved = x.shape, first, y.shape
        return y

    def backward(self, dout):
        shape, first = self.restore(dout)
        dx = np.zeros(shape, dout.dtype, order="F")
        n, c = np.indices(dout.shape, sparse=True)
        dx[(n, c, *np.unravel_index(first, shape[2:]))] = dout
        return dx


class Flatten(Layer):
    def forward(self, x):
        if x.ndim < 2:
            self.fail(f"x has {x.ndim} dimensions, and 2 or more are needed")
        y = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))
        self.saved = x.shape, y.shape
        return y

    def backward(self, dout):
        (shape,) = self.restore(dout)
        return dout.reshape(shape)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        if in_features < 1 or out_features < 1:
            self.fail(f"{in_features} inputs and {out_features} outputs")
        self.in_features = in_features
        rng, bound = np.random.default_rng(), np.sqrt(1 / in_features)
        self.params["weight"] = rng.uniform(-bound, bound, (in_features, out_features)).T
        if bias:
            self.params["bias"] = rng.uniform(-bound, bound, out_features)

    def forward(self, x):
        if x.ndim != 2:
            self.fail(f"x has {x.ndim} dimensions, not the 2 of (N, D)")
        if x.shape[1] != self.in_features:
            self.fail(f"x of shape {x.shape} for {self.in_features} features")
        y = np.einsum("mi,ni->mn", self.params["weight"], x).T
        if "bias" in self.params:
            y = y + self.params["bias"]
        self.saved = x, y.shape
        return frozen(y)

    def backward(self, dout):
        (x,) = self.restore(dout)
        self.grads["weight"] = (x.T @ dout).T
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=0)
        return (self.params["weight"].T @ dout.T).T


class Pointwise(Layer):
    """A pair of functions: curve(x), and slope(x, y) times dout."""

    def forward(self, x):
        x = floating(x)
        y = self.curve(x)
        self.saved = x, y, y.shape
        return frozen(y)

    def backward(self, dout):
        x, y = self.restore(dout)
        return frozen(np.asarray(dout * self.slope(x, y), dout.dtype))


class ReLU(Pointwise):
    def curve(self, x):
        return np.where(x > 0, x, x.dtype.type(0))

    def slope(self, x, y):
        return x > 0


class LeakyReLU(Pointwise):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = negative_slope

    def curve(self, x):
        return np.where(x > 0, x, self.negative_slope * x)

    def slope(self, x, y):
        return np.where(x > 0, 1, self.negative_slope)


class ELU(Pointwise):
    """The exponential of large x overflows to inf, which `where` throws away."""

    def __init__(self, alpha=1.0):
        super().__init__()
        self.alpha = alpha

    def curve(self, x):
        return np.where(x > 0, x, self.alpha * np.expm1(x))

    def slope(self, x, y):
        return np.where(x > 0, 1, y + self.alpha)


class Sigmoid(Pointwise):
    """exp(-x) overflows to inf far below 0, where 1 / inf is the right 0."""

    def curve(self, x):
        return np.asarray(1 / (1 + np.exp(-x)))

    def slope(self, x, y):
        return y * (1 - y)


class Tanh(Pointwise):
    def curve(self, x):
        return np.asarray(np.tanh(x))

    def slope(self, x, y):
        return (1 - y) * (1 + y)


class Dropout(Layer):
    """A choice between drop and keep for each element; in evaluation y is x itself."""

    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if not 0 <= p <= 1:
            self.fail(f"p is {p}, but has to be from 0 to 1")
        self.p = p
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)

    def forward(self, x):
        kept = None
        if self.training and self.p > 0:
            kept = self.rng.choice([False, True], size=x.shape, p=[self.p, 1 - self.p])
        self.saved = kept, x.shape
        return self.thin(x, kept)

    def thin(self, x, kept):
        if kept is None:
            return x
        return np.where(kept, x / (1 - self.p or 1), x.dtype.type(0))

    def backward(self, dout):
        (kept,) = self.restore(dout)
        return self.thin(dout, kept)


class Softmax(Layer):
    def forward(self, x):
        if x.ndim < 2:
            self.fail(f"x has {x.ndim} dimensions, and 2 or more are needed")
        y = np.exp(x - np.max(x, axis=-1, keepdims=True))
        y = frozen(y / np.sum(y, axis=-1, keepdims=True))
        self.saved = y, y.shape
        return y

    def backward(self, dout):
        (y,) = self.restore(dout)
        return y * (dout - np.einsum("...k,...k->...", y, dout)[..., np.newaxis])
