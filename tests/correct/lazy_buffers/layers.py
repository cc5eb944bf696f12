"""All other layers."""

import numpy as np

from .windows import Layer


class GlobalAvgPool2D(Layer):
    axes = 4

    def forward(self, x):
        return self.leave(self.enter(x).mean(axis=(2, 3)))

    def backward(self, dout):
        self.check(dout)
        h, w = self.x_shape[2:]
        return np.repeat(dout / (h * w), h * w, axis=1).reshape(self.x_shape)


class GlobalMaxPool2D(Layer):
    axes = 4

    def forward(self, x):
        flat = self.enter(x).reshape(*x.shape[:2], -1)
        self.winner = flat.argmax(axis=2)[..., None]
        return self.leave(flat.max(axis=2))

    def backward(self, dout):
        self.check(dout)
        dx = np.zeros((*dout.shape, self.x_shape[2] * self.x_shape[3]), dout.dtype)
        np.put_along_axis(dx, self.winner, dout[..., None], axis=2)
        return dx.reshape(self.x_shape)


class Flatten(Layer):
    def forward(self, x):
        x = self.enter(x, least=2)
        return self.leave(x.reshape(x.shape[0], int(np.prod(x.shape[1:]))).copy())

    def backward(self, dout):
        self.check(dout)
        return dout.reshape(self.x_shape).copy()


class Dense(Layer):
    axes = 2

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Dense: sizes must be >= 1, got {in_features} and {out_features}")
        self.in_features = in_features
        self.params["weight"] = np.random.randn(out_features, in_features) * in_features**-0.5
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def forward(self, x):
        self.x = self.enter(x, axis1=self.in_features)
        y = np.dot(self.x, self.params["weight"].T)
        if "bias" in self.params:
            y += self.params["bias"]
        return self.leave(y)

    def backward(self, dout):
        self.check(dout)
        for name in self.params:
            self.grads[name] = np.dot(dout.T, self.x) if name == "weight" else dout.sum(axis=0)
        return np.dot(dout, self.params["weight"])


class Pointwise(Layer):
    """A function of each element and its slope, which is kept in a scratch array."""

    def forward(self, x):
        x = self.enter(x)
        self.slope = self.work("slope", x.shape, x.dtype)
        return self.leave(self.curve(x))

    def backward(self, dout):
        self.check(dout)
        return np.asarray(dout * self.slope)


class ReLU(Pointwise):
    def curve(self, x):
        np.greater(x, 0, out=self.slope)
        return np.maximum(x, 0)


class LeakyReLU(Pointwise):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = negative_slope

    def curve(self, x):
        self.slope[...] = np.where(x > 0, 1, self.negative_slope)
        return x * self.slope


class ELU(Pointwise):
    def __init__(self, alpha=1.0):
        super().__init__()
        self.alpha = alpha

    def curve(self, x):
        below = np.minimum(x, 0)
        self.slope[...] = np.where(x > 0, 1, self.alpha * np.exp(below))
        return np.where(x > 0, x, self.alpha * np.expm1(below))


class Sigmoid(Pointwise):
    def curve(self, x):
        small = np.exp(-np.abs(x))
        y = np.where(x < 0, small, 1) / (1 + small)
        np.divide(small, (1 + small) ** 2, out=self.slope)
        return y


class Tanh(Pointwise):
    def curve(self, x):
        y = np.tanh(x)
        np.subtract(1, y * y, out=self.slope)
        return y


class Dropout(Pointwise):
    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"Dropout: p must be from 0 to 1, got {p}")
        self.p = p
        self.seed = rng

    def curve(self, x):
        if not self.training:
            self.slope.fill(1)
            return x.copy()
        if not isinstance(self.seed, np.random.Generator):
            self.seed = np.random.default_rng(self.seed)
        kept = self.seed.uniform(size=x.shape) >= self.p
        self.slope[...] = kept / (1 - self.p) if self.p < 1 else 0
        return x * self.slope


