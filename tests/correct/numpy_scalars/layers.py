"""All other layers."""

import numpy as np

from .windows import Layer


class GlobalAvgPool2D(Layer):
    ndim = np.int64(4)

    def forward(self, x):
        return self.finish(self.start(x).mean(axis=(2, 3)))

    def backward(self, dout):
        self.check(dout)
        part = dout / dout.dtype.type(np.prod(self.in_shape[2:]))
        return part[:, :, None, None] * np.ones(self.in_shape[2:], dout.dtype)


class GlobalMaxPool2D(Layer):
    ndim = np.int64(4)

    def forward(self, x):
        flat = self.start(x).reshape(*x.shape[:2], -1)
        self.winner = np.argmax(flat, axis=2)
        return self.finish(np.take_along_axis(flat, self.winner[:, :, None], axis=2)[:, :, 0])

    def backward(self, dout):
        self.check(dout)
        one_hot = np.arange(np.prod(self.in_shape[2:])) == self.winner[:, :, None]
        return (one_hot * dout[:, :, None]).reshape(self.in_shape)


class Flatten(Layer):
    def forward(self, x):
        if np.ndim(x) < 2:
            raise ValueError(f"Flatten: expected 2 dimensions or more, got {np.ndim(x)}")
        self.in_shape = np.array(x.shape)
        return self.finish(x.reshape(self.in_shape[0], np.prod(self.in_shape[1:])))

    def backward(self, dout):
        self.check(dout)
        return dout.reshape(self.in_shape)


class Dense(Layer):
    ndim, channel_axis = np.int64(2), np.int64(1)

    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features)
        if out_features < 1:
            raise ValueError(f"Dense: expected a size of 1 or more, got {out_features}")
        bound = np.sqrt(np.float64(1) / in_features)
        self.params["weight"] = np.random.uniform(-bound, bound, (out_features, in_features))
        if np.bool_(bias):
            self.params["bias"] = np.random.uniform(-bound, bound, out_features)

    def forward(self, x):
        self.x = self.start(x)
        y = np.inner(self.x, self.params["weight"])
        return self.finish(y + self.params["bias"] if "bias" in self.params else y)

    def backward(self, dout):
        self.check(dout)
        self.grads = {"weight": np.matmul(dout.T, self.x), "bias": np.sum(dout, axis=0)}
        self.grads = {name: self.grads[name] for name in self.params}
        return np.matmul(dout, self.params["weight"])


class Pointwise(Layer):
    """y = value(x); dx = dout times the slope, both in the dtype of x."""

    def forward(self, x):
        self.x = self.start(x)
        self.y = np.asarray(self.value(self.x), self.x.dtype)
        return self.finish(self.y.copy())

    def backward(self, dout):
        self.check(dout)
        return np.asarray(np.multiply(dout, self.slope()), dout.dtype)


class ReLU(Pointwise):
    def value(self, x):
        return np.fmax(x, 0)

    def slope(self):
        return np.heaviside(self.x, 0)


class LeakyReLU(Pointwise):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = np.float64(negative_slope)

    def value(self, x):
        return x * self.slope()

    def slope(self):
        return np.where(self.x > 0, np.float64(1), self.negative_slope)


class ELU(Pointwise):
    def __init__(self, alpha=1.0):
        super().__init__()
        self.alpha = np.float64(alpha)

    def value(self, x):
        return np.where(x > 0, x, self.alpha * np.expm1(np.fmin(x, 0)))

    def slope(self):
        return np.where(self.x > 0, np.float64(1), self.alpha * np.exp(np.fmin(self.x, 0)))


class Sigmoid(Pointwise):
    def value(self, x):
        return np.float64(0.5) * (1 + np.tanh(np.float64(0.5) * x))

    def slope(self):
        return self.y * (1 - self.y)


class Tanh(Pointwise):
    def value(self, x):
        return np.tanh(x)

    def slope(self):
        return 1 - np.square(self.y)


class Dropout(Pointwise):
    def __init__(self, p=0.5, rng=None):
        super().__init__()
        self.p = np.float64(p)
        if not np.logical_and(self.p >= 0, self.p <= 1):
            raise ValueError(f"Dropout: p must be a probability, got {p}")
        self.rng = np.random.default_rng(rng)

    def value(self, x):
        self.factor = np.ones(x.shape)
        if self.training:
            dropped = self.rng.random(x.shape) < self.p
            self.factor = np.where(dropped, 0.0, 1 / (1 - self.p) if self.p < 1 else 0.0)
        return x * self.factor

    def slope(self):
        return self.factor


