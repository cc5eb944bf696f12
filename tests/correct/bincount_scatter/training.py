"""Losses, optimizers with flat states, Sequential and the loops."""

import functools
import itertools

import numpy as np


class SoftmaxCrossEntropy:
    """A loss whose gradient is scattered into the places of the labels."""

    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"SoftmaxCrossEntropy: expected mean or sum; got {reduction!r}")
        self.reduction, self._saved = reduction, None

    def forward(self, logits, target):
        came = f"logits of shape {logits.shape} and a target of shape {target.shape}"
        if logits.ndim != 2 or target.ndim not in (1, 2) or len(target) != len(logits):
            raise ValueError(f"SoftmaxCrossEntropy: expected (N, K) and (N,) or (N, K); got {came}")
        n, k = logits.shape
        z = logits.astype(np.float64)
        z -= z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        if target.ndim == 2:
            if target.shape != logits.shape:
                raise ValueError(f"SoftmaxCrossEntropy: expected {k} classes; got {came}")
            total = -np.vdot(target.astype(np.float64), log_p)
            gradient = np.exp(log_p) - target
        else:
            if not np.issubdtype(target.dtype, np.integer):
                raise ValueError(f"SoftmaxCrossEntropy: expected integer labels; got {came}")
            if n and (int(target.min()) < 0 or int(target.max()) >= k):
                label = next(int(t) for t in target if not 0 <= int(t) < k)
                raise ValueError(f"SoftmaxCrossEntropy: expected labels below {k}; got {label}")
            places = np.arange(n) * k + target.astype(np.int64)
            total = -log_p.ravel()[places].sum()
            gradient = np.exp(log_p) - np.bincount(places, minlength=n * k).reshape(n, k)
        self._saved = (gradient / (n if self.reduction == "mean" else 1)).astype(logits.dtype)
        return total / n if self.reduction == "mean" else total

    def backward(self):
        if self._saved is None:
            raise RuntimeError("SoftmaxCrossEntropy: backward follows a forward; there was none")
        return self._saved.copy()


class MSE:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"MSE: expected mean or sum; got {reduction!r}")
        self.reduction, self._saved = reduction, None

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: expected one shape; got {pred.shape} and {target.shape}")
        error = np.asarray(pred, np.float64) - target
        count = pred.size if self.reduction == "mean" else 1
        self._saved = np.asarray(2 * error / count, pred.dtype)
        return np.asarray((error**2).sum() / count)

    def backward(self):
        if self._saved is None:
            raise RuntimeError("MSE: backward follows a forward; there was none")
        return self._saved.copy()


class Optimizer:
    """State vectors of all parameters behind one another."""

    vectors = ()

    def __init__(self, weight_decay=0):
        self.weight_decay, self.steps, self.slices = weight_decay, 0, {}
        self.flat = {name: np.zeros(0) for name in self.vectors}
        self.start = 0.0

    def step(self, params, grads):
        unit = type(self).__name__
        for key in itertools.chain(params, grads):
            if key not in params or key not in grads:
                raise ValueError(f"{unit}: expected {key!r} in both dicts; got it in one")
            if params[key].shape != grads[key].shape:
                both = f"{params[key].shape} and {grads[key].shape}"
                raise ValueError(f"{unit}: expected one shape for {key!r}; got {both}")
        for key, p in params.items():
            if key not in self.slices:
                end = sum(s.stop - s.start for s in self.slices.values())
                self.slices[key] = slice(end, end + p.size)
                for name in self.vectors:
                    self.flat[name] = np.append(self.flat[name], np.full(p.size, self.start))
        for key, p in params.items():
            g = np.asarray(grads[key], np.float64) + self.weight_decay * p
            states = (self.flat[name][self.slices[key]].reshape(p.shape) for name in self.vectors)
            p[...] = p - self.change(g, *states)
        self.steps += 1


class SGD(Optimizer):
    vectors = ("velocity",)

    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        super().__init__(weight_decay)
        rates = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "decay": decay}
        for name, value in rates.items():
            if value < 0:
                raise ValueError(f"SGD: expected {name} of at least 0; got {value}")
        if nesterov and momentum == 0:
            raise ValueError(f"SGD: expected a momentum with nesterov; got {momentum}")
        self.lr, self.momentum, self.nesterov, self.decay = lr, momentum, nesterov, decay

    def change(self, g, v):
        v *= self.momentum
        v += g
        move = g + self.momentum * v if self.nesterov else v
        return self.lr / (1 + self.decay * self.steps) * move