class Softmax(Layer):
    def forward(self, x):
        x = self.enter(x, least=2)
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.leave(self.y.copy())

    def backward(self, dout):
        self.check(dout)
        return self.y * (dout - (self.y * dout).sum(axis=-1, keepdims=True))


class BatchNorm2D(Layer):
    axes = 4

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        if num_features < 1:
            raise ValueError(f"BatchNorm2D: num_features must be >= 1, got {num_features}")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self._mean, self._var = None, None

    @property
    def buffers(self):
        if self._mean is None:
            self._mean, self._var = np.zeros(self.num_features), np.ones(self.num_features)
        return {"running_mean": self._mean, "running_var": self._var}

    def forward(self, x):
        x = self.enter(x, axis1=self.num_features)
        mean, var = self.buffers.values()
        self.batch = self.training
        if self.training:
            count = x.size // self.num_features
            if count < 2:
                raise ValueError(f"BatchNorm2D: one pixel has no variance, got shape {x.shape}")
            mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            self._mean = self._mean + self.momentum * (mean - self._mean)
            self._var = self._var + self.momentum * (var * count / (count - 1) - self._var)
        self.scale = (1 / np.sqrt(var + self.eps)).astype(x.dtype)[:, None, None]
        self.xhat = (x - mean.astype(x.dtype)[:, None, None]) * self.scale
        weight, bias = (self.params[name][:, None, None] for name in ("weight", "bias"))
        return self.leave(weight * self.xhat + bias)

    def backward(self, dout):
        self.check(dout)
        self.grads["weight"] = (dout * self.xhat).sum(axis=(0, 2, 3))
        self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        d = dout
        if self.batch:
            share = self.xhat * self.grads["weight"][:, None, None]
            share += self.grads["bias"][:, None, None]
            d = dout - share / (dout.size // self.num_features)
        return d * self.scale * self.params["weight"][:, None, None]


class RNN(Layer):
    axes = 3

    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        super().__init__()
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"RNN: sizes must be >= 1, got {input_size} and {hidden_size}")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity must be tanh or relu, got {nonlinearity!r}")
        self.input_size, self.nonlinearity, bound = input_size, nonlinearity, hidden_size**-0.5
        shapes = {"weight_ih_l0": (hidden_size, input_size), "weight_hh_l0": (hidden_size,) * 2}
        for name in ("bias_ih_l0", "bias_hh_l0"):
            shapes[name] = (hidden_size,)
        self.params = {k: np.random.uniform(-bound, bound, shape) for k, shape in shapes.items()}

    def forward(self, x):
        self.x = self.enter(x, axis2=self.input_size)
        wi, wh, bi, bh = self.params.values()
        y = self.x @ wi.T + (bi + bh)
        for t in range(y.shape[1]):
            if t:
                y[:, t] += y[:, t - 1] @ wh.T
            y[:, t] = np.tanh(y[:, t]) if self.nonlinearity == "tanh" else np.maximum(y[:, t], 0)
        self.y = y.copy()
        return self.leave(y)

    def backward(self, dout):
        self.check(dout)
        wi, wh, _, _ = self.params.values()
        da = self.work("da", dout.shape, dout.dtype)
        slope = 1 - self.y**2 if self.nonlinearity == "tanh" else self.y > 0
        for t in reversed(range(dout.shape[1])):
            later = da[:, t + 1] @ wh if t + 1 < dout.shape[1] else 0
            da[:, t] = (dout[:, t] + later) * slope[:, t]
        self.grads["weight_ih_l0"] = np.einsum("nth,ntd->hd", da, self.x)
        self.grads["weight_hh_l0"] = np.einsum("nth,ntg->hg", da[:, 1:], self.y[:, :-1])
        self.grads["bias_ih_l0"] = self.grads["bias_hh_l0"] = da.sum(axis=(0, 1))
        return da @ wi