class Softmax(Layer):
    def forward(self, x):
        if np.ndim(x) < 2:
            raise ValueError(f"Softmax: expected 2 dimensions or more, got {np.ndim(x)}")
        x = self.start(x)
        e = np.exp(x - np.amax(x, axis=-1, keepdims=True))
        self.y = np.true_divide(e, np.sum(e, axis=-1, keepdims=True))
        return self.finish(self.y.copy())

    def backward(self, dout):
        self.check(dout)
        product = self.y * dout
        return product - self.y * np.sum(product, axis=-1, keepdims=True)


class BatchNorm2D(Layer):
    ndim, channel_axis = np.int64(4), np.int64(1)

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features)
        self.eps, self.momentum = np.float64(eps), np.float64(momentum)
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {"running_mean": np.zeros(num_features)}
        self.buffers["running_var"] = np.ones(num_features)

    def forward(self, x):
        x = self.start(x)
        mean, var = self.buffers["running_mean"], self.buffers["running_var"]
        self.batch = np.bool_(self.training)
        if self.batch:
            n = np.int64(x.size) // self.channels
            old, (mean, var) = (mean, var), (np.mean(x, axis=(0, 2, 3)), np.var(x, axis=(0, 2, 3)))
            if n == 1:
                raise ValueError(f"BatchNorm2D: expected more than a pixel, got {self.in_shape}")
            new = mean, var * (n / (n - 1))
            for name, before, now in zip(self.buffers, old, new, strict=True):
                self.buffers[name] = (1 - self.momentum) * before + self.momentum * now
        self.root = np.sqrt(var + self.eps).astype(x.dtype)[:, None, None]
        self.xhat = (x - mean.astype(x.dtype)[:, None, None]) / self.root
        weight, bias = self.params["weight"], self.params["bias"]
        return self.finish(self.xhat * weight[:, None, None] + bias[:, None, None])

    def backward(self, dout):
        self.check(dout)
        axes = (0, 2, 3)
        self.grads["weight"] = np.sum(dout * self.xhat, axis=axes)
        self.grads["bias"] = np.sum(dout, axis=axes)
        d = dout * self.params["weight"][:, None, None]
        if self.batch:
            d = d - np.mean(d, axis=axes, keepdims=True)
            d = d - self.xhat * np.mean(d * self.xhat, axis=axes, keepdims=True)
        return d / self.root


class RNN(Layer):
    ndim, channel_axis = np.int64(3), np.int64(2)

    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        super().__init__(input_size)
        if hidden_size < 1 or nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: hidden_size {hidden_size}, nonlinearity {nonlinearity!r}")
        self.is_tanh = np.bool_(nonlinearity == "tanh")
        bound, rng = np.float64(hidden_size) ** -0.5, np.random.default_rng()
        shapes = [(hidden_size, input_size), (hidden_size, hidden_size)] + [(hidden_size,)] * 2
        names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
        for name, shape in zip(names, shapes, strict=True):
            self.params[name] = rng.uniform(-bound, bound, shape)

    def forward(self, x):
        self.x = self.start(x)
        p = self.params
        h = np.zeros((x.shape[0], p["bias_ih_l0"].size), np.result_type(self.x, *p.values()))
        self.h = [h]
        for step in np.moveaxis(self.x, 1, 0):
            a = step @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T
            a = a + p["bias_hh_l0"]
            h = np.tanh(a) if self.is_tanh else np.maximum(a, 0)
            self.h.append(h)
        return self.finish(np.stack(self.h[1:], axis=1))

    def backward(self, dout):
        self.check(dout)
        wi, wh = self.params["weight_ih_l0"], self.params["weight_hh_l0"]
        grads = {name: np.zeros_like(p) for name, p in self.params.items()}
        dx, dh = np.empty(self.x.shape, dout.dtype), np.zeros_like(self.h[0])
        for t in np.arange(dout.shape[1])[::-1]:
            h = self.h[t + 1]
            da = (dout[:, t] + dh) * (1 - h**2 if self.is_tanh else np.sign(h))
            grads["weight_ih_l0"] += da.T @ self.x[:, t]
            grads["weight_hh_l0"] += da.T @ self.h[t]
            grads["bias_ih_l0"] += da.sum(axis=0)
            grads["bias_hh_l0"] += da.sum(axis=0)
            dx[:, t], dh = da @ wi, da @ wh
        self.grads = grads
        return dx
