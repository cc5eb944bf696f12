"""The training loop: yours to write."""

import numpy as np

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
    raise NotImplementedError("TODO fit: train a model")


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
    raise NotImplementedError("TODO evaluate: measure a model without changing it")


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
    raise NotImplementedError("TODO predict: compute the outputs of a model")
