"""Autograd by tape: layers only run forward, every primitive writes down how to go back."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

RNG = np.random.default_rng()


class Var:
    """An array on a tape."""

    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, parents, 0

    def reshape(self, *shape):
        return Var(self.value.reshape(shape), [(self, lambda g: g.reshape(self.value.shape))])

    def __add__(self, other):
        return Var(
            self.value + other.value,
            [
                (self, lambda g: unbroadcast(g, self.value.shape)),
                (other, lambda g: unbroadcast(g, other.value.shape)),
            ],
        )

    def __matmul__(self, other):
        return Var(
            self.value @ other.value.T,
            [(self, lambda g: g @ other.value), (other, lambda g: g.T @ self.value)],
        )

    def relu(self):
        return Var(self.value.clip(min=0), [(self, lambda g: g * (self.value > 0))])

    def pad(self, padding, constant):
        (ph, pw), (H, W) = padding, self.value.shape[2:]
        value = np.pad(self.value, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=constant)
        return Var(value, [(self, lambda g: g[:, :, ph : ph + H, pw : pw + W])])

    def windows(self, kernel, stride):
        """Return (N, C, OH, OW, KH, KW)."""
        (KH, KW), (SH, SW) = kernel, stride
        value = sliding_window_view(self.value, kernel, axis=(2, 3))[:, :, ::SH, ::SW]
        OH, OW = value.shape[2:4]

        def back(g):
            dx = np.zeros(self.value.shape, g.dtype)
            for i, j in np.ndindex(KH, KW):
                dx[:, :, i : i + SH * OH : SH, j : j + SW * OW : SW][:, :, :OH, :OW] += g[..., i, j]
            return dx

        return Var(value, [(self, back)])

    def filtered(self, weight):
        """Return windows times filters, (N, K, OH, OW)."""
        axes = ((1, 4, 5), (1, 2, 3))
        return Var(
            np.moveaxis(np.tensordot(self.value, weight.value, axes), 3, 1),
            [
                (self, lambda g: np.moveaxis(np.tensordot(g, weight.value, (1, 0)), 3, 1)),
                (weight, lambda g: np.tensordot(g, self.value, ((0, 2, 3), (0, 2, 3)))),
            ],
        )

    def first_max(self):
        """Return the largest along the last axis."""
        at = self.value.argmax(-1)[..., None]

        def back(g):
            dx = np.zeros(self.value.shape, g.dtype)
            np.put_along_axis(dx, at, g[..., None], -1)
            return dx

        return Var(np.take_along_axis(self.value, at, -1)[..., 0], [(self, back)])

    def backward(self, grad):
        """Fill in `grad` of everything that this came from, last made first."""
        order, known = [], set()

        def visit(var):
            if var not in known:
                known.add(var)
                for parent, _ in var.parents:
                    visit(parent)
                order.append(var)

        visit(self)
        for var in order:
            var.grad = 0
        self.grad = grad
        for var in reversed(order):
            for parent, back in var.parents:
                parent.grad = parent.grad + back(var.grad)


def unbroadcast(g, shape):
    """Add up the axes along which an array of some shape was broadcast."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 < g.shape[i]), keepdims=True)


class Layer:
    """A function from Var to Var, `run`; everything else follows."""

    def __init__(self):
        self.params, self.grads, self.training, self.y = {}, {}, True, None

    def forward(self, x):
        self.x, self.vars = Var(x), {name: Var(p) for name, p in self.params.items()}
        self.y = self.run(self.x, **self.vars)
        return self.y.value

    def backward(self, dout):
        if self.y is None:
            raise RuntimeError(f"{type(self).__name__}: the tape is empty")
        if np.shape(dout) != self.y.value.shape:
            raise ValueError(
                f"{type(self).__name__}: a gradient of shape {dout.shape} for an output of shape "
                f"{self.y.value.shape}"
            )
        self.y.backward(dout)
        self.grads = {name: var.grad for name, var in self.vars.items()}
        return self.x.grad

    def __call__(self, x):
        return self.forward(x)


def two(value):
    return (value, value) if np.isscalar(value) else tuple(value)


class Windowed(Layer):
    def configure(self, kernel, stride, padding):
        self.kernel, self.stride, self.padding = two(kernel), two(stride), two(padding)
        checked = (("kernel", kernel, 1), ("stride", stride, 1), ("padding", padding, 0))
        for what, values, least in checked:
            if min(two(values)) < least:
                raise ValueError(f"{type(self).__name__}: {what} of {values}")

    def check(self, shape):
        name = type(self).__name__
        if len(shape) != 4:
            raise ValueError(f"{name}: {shape} are not the four axes N, C, H, W")
        for length, k, p in zip(shape[2:], self.kernel, self.padding, strict=True):
            if length + 2 * p < k:
                raise ValueError(f"{name}: kernel {self.kernel} on an image of {shape[2:]}")


class Conv2D(Windowed):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.configure(kernel_size, stride, padding)
        self.params["weight"] = RNG.normal(size=(out_channels, in_channels, *self.kernel))
        if bias:
            self.params["bias"] = RNG.normal(size=out_channels)

    def run(self, x, weight, bias=None):
        self.check(x.value.shape)
        if x.value.shape[1] != weight.value.shape[1]:
            raise ValueError(f"Conv2D: {x.value.shape[1]} channels, not {weight.value.shape[1]}")
        y = x.pad(self.padding, 0).windows(self.kernel, self.stride).filtered(weight)
        return y if bias is None else y + bias.reshape(-1, 1, 1)


