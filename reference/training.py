"""The training loop, and the functions that use a trained model."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from . import checks
from .fast.scratch import keep_freed_memory
from .interfaces import Array, Loss, Module, Optimizer


def fit(
    model: Module,
    loss: Loss,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    *,
    epochs: int = 1,
    batch_size: int = 32,
    shuffle: bool = True,
    rng: np.random.Generator | int | None = None,
) -> dict[str, list[float]]:
    """Train a model.

    Parameters
    ----------
    model, loss, optimizer
        A network (`forward`, `backward`, `params`, `grads`, `training`), a loss (`forward`,
        `backward`, `reduction`) and an optimizer (`step`).
    x : ndarray of shape (N, ...)
        The samples; they are not modified.
    y : ndarray of shape (N, ...)
        Their targets, in the form that `loss` takes; they are not modified.
    epochs : int
        How many times every sample is visited.
    batch_size : int
        How many samples one step uses; the last step of an epoch uses those that remain.
    shuffle : bool
        Whether each epoch visits the samples in a new random order.
    rng : numpy.random.Generator, int or None
        Source of the order, or a seed for it. The same seed gives the same run.

    Returns
    -------
    history : dict of str to list of float
        One entry per epoch. `loss`: the loss per sample, as seen while training. `accuracy`: the
        fraction of samples whose largest output is that of their class, if `y` holds class labels
        or one-hot rows.

    Raises
    ------
    ValueError
        If `x` and `y` differ in length or are empty, or `epochs` or `batch_size` is below 1.

    Notes
    -----
    A step is: forward, loss, backward of the loss, backward of the model, step of the optimizer.

    The loss of an epoch is the sum of the batches' losses, each times its batch size if
    `loss.reduction` is "mean", divided by N: a short last batch does not count more than it should.

    `model.training` is True during the call, and is restored afterwards, even after an exception.
    """
    N = _count("fit", x, y)
    checks.integer("fit", "epochs", epochs, 1)
    checks.integer("fit", "batch_size", batch_size, 1)
    rng = np.random.default_rng(rng)
    keep_freed_memory()
    history: dict[str, list[float]] = {}
    with _training(model, True):
        for _ in range(epochs):
            order = rng.permutation(N) if shuffle else np.arange(N)
            score = _Score(loss)
            for start in range(0, N, batch_size):
                batch = order[start : start + batch_size]
                out = model.forward(x[batch])
                score.add(out, y[batch])
                model.backward(loss.backward())
                optimizer.step(model.params, model.grads)
            for name, value in score.per_sample().items():
                history.setdefault(name, []).append(value)
    return history


def evaluate(
    model: Module, loss: Loss, x: Array, y: Array, *, batch_size: int = 256
) -> dict[str, float]:
    """Measure a model without changing it.

    Parameters
    ----------
    model, loss, x, y
        As for `fit`.
    batch_size : int
        How many samples to compute at a time; the result does not depend on it.

    Returns
    -------
    result : dict of str to float
        `loss` per sample and, if `y` holds class labels or one-hot rows, `accuracy`.

    Raises
    ------
    ValueError
        If `x` and `y` differ in length or are empty, or `batch_size` is below 1.

    Notes
    -----
    `model.training` is False during the call, and is restored afterwards, even after an exception.
    """
    N = _count("evaluate", x, y)
    checks.integer("evaluate", "batch_size", batch_size, 1)
    score = _Score(loss)
    with _training(model, False):
        for start in range(0, N, batch_size):
            batch = slice(start, start + batch_size)
            score.add(model.forward(x[batch]), y[batch])
    return score.per_sample()


def predict(model: Module, x: Array, *, batch_size: int = 256) -> Array:
    """Compute the outputs of a model.

    Parameters
    ----------
    model, x
        As for `fit`.
    batch_size : int
        How many samples to compute at a time; the result does not depend on it.

    Returns
    -------
    y : ndarray of shape (N, ...)
        The outputs for the N samples, in their order.

    Raises
    ------
    ValueError
        If `x` is empty or `batch_size` is below 1.

    Notes
    -----
    `model.training` is False during the call, and is restored afterwards, even after an exception.
    """
    N = _count("predict", x, x)
    checks.integer("predict", "batch_size", batch_size, 1)
    with _training(model, False):
        starts = range(0, N, batch_size)
        return np.concatenate([model.forward(x[s : s + batch_size]) for s in starts])


def _count(name: str, x: Array, y: Array) -> int:
    if len(x) != len(y):
        raise ValueError(f"{name}: expected as many targets as samples, {len(x)}, got {len(y)}")
    if len(x) == 0:
        raise ValueError(f"{name}: expected at least one sample, got 0")
    return len(x)


@contextmanager
def _training(model: Module, value: bool) -> Iterator[None]:
    before = model.training
    model.training = value
    try:
        yield
    finally:
        model.training = before


class _Score:
    """The loss and the correct predictions of a pass over the samples, summed batch by batch."""

    def __init__(self, loss: Loss) -> None:
        self.loss = loss
        self.count = 0
        self.total = 0.0
        self.hits: int | None = 0  # None: the targets are no classes

    def add(self, out: Array, y: Array) -> None:
        value = self.loss.forward(out, y)
        self.count += len(y)
        self.total += value * len(y) if self.loss.reduction == "mean" else value
        labels = _labels(out, y)
        if labels is None or self.hits is None:
            self.hits = None
        else:
            self.hits += int((out.argmax(axis=1) == labels).sum())

    def per_sample(self) -> dict[str, float]:
        result = {"loss": self.total / self.count}
        if self.hits is not None:
            result["accuracy"] = self.hits / self.count
        return result


def _labels(out: Array, y: Array) -> Array | None:
    """Return the class labels in `y`, from labels or one-hot rows; None if it has neither."""
    if out.ndim != 2:
        return None
    if y.ndim == 1 and np.issubdtype(y.dtype, np.integer):
        return y
    is_one_hot = (
        y.shape == out.shape
        and y.shape[1] > 1
        and ((y == 0) | (y == 1)).all()
        and (y.sum(axis=1) == 1).all()
    )
    return y.argmax(axis=1) if is_one_hot else None
