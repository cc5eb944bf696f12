"""Functions that return losses and optimizers; Sequential and the loops."""

from functools import partial
from types import SimpleNamespace

import numpy as np

from .layers import _need


def _make_loss(unit, reduction, compute):
    """Return a loss of compute(prediction, target) -> (sum, gradient of it, size for the mean)."""
    _need(reduction in ("mean", "sum"), f"{unit}: reduction is {reduction!r}")
    loss = SimpleNamespace(reduction=reduction)
    latest = None

    def forward(prediction, target):
        nonlocal latest
        total, gradient, size = compute(prediction, target)
        size = size if loss.reduction == "mean" else 1
        latest = np.asarray(gradient / size, prediction.dtype)
        return float(total) / size

    def backward():
        if latest is None:
            raise RuntimeError(f"{unit}.backward was called, but {unit}.forward was not")
        return latest.copy()

    loss.forward, loss.backward = forward, backward
    return loss


def SoftmaxCrossEntropy(reduction="mean"):
    def compute(logits, target):
        shapes = f"SoftmaxCrossEntropy: logits are {logits.shape}, the target is {target.shape}"
        _need(logits.ndim == 2 and target.shape in (logits.shape, logits.shape[:1]), shapes)
        n, k = logits.shape
        if target.ndim == 1:
            _need(np.issubdtype(target.dtype, np.integer), f"{shapes}, of {target.dtype}")
            low, high = target.min(initial=0), target.max(initial=0)
            _need(low >= 0 and high < k, f"{shapes}, with labels from {low} to {high}")
            target = np.identity(k, logits.dtype).take(target, axis=0)
        z = logits - logits.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        weight = target.sum(axis=1, keepdims=True)
        return -(target * log_p).sum(), weight * np.exp(log_p) - target, n

    return _make_loss("SoftmaxCrossEntropy", reduction, compute)


def MSE(reduction="mean"):
    def compute(pred, target):
        shapes = f"MSE: pred is {pred.shape}, target is {target.shape}"
        _need(pred.shape == target.shape, shapes)
        difference = pred - target
        return (difference**2).sum(), 2 * difference, pred.size

    return _make_loss("MSE", reduction, compute)


def _make_optimizer(unit, update, start=0.0, lists=2, weight_decay=0):
    """Return an optimizer of update(t, g, *states) -> change; states are written in place."""
    places, states = {}, []
    steps = 0

    def step(params, grads):
        nonlocal steps
        _need(params.keys() == grads.keys(), f"{unit}: {sorted(params)} against {sorted(grads)}")
        for key, p in params.items():
            shapes = f"{unit}: {key} is {p.shape}, its gradient is {grads[key].shape}"
            _need(p.shape == grads[key].shape, shapes)
        steps += 1
        for key, p in params.items():
            place = places.setdefault(key, len(places))
            if place == len(states):
                states.append([np.full_like(p, start) for _ in range(lists)])
            p -= update(steps, grads[key] + weight_decay * p, *states[place])

    return SimpleNamespace(step=step)


def SGD(lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
    numbers = f"lr {lr}, momentum {momentum}, weight_decay {weight_decay}, decay {decay}"
    _need(min(lr, momentum, weight_decay, decay) >= 0, f"SGD: {numbers}")
    _need(momentum > 0 or not nesterov, f"SGD: {numbers}, nesterov {nesterov}")

    def update(t, g, v):
        v[...] = momentum * v + g
        return lr / (1 + decay * (t - 1)) * (g + momentum * v if nesterov else v)

    return _make_optimizer("SGD", update, lists=1, weight_decay=weight_decay)


def AdaGrad(lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10):
    def update(t, g, s):
        s += g**2
        return lr / (1 + lr_decay * (t - 1)) * (g / (np.sqrt(s) + eps))

    return _make_optimizer("AdaGrad", update, initial_accumulator_value, 1, weight_decay)


def RMSprop(lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
    def update(t, g, s, a, v):
        s[...] = alpha * s + (1 - alpha) * g**2
        a[...] = alpha * a + (1 - alpha) * g
        root = np.sqrt((s - a**2).clip(0) if centered else s)
        v[...] = momentum * v + g / (root + eps)
        return lr * v

    return _make_optimizer("RMSprop", update, lists=3, weight_decay=weight_decay)


def Adam(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
    b1, b2 = betas

    def update(t, g, m, s, most):
        m[...] = b1 * m + (1 - b1) * g
        s[...] = b2 * s + (1 - b2) * g**2
        np.maximum(most, s, out=most)
        root = np.sqrt((most if amsgrad else s) / (1 - b2**t))
        return lr * (m / (1 - b1**t)) / (root + eps)

    return _make_optimizer("Adam", update, lists=3, weight_decay=weight_decay)


class Sequential:
    """The one class here, as it needs properties; it keeps the list that it is given."""

    def __init__(self, layers):
        self.layers = layers
        self.training = True

    def __getattr__(self, name):
        if name not in ("params", "grads"):
            raise AttributeError(name)
        dicts = (getattr(layer, name) for layer in self.layers)
        return {f"{i}.{key}": array for i, d in enumerate(dicts) for key, array in d.items()}

    @property
    def training(self):
        return self._training

    @training.setter
    def training(self, value):
        self._training = value
        for layer in self.layers:
            layer.training = value

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def _scorer(loss, y):
    """Return add(value, out, index) and result() -> dict, for one pass over the samples."""
    labels = y if y.ndim == 1 and y.dtype.kind in "iu" else None
    if y.ndim == 2 and y.shape[1] > 1 and set(np.unique(y)) <= {0, 1}:
        labels = y.argmax(axis=1) if (y.sum(axis=1) == 1).all() else None
    losses, hits = [], []

    def add(value, out, index):
        losses.append(float(value) * (len(out) if loss.reduction == "mean" else 1))
        if labels is not None:
            hits.extend(out.argmax(axis=1) == labels[index])

    def result():
        accuracy = {} if labels is None else {"accuracy": float(np.mean(hits))}
        return {"loss": sum(losses) / len(y), **accuracy}

    return add, result


def _in_mode(model, mode, action):
    before = model.training
    model.training = mode
    try:
        return action()
    finally:
        model.training = before


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    _need(len(x) == len(y), f"fit: {len(x)} samples with {len(y)} targets")
    rng = np.random.default_rng(rng)

    def epoch():
        add, result = _scorer(loss, y)
        order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
        while len(order):
            index, order = order[:batch_size], order[batch_size:]
            out = model.forward(x[index])
            add(loss.forward(out, y[index]), out, index)
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
        return result()

    results = _in_mode(model, True, lambda: [epoch() for _ in range(epochs)])
    names = ("loss", "accuracy")
    return {name: [result[name] for result in results if name in result] for name in names}


def evaluate(model, loss, x, y, *, batch_size=256):
    _need(len(x) == len(y), f"evaluate: {len(x)} samples with {len(y)} targets")
    add, result = _scorer(loss, y)

    def measure():
        for start in range(0, len(x), batch_size):
            part = slice(start, start + batch_size)
            out = model.forward(x[part])
            add(loss.forward(out, y[part]), out, part)
        return result()

    return _in_mode(model, False, measure)


def predict(model, x, *, batch_size=256):
    starts = range(0, len(x), batch_size)
    run = partial(map, lambda start: model.forward(x[start : start + batch_size]), starts)
    return _in_mode(model, False, lambda: np.concatenate(list(run())))