class MaxPool2D(Windowed):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.configure(kernel_size, kernel_size if stride is None else stride, padding)

    def run(self, x):
        self.check(x.value.shape)
        windows = x.pad(self.padding, -np.inf).windows(self.kernel, self.stride)
        return windows.reshape(*windows.value.shape[:4], -1).first_max()


class Flatten(Layer):
    def run(self, x):
        if x.value.ndim < 2:
            raise ValueError(f"Flatten: nothing to flatten in shape {x.value.shape}")
        return x.reshape(len(x.value), -1)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.params["weight"] = RNG.normal(size=(out_features, in_features))
        if bias:
            self.params["bias"] = RNG.normal(size=(out_features,))

    def run(self, x, weight, bias=None):
        if x.value.ndim != 2 or x.value.shape[1] != weight.value.shape[1]:
            raise ValueError(f"Dense: x {x.value.shape}, weight {weight.value.shape}")
        return x @ weight if bias is None else x @ weight + bias


class ReLU(Layer):
    def run(self, x):
        return x.relu()


class Loss:
    def __init__(self, reduction="mean"):
        self.reduction, self.result = reduction, None

    def backward(self):
        if self.result is None:
            raise RuntimeError(f"{type(self).__name__}: the tape is empty")
        self.result.backward(self.result.value.dtype.type(1))
        return self.prediction.grad

    def finish(self, prediction, each, back, count):
        """Record a loss whose terms are `each`, and whose gradient for the prediction is `back`."""
        scale = prediction.dtype.type(1 / count if self.reduction == "mean" else 1)
        self.prediction = Var(prediction)
        self.result = Var(each.sum() * scale, [(self.prediction, lambda g: g * scale * back)])
        return self.result.value


class SoftmaxCrossEntropy(Loss):
    def forward(self, logits, target):
        if logits.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy: logits have the shape {logits.shape}")
        N, K = logits.shape
        if target.ndim == 1:
            if (target < 0).any() or (target >= K).any():
                raise ValueError(f"SoftmaxCrossEntropy: a label of {target} is not below {K}")
            target = (target[:, None] == np.arange(K)).astype(np.int8)
        if target.shape != (N, K):
            raise ValueError(f"SoftmaxCrossEntropy: logits {N, K} but targets {target.shape}")
        z = logits - logits.max(1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        return self.finish(logits, -target * log_p, np.exp(log_p) - target, N)


class MSE(Loss):
    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: {pred.shape} is not {target.shape}")
        error = pred - target
        return self.finish(pred, error * error, 2 * error, error.size)


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for name in params:
            if np.shape(grads[name]) != np.shape(params[name]):
                raise ValueError(
                    f"SGD: shapes {np.shape(params[name])} and {np.shape(grads[name])} of {name}"
                )
            params[name][...] = params[name] - self.lr * grads[name]


class Sequential:
    def __init__(self, layers):
        self.layers = list(layers)

    def __getattr__(self, name):
        """Collect `params`, `grads` and `training` from the layers."""
        if name in ("params", "grads"):
            pairs = [(i, getattr(layer, name)) for i, layer in enumerate(self.layers)]
            return {f"{i}.{key}": value for i, own in pairs for key, value in own.items()}
        if name == "training":
            return all(layer.training for layer in self.layers)
        raise AttributeError(name)

    def __setattr__(self, name, value):
        if name == "training":
            for layer in self.layers:
                layer.training = value
        else:
            super().__setattr__(name, value)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
        return dout


def minibatches(x, y, size, rng=None):
    """Yield the (x, y) of one epoch; with rng the samples are drawn, and not put back."""
    left = np.arange(len(x))
    while len(left):
        chosen = rng.choice(left, min(size, len(left)), replace=False) if rng else left[:size]
        yield x[chosen], y[chosen]
        left = np.setdiff1d(left, chosen)


def is_class(y):
    if y.ndim == 1:
        return y.dtype.kind in "iu"
    return y.ndim == 2 and np.isin(y, (0, 1)).all() and (np.count_nonzero(y, axis=1) == 1).all()


def correct(output, y):
    """Return the number of hits; None for a regression."""
    if not is_class(y):
        return None
    return np.count_nonzero(output.argmax(1) == (y if y.ndim == 1 else y.argmax(1)))


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError(f"fit: {len(x)} samples, {len(y)} targets")
    rng, before = np.random.default_rng(rng), model.training
    classes, history = is_class(y), {}
    for epoch in range(epochs):
        for layer in model.layers:
            layer.training = True
        losses, hits = [], []
        for xs, ys in minibatches(x, y, batch_size, rng if shuffle else None):
            output = model.forward(xs)
            losses.append(loss.forward(output, ys) * (len(xs) if loss.reduction == "mean" else 1))
            hits.append(correct(output, ys))
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
        history.setdefault("loss", np.empty(epochs))[epoch] = sum(losses) / len(x)
        if classes:
            history.setdefault("accuracy", np.empty(epochs))[epoch] = sum(hits) / len(x)
    model.training = before
    return history


def predict(model, x, *, batch_size=256):
    before, model.training = model.training, False
    try:
        batches = np.split(x, range(batch_size, len(x), batch_size))
        return np.vstack([model.forward(batch) for batch in batches])
    finally:
        model.training = before


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError(f"evaluate: {len(x)} samples, {len(y)} targets")
    output = predict(model, x, batch_size=batch_size)
    hits, value = correct(output, y), loss.forward(output, y)
    return {
        "loss": value / (1 if loss.reduction == "mean" else len(x)),
        "accuracy": None if hits is None else hits / len(x),
    }
