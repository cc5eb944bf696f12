"""All other layers."""

import abc
from typing import Any

import numpy as np

from .template import Array, Dimensions, Images, Layer, Rows, register


@register
class GlobalAvgPool2D(Images, Layer):
    __slots__ = ()

    def _forward(self, x: Array) -> tuple[Array, Any]:
        return x.mean((2, 3)), x.shape

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        dx = np.empty(context, dout.dtype)
        dx[...] = dout[:, :, None, None] / np.prod(context[2:])
        return dx, {}


@register
class GlobalMaxPool2D(Images, Layer):
    __slots__ = ()

    def _forward(self, x: Array) -> tuple[Array, Any]:
        return x.max((2, 3)), (x.reshape(*x.shape[:2], -1).argmax(-1), x.shape)

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        winner, shape = context
        dx = np.zeros((dout.size, shape[2] * shape[3]), dout.dtype)
        dx[range(dout.size), winner.reshape(-1)] = dout.reshape(-1)
        return dx.reshape(shape), {}


@register
class Flatten(Rows, Layer):
    __slots__ = ()

    def _forward(self, x: Array) -> tuple[Array, Any]:
        return np.reshape(x, (x.shape[0], int(np.prod(x.shape[1:]))), order="C"), x.shape

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        return np.reshape(dout, context), {}


@register
class Dense(Dimensions, Layer):
    __slots__ = ("features",)
    dimensions, axis = 2, 1

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self._at_least_one(in_features=in_features, out_features=out_features)
        self.features = in_features
        rng, bound = np.random.default_rng(), in_features**-0.5
        self.params["weight"] = rng.uniform(-bound, bound, (out_features, in_features))
        if bias:
            self.params["bias"] = rng.uniform(-bound, bound, out_features)

    def _forward(self, x: Array) -> tuple[Array, Any]:
        y = x @ self.params["weight"].T
        return (y + self.params["bias"] if "bias" in self.params else y), x

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        rules = {"weight": lambda: dout.T @ context, "bias": lambda: dout.sum(axis=0)}
        return dout @ self.params["weight"], {name: rules[name]() for name in self.params}


class Pointwise(Layer):
    """The template of activations: `_value(x)` and `_slope(x, y)`."""

    __slots__ = ()

    @abc.abstractmethod
    def _value(self, x: Array) -> Array: ...

    @abc.abstractmethod
    def _slope(self, x: Array, y: Array) -> Array: ...

    def _forward(self, x: Array) -> tuple[Array, Any]:
        y = np.asarray(self._value(x), x.dtype)
        return y, np.asarray(self._slope(x, y), x.dtype)

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        return np.multiply(dout, context, out=np.empty_like(dout)), {}


@register
class ReLU(Pointwise):
    __slots__ = ()

    def _value(self, x: Array) -> Array:
        return np.maximum(x, 0)

    def _slope(self, x: Array, y: Array) -> Array:
        return y > 0


@register
class LeakyReLU(Pointwise):
    __slots__ = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def _value(self, x: Array) -> Array:
        return np.maximum(x, 0) + self.negative_slope * np.minimum(x, 0)

    def _slope(self, x: Array, y: Array) -> Array:
        return np.where(x > 0, 1, self.negative_slope)


