"""Losses, optimizers, Sequential and the loops."""

import numpy as np


class Loss:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"{type(self).__name__}: unknown reduction {reduction!r}")
        self.reduction, self.gradient = np.str_(reduction), None

    def backward(self):
        if self.gradient is None:
            raise RuntimeError(f"{type(self).__name__}: there is no forward to go back through")
        return self.gradient.copy()


class SoftmaxCrossEntropy(Loss):
    def forward(self, logits, target):
        shape, given = np.array(logits.shape), np.array(target.shape)
        text = f"SoftmaxCrossEntropy: logits of shape {shape}, target of shape {given}"
        if shape.size != 2 or not np.array_equal(given, shape[: given.size]) or given.size < 1:
            raise ValueError(text)
        z = logits - np.max(logits, axis=1, keepdims=True)
        if given.size == 1:
            classes = np.arange(shape[1])
            strange = np.setdiff1d(target, classes)
            if strange.size or not np.issubdtype(target.dtype, np.integer):
                raise ValueError(f"{text}, with {target.dtype} labels such as {strange[:1]}")
            target = np.equal(target[:, None], classes).astype(z.dtype)
        e = np.exp(z)
        total = np.sum(e, axis=1, keepdims=True)
        n = z.dtype.type(shape[0] if self.reduction == "mean" else 1)
        self.gradient = ((e / total - target) / n).astype(logits.dtype)
        return np.sum(target * (np.log(total) - z)) / n


class MSE(Loss):
    def forward(self, pred, target):
        if not np.array_equal(pred.shape, target.shape):
            ours, theirs = np.array(pred.shape), np.array(target.shape)
            raise ValueError(f"MSE: shapes {ours} and {theirs} differ")
        error = np.asarray(pred - target)
        n = error.dtype.type(error.size if self.reduction == "mean" else 1)
        self.gradient = np.asarray(2 * error / n)
        return np.sum(np.square(error)) / n


class Optimizer:
    def __init__(self, **numbers):
        for name, value in numbers.items():
            setattr(self, name, np.float64(value))
            if value < 0:
                raise ValueError(f"{type(self).__name__}: {name} must not be negative, got {value}")
        self.taken, self.memory = np.int64(0), {}

    def step(self, params, grads):
        if params.keys() != grads.keys():
            raise ValueError(f"{type(self).__name__}: keys {[*params]} and {[*grads]} differ")
        for key in params:
            shape, given = np.array(params[key].shape), np.array(grads[key].shape)
            if not np.array_equal(shape, given):
                raise ValueError(
                    f"{type(self).__name__}: {key} has shape {shape}, its gradient {given}"
                )
        for key, p in params.items():
            memory = self.memory.setdefault(key, {})
            g = grads[key] + self.weight_decay.astype(p.dtype) * p
            p -= np.asarray(self.change(memory, g), p.dtype)
        self.taken += 1


class SGD(Optimizer):
    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        super().__init__(lr=lr, momentum=momentum, weight_decay=weight_decay, decay=decay)
        self.nesterov = np.bool_(nesterov)
        if self.nesterov and self.momentum == 0:
            raise ValueError(f"SGD: nesterov needs a momentum, got {self.momentum}")

    def change(self, memory, g):
        v = memory["v"] = self.momentum * memory.get("v", 0) + g
        rate = self.lr / (1 + self.decay * self.taken)
        return rate * np.where(self.nesterov, g + self.momentum * v, v)


class AdaGrad(Optimizer):
    def __init__(self, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10):
        super().__init__(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps)
        self.first = np.float64(initial_accumulator_value)

    def change(self, memory, g):
        s = memory["s"] = memory.get("s", self.first) + np.square(g)
        return self.lr / (1 + self.lr_decay * self.taken) * g / (np.sqrt(s) + self.eps)