class AdaGrad(Optimizer):
    vectors = ("sum",)

    def __init__(self, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10):
        super().__init__(weight_decay)
        self.lr, self.lr_decay, self.eps = lr, lr_decay, eps
        self.start = initial_accumulator_value

    def change(self, g, s):
        s += g * g
        return self.lr / (1 + self.lr_decay * self.steps) * g / (np.sqrt(s) + self.eps)


class RMSprop(Optimizer):
    vectors = ("square", "mean", "velocity")

    def __init__(self, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
        super().__init__(weight_decay)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.momentum, self.centered = momentum, centered

    def change(self, g, s, a, v):
        s += (1 - self.alpha) * (g * g - s)
        a += (1 - self.alpha) * (g - a)
        root = np.sqrt(np.maximum(s - a * a, 0) if self.centered else s)
        v *= self.momentum
        v += g / (root + self.eps)
        return self.lr * v


class Adam(Optimizer):
    vectors = ("mean", "square", "largest")

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        super().__init__(weight_decay)
        self.lr, self.betas, self.eps, self.amsgrad = lr, betas, eps, amsgrad

    def change(self, g, m, s, largest):
        t, (b1, b2) = self.steps + 1, self.betas
        m += (1 - b1) * (g - m)
        s += (1 - b2) * (g * g - s)
        np.maximum(largest, s, out=largest)
        root = np.sqrt((largest if self.amsgrad else s) / (1 - b2**t))
        return self.lr * (m / (1 - b1**t)) / (root + self.eps)


class Sequential:
    """Its dicts are made at construction where layers keep theirs, and at each access here."""

    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    @property
    def training(self):
        return self.__dict__["training"]

    @training.setter
    def training(self, value):
        self.__dict__["training"] = value
        for layer in self.layers:
            layer.training = value

    def _collect(self, name):
        collected = {}
        for i, layer in enumerate(self.layers):
            for key, array in getattr(layer, name).items():
                collected[f"{i}.{key}"] = array
        return collected

    params = property(functools.partial(_collect, name="params"))
    grads = property(functools.partial(_collect, name="grads"))

    def forward(self, x):
        return functools.reduce(lambda value, layer: layer.forward(value), self.layers, x)

    def backward(self, dout):
        return functools.reduce(lambda g, layer: layer.backward(g), reversed(self.layers), dout)


def classes(y):
    """Return class labels, or None for regression."""
    if y.ndim == 1 and np.issubdtype(y.dtype, np.integer):
        return y
    if y.ndim == 2 and y.shape[1] > 1:
        row, column = np.nonzero(y)
        if np.array_equal(row, np.arange(len(y))) and np.all(y[row, column] == 1):
            return column
    return None


def one_pass(model, loss, x, y, index, batch_size, learn=None):
    labels, total, hits, rest = classes(y), 0.0, 0, index
    while rest.size:
        batch, rest = rest[:batch_size], rest[batch_size:]
        out = model.forward(x[batch])
        value = float(loss.forward(out, y[batch]))
        total += value * batch.size if loss.reduction == "mean" else value
        if labels is not None:
            hits += np.count_nonzero(out.argmax(axis=1) == labels[batch])
        if learn is not None:
            learn()
    result = {"loss": total / index.size}
    if labels is not None:
        result["accuracy"] = hits / index.size
    return result


def mode(training):
    """Let a function run with `training` as it needs it, and put it back afterwards."""

    def decorate(function):
        @functools.wraps(function)
        def run(model, *args, **options):
            before = model.training
            model.training = training
            try:
                return function(model, *args, **options)
            finally:
                model.training = before

        return run

    return decorate


@mode(training=True)
def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError(f"fit: expected as many targets as samples; got {len(x)} and {len(y)}")

    def learn():
        model.backward(loss.backward())
        optimizer.step(model.params, model.grads)

    rng = np.random.default_rng(rng)
    results = []
    for _ in range(epochs):
        index = rng.permuted(np.arange(len(x))) if shuffle else np.arange(len(x))
        results.append(one_pass(model, loss, x, y, index, batch_size, learn))
    return {name: [r[name] for r in results] for name in (results[0] if results else ["loss"])}


@mode(training=False)
def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError(f"evaluate: expected as many targets as samples; got {len(x)}, {len(y)}")
    return one_pass(model, loss, x, y, np.arange(len(x)), batch_size)


@mode(training=False)
def predict(model, x, *, batch_size=256):
    index = np.arange(len(x))
    batches = (index[i : i + batch_size] for i in range(0, len(x), batch_size))
    return np.concatenate([model.forward(x[batch]) for batch in batches])