@register
class ELU(Pointwise):
    __slots__ = ("alpha",)

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def _value(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def _slope(self, x: Array, y: Array) -> Array:
        return np.where(x > 0, 1, self.alpha * np.exp(np.minimum(x, 0)))


@register
class Sigmoid(Pointwise):
    __slots__ = ()

    def _value(self, x: Array) -> Array:
        e = np.exp(-np.abs(x))
        return np.where(x >= 0, 1 / (1 + e), e / (1 + e))

    def _slope(self, x: Array, y: Array) -> Array:
        return y * (1 - y)


@register
class Tanh(Pointwise):
    __slots__ = ()

    def _value(self, x: Array) -> Array:
        return np.tanh(x)

    def _slope(self, x: Array, y: Array) -> Array:
        return 1 - y * y


@register
class Dropout(Pointwise):
    """A mask that is multiplied by; in evaluation it is 1."""

    __slots__ = ("_mask", "p", "rng")

    def __init__(self, p: float = 0.5, rng: np.random.Generator | int | None = None) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout(p={p}): must be from 0 to 1")
        self.p = p
        self.rng = np.random.default_rng(rng)

    def _value(self, x: Array) -> Array:
        self._mask = np.ones(x.shape)
        if self.training:
            self._mask = (self.rng.uniform(0, 1, x.shape) >= self.p) / max(1 - self.p, 1e-300)
        return x * self._mask

    def _slope(self, x: Array, y: Array) -> Array:
        return self._mask


@register
class Softmax(Rows, Layer):
    __slots__ = ()

    def _forward(self, x: Array) -> tuple[Array, Any]:
        e = np.exp(x - x.max(-1, keepdims=True))
        y = e / e.sum(-1, keepdims=True)
        return y, y

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        inner = np.matmul(context[..., None, :], dout[..., :, None])[..., 0]
        return context * (dout - inner), {}


@register
class BatchNorm2D(Images, Layer):
    __slots__ = ("buffers", "eps", "features", "momentum")
    axis = 1

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self._at_least_one(num_features=num_features)
        self.features, self.eps, self.momentum = num_features, eps, momentum
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {"running_mean": np.zeros(num_features)}
        self.buffers["running_var"] = np.ones(num_features)

    def _move(self, name: str, new: Array) -> None:
        self.buffers[name] += self.momentum * (new - self.buffers[name])

    def _forward(self, x: Array) -> tuple[Array, Any]:
        pixels = x.transpose(1, 0, 2, 3).reshape(self.features, -1)
        mean, var = self.buffers["running_mean"], self.buffers["running_var"]
        if self.training:
            mean, var = pixels.mean(axis=1), pixels.var(axis=1)
            if pixels.shape[1] < 2:
                raise ValueError(f"BatchNorm2D: one pixel per channel has no variance, {x.shape}")
            self._move("running_mean", mean)
            self._move("running_var", pixels.var(axis=1, ddof=1))
        root = np.sqrt(var + self.eps).astype(x.dtype)[:, None]
        xhat = (pixels - mean.astype(x.dtype)[:, None]) / root
        y = xhat * self.params["weight"][:, None] + self.params["bias"][:, None]
        return self._images(y, x.shape), (xhat, root, self.training)

    def _images(self, pixels: Array, shape: tuple[int, ...]) -> Array:
        n, c, h, w = shape
        return pixels.reshape(c, n, h, w).transpose(1, 0, 2, 3)

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        xhat, root, training = context
        d = dout.transpose(1, 0, 2, 3).reshape(self.features, -1)
        grads = {"weight": (d * xhat).sum(axis=1), "bias": d.sum(axis=1)}
        inner = d
        if training:
            inner = d - d.mean(axis=1, keepdims=True)
            inner = inner - xhat * (d * xhat).mean(axis=1, keepdims=True)
        return self._images(self.params["weight"][:, None] / root * inner, dout.shape), grads


@register
class RNN(Dimensions, Layer):
    __slots__ = ("features", "hidden_size", "nonlinearity")
    dimensions, axis = 3, 2

    def __init__(self, input_size: int, hidden_size: int, nonlinearity: str = "tanh") -> None:
        super().__init__()
        self._at_least_one(input_size=input_size, hidden_size=hidden_size)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN(nonlinearity={nonlinearity!r}): unknown")
        self.features, self.hidden_size, self.nonlinearity = input_size, hidden_size, nonlinearity
        rng, k = np.random.default_rng(), hidden_size**-0.5
        for name, columns in (("weight_ih_l0", (input_size,)), ("weight_hh_l0", (hidden_size,))):
            self.params[name] = rng.uniform(-k, k, (hidden_size, *columns))
        for name in ("bias_ih_l0", "bias_hh_l0"):
            self.params[name] = rng.uniform(-k, k, hidden_size)

    def _forward(self, x: Array) -> tuple[Array, Any]:
        p, f = self.params, np.tanh if self.nonlinearity == "tanh" else lambda a: a.clip(min=0)
        y = np.empty((*x.shape[:2], self.hidden_size), np.result_type(x, p["weight_hh_l0"]))
        h = np.zeros_like(y[:, 0]) if x.shape[1] else None
        for t in range(x.shape[1]):
            h = f(
                x[:, t] @ p["weight_ih_l0"].T
                + p["bias_ih_l0"]
                + h @ p["weight_hh_l0"].T
                + p["bias_hh_l0"]
            )
            y[:, t] = h
        return y, (x, y.copy())

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        (x, y), p = context, self.params
        dx, grads = np.empty(x.shape, dout.dtype), {k: np.zeros_like(v) for k, v in p.items()}
        dh = 0
        for t in range(x.shape[1] - 1, -1, -1):
            slope = 1 - y[:, t] ** 2 if self.nonlinearity == "tanh" else y[:, t] > 0
            da = (dout[:, t] + dh) * slope
            grads["weight_ih_l0"] += da.T @ x[:, t]
            grads["weight_hh_l0"] += da.T @ y[:, t - 1] if t else 0
            grads["bias_ih_l0"] += da.sum(axis=0)
            dx[:, t], dh = da @ p["weight_ih_l0"], da @ p["weight_hh_l0"]
        grads["bias_hh_l0"] = grads["bias_ih_l0"]
        return dx, grads