class RMSprop(Optimizer):
    def __init__(self, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
        super().__init__(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)
        self.centered = np.bool_(centered)

    def change(self, memory, g):
        old, new = self.alpha, 1 - self.alpha
        s = memory["s"] = old * memory.get("s", 0) + new * np.square(g)
        a = memory["a"] = old * memory.get("a", 0) + new * g
        root = np.sqrt(np.maximum(s - a**2, 0) if self.centered else s)
        v = memory["v"] = self.momentum * memory.get("v", 0) + g / (root + self.eps)
        return self.lr * v


class Adam(Optimizer):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        super().__init__(lr=lr, eps=eps, weight_decay=weight_decay)
        self.betas, self.amsgrad = np.array(betas, np.float64), np.bool_(amsgrad)

    def change(self, memory, g):
        (b1, b2), (c1, c2) = self.betas, 1 - self.betas ** (self.taken + 1)
        m = memory["m"] = b1 * memory.get("m", 0) + (1 - b1) * g
        s = memory["s"] = b2 * memory.get("s", 0) + (1 - b2) * np.square(g)
        top = memory["top"] = np.maximum(s, memory.get("top", 0))
        return self.lr * (m / c1) / (np.sqrt((top if self.amsgrad else s) / c2) + self.eps)


class Sequential:
    def __init__(self, layers):
        self.layers = list(layers)

    @property
    def training(self):
        return np.all([layer.training for layer in self.layers])

    @training.setter
    def training(self, value):
        for layer in self.layers:
            layer.training = value

    @property
    def params(self):
        return {f"{i}.{k}": v for i, m in enumerate(self.layers) for k, v in m.params.items()}

    @property
    def grads(self):
        return {f"{i}.{k}": v for i, m in enumerate(self.layers) for k, v in m.grads.items()}

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in np.flip(np.arange(len(self.layers))):
            dout = self.layers[layer].backward(dout)
        return dout


def labels_of(y):
    if y.ndim == 2 and y.shape[1] > 1 and np.isin(y, [0, 1]).all() and np.all(y.sum(axis=1) == 1):
        return np.argmax(y, axis=1)
    return y if y.ndim == 1 and np.issubdtype(y.dtype, np.integer) else None


def sweep(model, loss, x, y, order, batch_size, learn=None):
    labels, losses, hits = labels_of(y), [], []
    for start in np.arange(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        out = model.forward(x[batch])
        value = np.float64(loss.forward(out, y[batch]))
        losses.append(value * np.float64(len(batch) if loss.reduction == "mean" else 1))
        if labels is not None:
            hits.append(np.sum(np.argmax(out, axis=1) == labels[batch]))
        if learn is not None:
            learn(loss.backward())
    result = {"loss": np.sum(losses) / len(x)}
    return result if labels is None else result | {"accuracy": np.sum(hits) / np.float64(len(x))}


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if np.size(x, 0) != np.size(y, 0):
        raise ValueError(f"fit: x has {np.size(x, 0)} samples, y {np.size(y, 0)}")

    def learn(dout):
        model.backward(dout)
        optimizer.step(model.params, model.grads)

    rng, before = np.random.default_rng(rng), model.training
    history = {"loss": []} if labels_of(y) is None else {"loss": [], "accuracy": []}
    try:
        model.training = True
        for _ in np.arange(epochs):
            order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
            result = sweep(model, loss, x, y, order, batch_size, learn)
            for name, values in history.items():
                values.append(result[name])
    finally:
        model.training = before
    return history


def evaluate(model, loss, x, y, *, batch_size=256):
    if np.size(x, 0) != np.size(y, 0):
        raise ValueError(f"evaluate: x has {np.size(x, 0)} samples, y {np.size(y, 0)}")
    before = model.training
    try:
        model.training = False
        return sweep(model, loss, x, y, np.arange(len(x)), batch_size)
    finally:
        model.training = before


def predict(model, x, *, batch_size=256):
    before = model.training
    try:
        model.training = False
        starts = np.arange(0, len(x), batch_size)
        return np.concatenate([model.forward(x[i : i + batch_size]) for i in starts])
    finally:
        model.training = before
