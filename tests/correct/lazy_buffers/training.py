"""Losses, optimizers, Sequential and the loops."""

import numpy as np


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"SoftmaxCrossEntropy: reduction is mean or sum, not {reduction!r}")
        self.reduction = reduction
        self.state = None

    def forward(self, logits, target):
        if logits.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy: logits must be (N, K), got {logits.shape}")
        n, k = logits.shape
        shift = logits - logits.max(axis=1, keepdims=True)
        logp = shift - np.log(np.exp(shift).sum(axis=1, keepdims=True))
        if target.shape == (n,) and np.issubdtype(target.dtype, np.integer):
            for label in target:
                if not 0 <= label < k:
                    raise ValueError(f"SoftmaxCrossEntropy: label {label} is not below {k}")
            target = (target[:, None] == np.arange(k)).astype(logp.dtype)
        elif target.shape != (n, k):
            raise ValueError(
                f"SoftmaxCrossEntropy: target {target.shape} does not fit logits {logits.shape}"
            )
        self.state = logp, target, 1 / n if self.reduction == "mean" else 1
        return -float((target * logp).sum()) * self.state[2]

    def backward(self):
        if self.state is None:
            raise RuntimeError("SoftmaxCrossEntropy: backward needs a forward before it")
        logp, target, scale = self.state
        return ((np.exp(logp) - target) * scale).astype(logp.dtype)


class MSE:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"MSE: reduction is mean or sum, not {reduction!r}")
        self.reduction = reduction
        self.difference = None

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: shapes {pred.shape} and {target.shape} differ")
        self.difference = np.asarray(pred - target)
        total = float(np.vdot(self.difference, self.difference))
        return total / pred.size if self.reduction == "mean" else total

    def backward(self):
        if self.difference is None:
            raise RuntimeError("MSE: backward needs a forward before it")
        size = self.difference.size if self.reduction == "mean" else 1
        return np.asarray(self.difference * (2 / size))


class Optimizer:
    """State arrays by key and name, allocated on demand."""

    def __init__(self):
        self.t = 0
        self.work = {}

    def slot(self, key, name, like, fill=0.0):
        if (key, name) not in self.work:
            self.work[key, name] = np.full_like(like, fill)
        return self.work[key, name]

    def step(self, params, grads):
        unit = type(self).__name__
        if set(params) != set(grads):
            raise ValueError(f"{unit}: keys differ: {sorted(params)} and {sorted(grads)}")
        for key in params:
            p, g = params[key], grads[key]
            if p.shape != g.shape:
                raise ValueError(f"{unit}: gradient {g.shape} for parameter {key} {p.shape}")
        self.t += 1
        for key in params:
            p, g = params[key], grads[key]
            self.update(key, p, g + self.weight_decay * p if self.weight_decay != 0 else g)


class SGD(Optimizer):
    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        super().__init__()
        if lr < 0 or momentum < 0 or weight_decay < 0 or decay < 0:
            raise ValueError(f"SGD: negative: {lr=}, {momentum=}, {weight_decay=}, {decay=}")
        if nesterov and momentum == 0:
            raise ValueError(f"SGD: nesterov needs momentum, got {momentum}")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.nesterov, self.decay = nesterov, decay

    def update(self, key, p, g):
        if self.momentum:
            v = self.slot(key, "velocity", p)
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        p -= self.lr / (1 + self.decay * (self.t - 1)) * g


class AdaGrad(Optimizer):
    def __init__(self, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10):
        super().__init__()
        self.lr, self.lr_decay, self.weight_decay = lr, lr_decay, weight_decay
        self.initial_accumulator_value, self.eps = initial_accumulator_value, eps

    def update(self, key, p, g):
        s = self.slot(key, "sum", p, self.initial_accumulator_value)
        s += g * g
        p -= self.lr / (1 + self.lr_decay * (self.t - 1)) * g / (np.sqrt(s) + self.eps)


class RMSprop(Optimizer):
    def __init__(self, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
        super().__init__()
        self.lr, self.alpha, self.eps, self.weight_decay = lr, alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered

    def update(self, key, p, g):
        s = self.slot(key, "square", p)
        s += (1 - self.alpha) * (g * g - s)
        root = s
        if self.centered:
            a = self.slot(key, "average", p)
            a += (1 - self.alpha) * (g - a)
            root = np.maximum(s - a * a, 0)
        v = self.slot(key, "velocity", p)
        v[...] = self.momentum * v + g / (np.sqrt(root) + self.eps)
        p -= self.lr * v


class Adam(Optimizer):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        super().__init__()
        self.lr, self.betas, self.eps = lr, betas, eps
        self.weight_decay, self.amsgrad = weight_decay, amsgrad

    def update(self, key, p, g):
        m, s = self.slot(key, "mean", p), self.slot(key, "square", p)
        (b1, b2), t = self.betas, self.t
        m += (1 - b1) * (g - m)
        s += (1 - b2) * (g * g - s)
        if self.amsgrad:
            s = np.maximum(self.slot(key, "largest", p), s, out=self.slot(key, "largest", p))
        p -= self.lr / (1 - b1**t) * m / (np.sqrt(s / (1 - b2**t)) + self.eps)


class Sequential:
    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "training":
            for layer in self.layers:
                layer.training = value

    def collect(self, which):
        return {
            f"{index}.{name}": array
            for index, layer in enumerate(self.layers)
            for name, array in getattr(layer, which).items()
        }

    params = property(lambda self: self.collect("params"))
    grads = property(lambda self: self.collect("grads"))

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
        return dout


def hits(out, y):
    """Return for each sample whether it is right; None where y holds no classes."""
    if y.ndim == 2 and y.shape[1] > 1:
        return out.argmax(axis=1) == y.argmax(axis=1)
    return out.argmax(axis=1) == y


def has_classes(y):
    if y.ndim == 1:
        return np.issubdtype(y.dtype, np.integer)
    one_hot = y.ndim == 2 and y.shape[1] > 1 and np.isin(y, (0, 1)).all()
    return bool(one_hot and (y.sum(axis=1) == 1).all())


def epoch(model, loss, x, y, order, batch_size, optimizer=None):
    total, right, classes = 0.0, 0, has_classes(y)
    for i in range(0, len(order), batch_size):
        index = order[i : i + batch_size]
        out = model.forward(x[index])
        value = loss.forward(out, y[index])
        total += float(value) * (len(index) if loss.reduction == "mean" else 1)
        right += int(hits(out, y[index]).sum()) if classes else 0
        if optimizer is not None:
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
    return {"loss": total / len(x), **({"accuracy": right / len(x)} if classes else {})}


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError(f"fit: x and y have lengths {len(x)} and {len(y)}")
    rng = np.random.default_rng(rng)
    before, model.training = model.training, True
    try:
        order, results = np.arange(len(x)), []
        for _ in range(epochs):
            if shuffle:
                rng.shuffle(order)
            results.append(epoch(model, loss, x, y, order, batch_size, optimizer))
    finally:
        model.training = before
    names = results[0] if results else ["loss"]
    return {name: [result[name] for result in results] for name in names}


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError(f"evaluate: x and y have lengths {len(x)} and {len(y)}")
    before, model.training = model.training, False
    try:
        return epoch(model, loss, x, y, np.arange(len(x)), batch_size)
    finally:
        model.training = before


def predict(model, x, *, batch_size=256):
    before, model.training = model.training, False
    try:
        parts = [model.forward(x[i : i + batch_size]) for i in range(0, len(x), batch_size)]
    finally:
        model.training = before
    return np.concatenate(parts)
