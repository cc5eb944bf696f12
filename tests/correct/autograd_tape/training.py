"""Losses on the tape, the optimizer, Sequential and the loops."""

import numpy as np

from .tape import Var, gradients


class Loss:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"{type(self).__name__}: want mean or sum, have {reduction!r}")
        self.reduction, self.tape = reduction, None

    def record(self, leaf, total, count):
        out = total * (1 / count) if self.reduction == "mean" else total
        self.tape = leaf, out
        return out.value.item()

    def backward(self):
        if self.tape is None:
            raise RuntimeError(f"{type(self).__name__}: the tape is empty, there was no forward")
        leaf, out = self.tape
        return gradients(out, np.ones_like(out.value), [leaf])[0]


class SoftmaxCrossEntropy(Loss):
    def forward(self, logits, target):
        have = f"have logits of shape {logits.shape}, target of shape {target.shape}"
        if logits.ndim != 2 or target.shape not in (logits.shape, (len(logits),)):
            raise ValueError(f"SoftmaxCrossEntropy: want (N, K) and (N,) or (N, K), {have}")
        if target.ndim == 1:
            if not np.issubdtype(target.dtype, np.integer):
                raise ValueError(f"SoftmaxCrossEntropy: want integers, {have} of {target.dtype}")
            for label in target:
                if label < 0 or label >= logits.shape[1]:
                    raise ValueError(f"SoftmaxCrossEntropy: label {label} out of range, {have}")
            target = target[:, None] == np.arange(logits.shape[1])
        z = Var(logits)
        shifted = z - logits.max(axis=1, keepdims=True)
        terms = (shifted.exp().sum(1).log() - shifted) * target
        return self.record(z, terms.sum(), len(logits))


class MSE(Loss):
    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: want one shape, have {pred.shape} and {target.shape}")
        p = Var(pred)
        return self.record(p, (p - target).power(2).sum(), pred.size)


class SGD:
    """Gradient descent without any state."""

    def __init__(self, lr, **options):
        if any(options.values()):
            raise NotImplementedError(f"unsupported: {', '.join(options)}")
        self.lr = lr

    def step(self, params, grads):
        for key in params:
            if params[key].shape != grads[key].shape:
                shapes = f"{params[key].shape} and {grads[key].shape}"
                raise ValueError(f"SGD: want one shape for {key}, have {shapes}")
        for key, gradient in grads.items():
            params[key] -= self.lr * gradient


class Sequential:
    def __init__(self, layers):
        self.layers, self.training = list(layers), True

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if name == "training":
            for layer in self.layers:
                layer.training = value

    @property
    def params(self):
        return dict(self.named("params"))

    @property
    def grads(self):
        return dict(self.named("grads"))

    def named(self, attribute):
        for i, layer in enumerate(self.layers):
            for name, array in getattr(layer, attribute).items():
                yield f"{i}.{name}", array

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def class_of(y):
    """Return a function from rows of y to classes, or None."""
    if y.ndim == 1 and np.issubdtype(y.dtype, np.integer):
        return lambda rows: rows
    if y.ndim == 2 and y.shape[1] > 1 and np.array_equal(y, np.eye(y.shape[1])[y.argmax(axis=1)]):
        return lambda rows: rows.argmax(axis=1)
    return None


def passes(model, loss, x, y, batches):
    """Yield the number of samples, their loss and their hits, batch by batch."""
    find = class_of(y)
    for batch in batches:
        out, rows = model.forward(x[batch]), y[batch]
        value = float(loss.forward(out, rows)) * (len(rows) if loss.reduction == "mean" else 1)
        yield len(rows), value, np.nan if find is None else np.sum(out.argmax(axis=1) == find(rows))


def summary(rows):
    samples, loss, hits = np.sum(list(rows), axis=0)
    return {"loss": loss / samples} | ({} if np.isnan(hits) else {"accuracy": hits / samples})


def cut(order, batch_size):
    return (order[i : i + batch_size] for i in range(0, len(order), batch_size))


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError(f"fit: want as many targets as samples, have {len(x)} and {len(y)}")
    rng, before, history = np.random.default_rng(rng), model.training, []
    model.training = True
    try:
        for _ in range(epochs):
            order = np.lexsort((rng.random(len(x)),)) if shuffle else np.arange(len(x))
            rows = []
            for row in passes(model, loss, x, y, cut(order, batch_size)):
                rows.append(row)
                model.backward(loss.backward())
                optimizer.step(model.params, model.grads)
            history.append(summary(rows))
    finally:
        model.training = before
    return {k: [entry[k] for entry in history if k in entry] for k in ("loss", "accuracy")}


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError(f"evaluate: want as many targets as samples, have {len(x)} and {len(y)}")
    before = model.training
    model.training = False
    try:
        return summary(passes(model, loss, x, y, cut(np.arange(len(x)), batch_size)))
    finally:
        model.training = before


def predict(model, x, *, batch_size=256):
    before = model.training
    model.training = False
    try:
        outputs = [model.forward(x[batch]) for batch in cut(np.arange(len(x)), batch_size)]
    finally:
        model.training = before
    return np.concatenate(outputs)
