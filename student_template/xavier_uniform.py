"""xavier_uniform: yours to write."""

import numpy as np

from .interfaces import Array


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Array:
    """Draw uniform weights that keep the variance of signals and gradients.

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
    The values lie between -limit and limit, with limit = sqrt(6 / (fan_in + fan_out)): the
    variance of such values is limit ** 2 / 3, which is 2 / (fan_in + fan_out).

    `fan_in` is the number of inputs that a unit sums over: for a kernel, channels times its rows
    and columns. `fan_out` is the number of outputs that an input goes to, without a stride: filters
    times rows and columns of the kernel.

    References
    ----------
    Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010,
    https://proceedings.mlr.press/v9/glorot10a.html
    https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
    """
    raise NotImplementedError(
        "TODO xavier_uniform: draw uniform weights that keep the variance of signals and gradients"
    )
