"""Losses, optimizers, Sequential and the loops."""

import contextlib
import functools
import inspect

import numpy as np


class Loss:
    """A number for a batch, and the gradient of the latest one."""

    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"{type(self).__name__}: unknown reduction {reduction!r}")
        self.reduction, self._gradient = reduction, None

    def backward(self):
        if self._gradient is None:
            raise RuntimeError(f"{type(self).__name__}: backward() called before forward()")
        return self._gradient.copy()


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of logits with labels or probabilities."""

    def forward(self, logits, target):
        unit = type(self).__name__
        if logits.ndim != 2 or len(logits) == 0:
            raise ValueError(f"{unit}: expected logits (N, K), got shape {logits.shape}")
        n, k = logits.shape
        if target.ndim == 1:
            if len(target) != n or target.dtype.kind not in "iu":
                raise ValueError(
                    f"{unit}: {target.shape} {target.dtype} labels for logits {logits.shape}"
                )
            if target.min() < 0 or target.max() >= k:
                wrong = target[(target < 0) | (target >= k)][0]
                raise ValueError(f"{unit}: label {wrong} is not in 0 ... {k - 1}")
            target = np.eye(k, dtype=logits.dtype)[target]
        elif target.shape != logits.shape:
            raise ValueError(f"{unit}: target {target.shape} for logits {logits.shape}")
        shifted = logits - logits.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        loss = np.sum(target * (np.log(sums) - shifted))
        scale = n if self.reduction == "mean" else 1
        self._gradient = ((exps / sums - target) / scale).astype(logits.dtype)
        return float(loss / scale)


class MSE(Loss):
    """Squared differences."""

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: pred {pred.shape} and target {target.shape} differ in shape")
        difference = pred - target
        scale = difference.size if self.reduction == "mean" else 1
        self._gradient = np.asarray(2 * difference / scale)
        return float(np.sum(difference**2) / scale)


class Optimizer:
    """Steps on all keys, with the state of each made at first sight."""

    def __init__(self, **rates):
        for name, rate in rates.items():
            if rate < 0:
                raise ValueError(f"{type(self).__name__}: {name} must be >= 0, got {rate}")
            setattr(self, name, rate)
        self.steps = 0

    def step(self, params, grads):
        unit = type(self).__name__
        if params.keys() != grads.keys():
            raise ValueError(f"{unit}: params {list(params)}, but grads {list(grads)}")
        for key, p in params.items():
            if p.shape != grads[key].shape:
                raise ValueError(f"{unit}: {key} has {p.shape}, its gradient {grads[key].shape}")
        for key, p in params.items():
            g = grads[key] + self.weight_decay * p if self.weight_decay else grads[key]
            p -= self._change(key, p, g)
        self.steps += 1


class SGD(Optimizer):
    """Gradient descent with a velocity, be the momentum 0 or not."""

    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        super().__init__(lr=lr, momentum=momentum, weight_decay=weight_decay, decay=decay)
        if nesterov and not momentum:
            raise ValueError(f"SGD: nesterov needs a momentum, got {momentum}")
        self.nesterov = nesterov
        self.velocity = {}

    def _change(self, key, p, g):
        if key not in self.velocity:
            self.velocity[key] = np.zeros_like(p)
        v = self.velocity[key] = self.momentum * self.velocity[key] + g
        rate = self.lr / (1 + self.decay * self.steps)
        return rate * (g + self.momentum * v if self.nesterov else v)


class Adam(Optimizer):
    """Moving averages of the gradients and of their squares."""

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        super().__init__(lr=lr, eps=eps, weight_decay=weight_decay)
        self.betas, self.amsgrad = betas, amsgrad
        self.m, self.s, self.largest = {}, {}, {}

    def _change(self, key, p, g):
        t, (b1, b2) = self.steps + 1, self.betas
        zero = np.zeros_like(p)
        self.m[key] = b1 * self.m.get(key, zero) + (1 - b1) * g
        s = self.s[key] = b2 * self.s.get(key, zero) + (1 - b2) * g**2
        if self.amsgrad:
            s = self.largest[key] = np.maximum(self.largest.get(key, zero), s)
        return self.lr * (self.m[key] / (1 - b1**t)) / (np.sqrt(s / (1 - b2**t)) + self.eps)


class Sequential(list):
    """A list of layers that is a layer."""

    def __init__(self, layers):
        super().__init__(layers)
        self._training = True

    def __call__(self, x):
        return self.forward(x)

    @property
    def layers(self):
        return self

    @property
    def params(self):
        return {f"{i}.{k}": p for i, layer in enumerate(self) for k, p in layer.params.items()}

    @property
    def grads(self):
        return {f"{i}.{k}": g for i, layer in enumerate(self) for k, g in layer.grads.items()}

    @property
    def training(self):
        return self._training

    @training.setter
    def training(self, value):
        self._training = value
        for layer in self:
            layer.training = value

    def forward(self, x):
        return functools.reduce(lambda value, layer: layer.forward(value), self, x)

    def backward(self, dout):
        return functools.reduce(lambda value, layer: layer.backward(value), reversed(self), dout)


@contextlib.contextmanager
def _mode(model, training):
    before, model.training = model.training, training
    try:
        yield
    finally:
        model.training = before


def _batches(n, batch_size, rng=None):
    if n < 1 or batch_size < 1:
        raise ValueError(f"no batches of {batch_size} in {n} samples")
    order = np.arange(n) if rng is None else rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def _classes(y):
    """Return the class of each sample; None where y holds no classes."""
    if y.ndim == 1 and y.dtype.kind in "iu":
        return y
    if y.ndim == 2 and y.shape[1] > 1 and np.all((y == 0) | (y == 1)):
        return y.argmax(axis=1) if np.all(y.sum(axis=1) == 1) else None
    return None


def same_length(function):
    """Check that x and y go together."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*args, **options):
        given = signature.bind(*args, **options).arguments
        if len(given["x"]) != len(given["y"]):
            lengths = f"{len(given['x'])} samples, but {len(given['y'])} targets"
            raise ValueError(f"{function.__name__}: {lengths}")
        return function(*args, **options)

    return checked


def _run(model, loss, x, y, batches, after=lambda: None):
    total, hits, classes = 0.0, 0, _classes(y)
    for batch in batches:
        out = model.forward(x[batch])
        value = float(loss.forward(out, y[batch]))
        total += value * len(batch) if loss.reduction == "mean" else value
        if classes is not None:
            hits += int(np.sum(out.argmax(axis=1) == classes[batch]))
        after()
    return total / len(x), None if classes is None else hits / len(x)


@same_length
def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    """Train; return the loss and the accuracy of each epoch."""

    def learn():
        model.backward(loss.backward())
        optimizer.step(model.params, model.grads)

    rng = np.random.default_rng(rng) if shuffle else None
    history = {"loss": [], "accuracy": []}
    with _mode(model, True):
        for _ in range(epochs):
            value, share = _run(model, loss, x, y, _batches(len(x), batch_size, rng), learn)
            history["loss"].append(value)
            if share is not None:
                history["accuracy"].append(share)
    return history


@same_length
def evaluate(model, loss, x, y, *, batch_size=256):
    """Return the loss per sample and the accuracy; None for regression."""
    with _mode(model, False):
        value, share = _run(model, loss, x, y, _batches(len(x), batch_size))
    return {"loss": value, "accuracy": share}


def predict(model, x, *, batch_size=256):
    """Return the outputs for all samples."""
    with _mode(model, False):
        return np.concatenate([model.forward(x[b]) for b in _batches(len(x), batch_size)])
