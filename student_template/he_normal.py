"""he_normal: yours to write."""

import numpy as np

from .interfaces import Array


def he_normal(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw normal weights that keep the variance of a signal through a ReLU.

    Parameters
    ----------
    shape : tuple of int
        (units, inputs), or (filters, channels, rows, columns).
    rng : numpy.random.Generator, int or None
        Source of randomness, or a seed for it.

    Returns
    -------
    ndarray of float64, of the given shape
        The weights, of mean 0.

    Raises
    ------
    ValueError
        If the shape has fewer than two axes.

    Notes
    -----
    The standard deviation is sqrt(2 / fan_in).

    `fan_in` is the number of inputs that a unit sums over: for a kernel, channels times its rows
    and columns.

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, https://arxiv.org/abs/1502.01852
    https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_
    """
    raise NotImplementedError(
        "TODO he_normal: draw normal weights that keep the variance of a signal through a ReLU"
    )
