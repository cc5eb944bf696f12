"""What the weights of Dense and Conv2D are at first."""

import numpy as np

from .interfaces import Array


def first_weights(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw normal weights, in which the variance of a signal stays what it is through a ReLU.

    Parameters
    ----------
    shape : tuple of int
        Units first: (K, ...). One unit sums over all the other axes.
    rng : numpy.random.Generator, int or None
        Source of randomness, or a seed for it.

    Returns
    -------
    ndarray of float64
        The weights.
    """
    inputs = int(np.prod(shape[1:]))
    return np.random.default_rng(rng).normal(0.0, np.sqrt(2.0 / inputs), size=shape)


def uniform_by_inputs(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw uniform weights between -1 / sqrt(fan_in) and 1 / sqrt(fan_in).

    PyTorch's Linear and Conv2d start with them: Kaiming's uniform weights with a = sqrt(5), see
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html.
    """
    limit = 1 / np.sqrt(np.prod(shape[1:]))
    return np.random.default_rng(rng).uniform(-limit, limit, size=shape)


def normal(
    shape: tuple[int, ...], rng: np.random.Generator | int | None, std: float = 1e-2
) -> Array:
    """Draw normal weights whose size does not depend on the layer: ``1e-2 * randn``."""
    return np.random.default_rng(rng).normal(0.0, std, size=shape)


def uniform(
    shape: tuple[int, ...], rng: np.random.Generator | int | None, bound: float = 1e-2
) -> Array:
    """Draw uniform weights between two bounds that do not depend on the layer."""
    return np.random.default_rng(rng).uniform(-bound, bound, size=shape)
