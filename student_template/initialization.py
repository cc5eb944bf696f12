"""The values that weights start from."""

import numpy as np

from .interfaces import Array


def he_normal(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw weights that keep the variance of a signal through a ReLU.

    Parameters
    ----------
    shape : tuple of int
        Units first: (K, ...). All other axes together are what one unit sums over.
    rng : numpy.random.Generator, int or None
        The source of randomness, or a seed for one.

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
