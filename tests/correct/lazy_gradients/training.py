"""Losses, the optimizer, Sequential and the loops."""

import numpy as np

from .layers import Module
from .lazy import Lazy


class _Loss:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"{type(self).__name__}: reduction is mean or sum, got {reduction!r}")
        self.reduction, self._later = reduction, None

    def backward(self):
        if self._later is None:
            raise RuntimeError(f"{type(self).__name__}: backward before forward")
        return self._later()


class SoftmaxCrossEntropy(_Loss):
    """Its gradient is computed in `backward` only, from the latest batch."""

    def forward(self, logits, target):
        shapes = f"logits have shape {logits.shape}, the target has shape {target.shape}"
        if logits.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy: needs logits (N, K), but {shapes}")
        n, k = logits.shape
        z = logits - logits.max(axis=1, keepdims=True)
        logsum = np.log(np.exp(z).sum(axis=1))
        scale = 1 / n if self.reduction == "mean" else 1
        if target.ndim == 1 and len(target) == n and target.dtype.kind in "iu":
            rows, labels = np.arange(n), target.astype(int)
            for label in labels[(labels < 0) | (labels >= k)]:
                raise ValueError(f"SoftmaxCrossEntropy: label {label} for {k} classes; {shapes}")
            losses = logsum - z[rows, labels]
        elif target.shape == (n, k):
            t = target.astype(z.dtype)
            losses = (t * (logsum[:, None] - z)).sum(axis=1)
        else:
            raise ValueError(f"SoftmaxCrossEntropy: {shapes}")

        def gradient():
            p = np.exp(z - logsum[:, None])
            if target.ndim == 1:
                p[rows, labels] -= 1
            else:
                p -= t
            return p * scale

        self._later = gradient
        return losses.sum() * scale


class MSE(_Loss):
    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: pred has shape {pred.shape}, target has shape {target.shape}")
        error = np.asarray(pred - target)
        scale = 1 / error.size if self.reduction == "mean" else 1
        self._later = lambda: np.asarray(error * (2 * scale))
        return np.linalg.norm(error.ravel()) ** 2 * scale


class SGD:
    """Gradient descent; only what an option needs is done."""

    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        numbers = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "decay": decay}
        for name, value in numbers.items():
            if value < 0:
                raise ValueError(f"SGD: {name} must not be negative, got {value}")
        if nesterov and momentum == 0:
            raise ValueError(f"SGD: nesterov without momentum, got {momentum}")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.nesterov, self.decay = nesterov, decay
        self.steps, self.velocities = 0, {}

    def step(self, params, grads):
        for name in params:
            if name not in grads:
                raise ValueError(f"SGD: there is no gradient for {name}")
            if params[name].shape != grads[name].shape:
                shapes = f"{params[name].shape}, its gradient {grads[name].shape}"
                raise ValueError(f"SGD: {name} has shape {shapes}")
        rate = self.lr / (1 + self.decay * self.steps)
        self.steps += 1
        for name, p in params.items():
            g = grads[name]
            if self.weight_decay:
                g = g + self.weight_decay * p
            if self.momentum:
                v = self.velocities.get(name)
                v = g.copy() if v is None else self.momentum * v + g
                self.velocities[name] = v
                g = g + self.momentum * v if self.nesterov else v
            p -= rate * g


class _Joined(Lazy):
    """The dicts of several layers under names with an index, read when needed."""

    def __init__(self, layers, attribute):
        super().__init__()
        for i, layer in enumerate(layers):
            for name in getattr(layer, attribute):
                mine = getattr(layer, attribute)
                self[f"{i}.{name}"] = lambda mine=mine, name=name: mine[name]


class Sequential(Module):
    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    training = property(
        lambda self: self._training,
        lambda self, value: self._set_training(value),
    )

    def _set_training(self, value):
        self._training = value
        for layer in self.layers:
            layer.training = value

    @property
    def params(self):
        return _Joined(self.layers, "params").copy()

    @property
    def grads(self):
        return _Joined(self.layers, "grads")

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
        return dout


def _right(out, y, kind):
    if kind == "labels":
        return (out.argmax(axis=1) == y).sum()
    return (out.argmax(axis=1) == y.argmax(axis=1)).sum()


def _kind(y):
    """Return "labels", "one-hot" or None, for the whole of y."""
    if y.ndim == 1 and y.dtype.kind in "iu":
        return "labels"
    if y.ndim == 2 and y.shape[1] > 1 and ((y == 0) | (y == 1)).all():
        return "one-hot" if (np.count_nonzero(y, axis=1) == 1).all() else None
    return None


def _results(model, loss, x, y, batches):
    """Yield the loss and the hits of each batch, both added up over its samples."""
    for batch in batches:
        out = model.forward(x[batch])
        value = float(loss.forward(out, y[batch]))
        size = len(out) if loss.reduction == "mean" else 1
        yield value * size, 0 if _kind(y) is None else int(_right(out, y[batch], _kind(y)))


def _means(results, n, y):
    values, hits = zip(*results, strict=True)
    return {"loss": sum(values) / n, "accuracy": None if _kind(y) is None else sum(hits) / n}


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError(f"fit: x has {len(x)} samples, y has {len(y)}")
    rng = np.random.default_rng(rng)

    def learning():
        order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
        batches = (order[i : i + batch_size] for i in range(0, len(x), batch_size))
        for result in _results(model, loss, x, y, batches):
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
            yield result

    before, model.training = model.training, True
    try:
        epochs = [_means(learning(), len(x), y) for _ in range(epochs)]
    finally:
        model.training = before
    history = {"loss": [epoch["loss"] for epoch in epochs]}
    if _kind(y):
        history["accuracy"] = [epoch["accuracy"] for epoch in epochs]
    return history


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError(f"evaluate: x has {len(x)} samples, y has {len(y)}")
    before, model.training = model.training, False
    try:
        batches = (slice(i, i + batch_size) for i in range(0, len(x), batch_size))
        return _means(_results(model, loss, x, y, batches), len(x), y)
    finally:
        model.training = before


def predict(model, x, *, batch_size=256):
    before, model.training = model.training, False
    try:
        return np.concatenate(
            [model.forward(x[i : i + batch_size]) for i in range(0, len(x), batch_size)], axis=0
        )
    finally:
        model.training = before
