"""numerical_gradient: yours to write."""

from collections.abc import Callable

import numpy as np

from .interfaces import Array


def numerical_gradient(f: Callable[[Array], float], x: Array, eps: float = 1e-5) -> Array:
    """Estimate the gradient of a function by central differences.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`; returns a number, or an array of shape ().
    x : ndarray
        Where the gradient is wanted; it is not modified.
    eps : float
        The step to either side.

    Returns
    -------
    ndarray of float64, of the shape of `x`
        For every element the slope of `f` if that element alone changes.

    Raises
    ------
    ValueError
        If `eps` is not positive.

    Notes
    -----
    For the element i, with e that is 1 at i and 0 elsewhere::

        (f(x + eps * e) - f(x - eps * e)) / (2 * eps)

    Its error falls with eps ** 2, that of a one-sided difference with eps only. Steps are taken in
    float64: beside an element of float32, 1e-5 is hardly more than rounding.
    """
    raise NotImplementedError(
        "TODO numerical_gradient: estimate the gradient of a function by central differences"
    )
