"""Initial values of the weights."""

from functools import partial

import numpy as np

from .interfaces import Array


def he_normal(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw weights that keep the variance of a signal through a ReLU.

    Parameters
    ----------
    shape : tuple of int
        Units first: (K, ...). One unit sums over all the other axes.
    rng : numpy.random.Generator, int or None
        Source of randomness, or a seed for it.

    Returns
    -------
    ndarray of float64
        Normal values with standard deviation sqrt(2 / fan_in).

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, https://arxiv.org/abs/1502.01852
    """
    fan_in = int(np.prod(shape[1:]))
    return np.random.default_rng(rng).normal(0.0, np.sqrt(2.0 / fan_in), size=shape)


def he_uniform(
    shape: tuple[int, ...], rng: np.random.Generator | int | None, a: float = 0.0
) -> Array:
    """Draw uniform weights with the variance of `he_normal`, divided by 1 + a².

    With a = sqrt(5), they are between -1 / sqrt(fan_in) and 1 / sqrt(fan_in): the weights with
    which PyTorch's Linear and Conv2d start.
    """
    bound = np.sqrt(6.0 / ((1 + a * a) * np.prod(shape[1:])))
    return np.random.default_rng(rng).uniform(-bound, bound, size=shape)


def glorot_normal(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw weights that keep the variance of a signal and of its gradient where slopes are 1.

    Parameters
    ----------
    shape : tuple of int
        (K, C, ...): a unit sums over all but the first axis, an input goes to all but the second.
    rng : numpy.random.Generator, int or None
        Source of randomness, or a seed for it.

    Returns
    -------
    ndarray of float64
        Normal values with standard deviation sqrt(2 / (fan_in + fan_out)).

    References
    ----------
    Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010,
    https://proceedings.mlr.press/v9/glorot10a.html
    """
    return np.random.default_rng(rng).normal(0.0, np.sqrt(2.0 / _fans(shape)), size=shape)


def glorot_uniform(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw uniform weights with the variance of `glorot_normal`."""
    bound = np.sqrt(6.0 / _fans(shape))
    return np.random.default_rng(rng).uniform(-bound, bound, size=shape)


def _fans(shape: tuple[int, ...]) -> int:
    """Return fan_in + fan_out."""
    return int(np.prod(shape[1:]) + shape[0] * np.prod(shape[2:]))


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


BY_NAME = {
    "kaiming_normal": he_normal,
    "kaiming_uniform": he_uniform,
    "xavier_normal": glorot_normal,
    "xavier_uniform": glorot_uniform,
    "pytorch": partial(he_uniform, a=5**0.5),
    "small_normal": normal,
    "small_uniform": uniform,
}
