"""JAX behind the contract: pure functions, vector-Jacobian products, results that are read-only."""

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp
from plain import Sequential, evaluate, fit, pair, predict

jax.config.update("jax_enable_x64", True)
jax.config.update(
    "jax_disable_most_optimizations", True
)  # every shape is compiled, and used little
MANY = 100
made = 0

__all__ = ["MSE", "SGD", "Conv2D", "Dense", "Flatten", "MaxPool2D", "ReLU", "Sequential"]
__all__ += ["SoftmaxCrossEntropy", "evaluate", "fit", "predict"]


def forget_now_and_then():
    """Free what was compiled for shapes that do not come again: it adds up to gigabytes."""
    global made
    made += 1
    if made % MANY == 0:
        jax.clear_caches()


class Layer:
    """A pure function `call(params, x)`; `jax.vjp` remembers what its way back needs."""

    def __init__(self, **shapes):
        self.params = {k: np.random.standard_normal(s) for k, s in shapes.items()}
        self.grads, self.training, self.vjp = {}, True, None
        forget_now_and_then()

    def forward(self, x):
        self.check(x.shape)
        y, self.vjp = jax.vjp(self.call, self.params, jnp.array(x))
        self.shape = y.shape
        return np.asarray(y)

    def check(self, shape):
        pass

    def backward(self, dout):
        name = type(self).__name__
        if self.vjp is None:
            raise RuntimeError(f"{name}: vjp of nothing")
        if dout.shape != self.shape:
            raise ValueError(f"{name}: cotangent {dout.shape} for a value of {self.shape}")
        grads, dx = self.vjp(jnp.array(dout))
        self.grads = {k: np.asarray(g) for k, g in grads.items()}
        return np.asarray(dx)


def demand_images(name, shape, kernel, padding):
    if len(shape) != 4:
        raise ValueError(f"{name}: rank {len(shape)}, shape {shape}")
    if any(n + 2 * p < k for n, k, p in zip(shape[2:], kernel, padding, strict=True)):
        raise ValueError(f"{name}: {kernel} does not fit into {shape[2:]}")


class Conv2D(Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        self.kernel = pair("Conv2D", "kernel_size", kernel_size, 1)
        self.stride = pair("Conv2D", "stride", stride, 1)
        self.padding = pair("Conv2D", "padding", padding, 0)
        shapes = {"weight": (out_channels, in_channels, *self.kernel)}
        super().__init__(**shapes, **({"bias": (out_channels,)} if bias else {}))

    def check(self, shape):
        demand_images("Conv2D", shape, self.kernel, self.padding)
        if shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Conv2D: {shape[1]} feature maps in x {shape}")

    def call(self, params, x):
        border = [(p, p) for p in self.padding]
        y = lax.conv_general_dilated(x, params["weight"], self.stride, border)
        return y + params["bias"][:, None, None] if "bias" in params else y


class MaxPool2D(Layer):
    """What reduce_window says: among equals the first takes the gradient."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel = pair("MaxPool2D", "kernel_size", kernel_size, 1)
        self.stride = pair("MaxPool2D", "stride", kernel_size if stride is None else stride, 1)
        self.padding = pair("MaxPool2D", "padding", padding, 0)

    def check(self, shape):
        demand_images("MaxPool2D", shape, self.kernel, self.padding)

    def call(self, params, x):
        window, stride = (1, 1, *self.kernel), (1, 1, *self.stride)
        border = [(0, 0), (0, 0), *((p, p) for p in self.padding)]
        return lax.reduce_window(x, -jnp.inf, lax.max, window, stride, border)


class Flatten(Layer):
    def check(self, shape):
        if len(shape) < 2:
            raise ValueError(f"Flatten: {shape}")

    def call(self, params, x):
        return x.reshape(len(x), -1)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        shapes = {"weight": (out_features, in_features)}
        super().__init__(**shapes, **({"bias": (out_features,)} if bias else {}))

    def check(self, shape):
        if len(shape) != 2 or shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Dense: {shape} against {self.params['weight'].shape}")

    def call(self, params, x):
        y = x @ params["weight"].T
        return y + params["bias"] if "bias" in params else y


class ReLU(Layer):
    def call(self, params, x):
        return jax.nn.relu(x)


class Loss:
    """`jax.value_and_grad` of a pure function; the gradient is there after forward already."""

    gradient = None

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, pred, target):
        self.check(pred, target)
        target = jnp.array(target)
        loss = jax.value_and_grad(lambda z: getattr(self.each(z, target), self.reduction)())
        value, gradient = loss(jnp.array(pred))
        self.gradient = np.asarray(gradient)
        return np.asarray(value)

    def backward(self):
        if self.gradient is None:
            raise RuntimeError(f"{type(self).__name__}: no value, no gradient")
        return self.gradient


class SoftmaxCrossEntropy(Loss):
    def check(self, logits, target):
        if logits.ndim != 2 or target.shape not in (logits.shape, logits.shape[:1]):
            raise ValueError(f"SoftmaxCrossEntropy: {logits.shape} and {target.shape}")
        if target.ndim == 1 and set(target.tolist()) - set(range(logits.shape[1])):
            raise ValueError(f"SoftmaxCrossEntropy: {target} has unknown classes")

    def each(self, z, target):
        t = jax.nn.one_hot(target, z.shape[1], dtype=z.dtype) if target.ndim == 1 else target
        return -(t * jax.nn.log_softmax(z)).sum(axis=1)


class MSE(Loss):
    def check(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: {pred.shape} and {target.shape}")

    def each(self, pred, target):
        return (pred - target) ** 2


class SGD:
    """The update is a pure function; its result is written into the caller's arrays."""

    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for key, p in params.items():
            if p.shape != grads[key].shape:
                raise ValueError(f"SGD: {p.shape} and {grads[key].shape} at {key}")
        new = jax.tree.map(lambda p, g: p - self.lr * g, dict(params), dict(grads))
        for key in params:
            params[key][:] = new[key]
