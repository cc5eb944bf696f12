"""The loops, and a history that is a dict with more to it."""

import contextlib
from collections import defaultdict

import numpy as np

from .layers.base import ShapeError


class History(defaultdict):
    """Lists by name, which can be read as attributes too."""

    def __init__(self):
        super().__init__(list)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]


@contextlib.contextmanager
def mode(model, training):
    before = model.training
    model.training = training
    yield
    model.training = before


class Counter:
    """Adds up losses and hits over batches of different sizes."""

    def __init__(self, loss, y):
        onehot = y.ndim == 2 and np.array_equal(y.sum(1), y.max(1)) and set(y.flat) == {0, 1}
        self.classes = onehot or (y.ndim == 1 and y.dtype.kind in "iu")
        self.loss, self.total, self.hits, self.samples = loss, 0, 0, 0

    def add(self, output, y):
        value = self.loss.forward(output, y)
        self.total += value if self.loss.reduction == "sum" else value * len(y)
        self.samples += len(y)
        if self.classes:
            self.hits += ((y.argmax(1) if y.ndim == 2 else y) == output.argmax(1)).sum()

    def numbers(self):
        yield "loss", self.total / self.samples
        if self.classes:
            yield "accuracy", self.hits / self.samples


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ShapeError(f"fit: {len(x)} != {len(y)}")
    history, rng = History(), np.random.default_rng(rng)
    with mode(model, True):
        for _ in range(epochs):
            if shuffle:
                order = rng.permutation(len(x))
                x, y = x[order], y[order]  # each epoch shuffles what the last one left
            counter = Counter(loss, y)
            for start in range(0, len(x), batch_size):
                end = min(start + batch_size, len(x))
                counter.add(model.forward(x[start:end]), y[start:end])
                model.backward(loss.backward())
                optimizer.step(model.params, model.grads)
            for name, number in counter.numbers():
                history[name].append(number)
    return history


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ShapeError(f"evaluate: {len(x)} != {len(y)}")
    counter = Counter(loss, y)
    with mode(model, False):
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            counter.add(model.forward(x[batch]), y[batch])
    return dict(counter.numbers())


def predict(model, x, *, batch_size=256):
    with mode(model, False):
        first = model.forward(x[:batch_size])
        outputs = np.empty((len(x), *first.shape[1:]), first.dtype)
        outputs[:batch_size] = first
        for start in range(batch_size, len(x), batch_size):
            outputs[start : start + batch_size] = model.forward(x[start : start + batch_size])
    return outputs
