"""Dropout: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class Dropout(Layer):
    """Random zeros while training; nothing at all otherwise.

    Parameters
    ----------
    p : float
        The probability that an element is dropped, from 0 to below 1.
    rng : numpy.random.Generator, int or None
        The source of randomness, or a seed for one.

    Notes
    -----
    Each element is dropped independently, anew at each forward. Those that stay are divided by
    1 - p, so that the mean of an element is the same with and without ("inverted" dropout), and the
    layer can be left out when the network is used. backward multiplies by the same mask.

    The output and the gradient have the dtype of the input.

    References
    ----------
    Srivastava et al.: Dropout, 2014, https://jmlr.org/papers/v15/srivastava14a.html
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
    """

    def __init__(self, p: float = 0.5, rng: np.random.Generator | int | None = None) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"Dropout: p must be at least 0 and below 1, got {p}")
        self.p = float(p)

    def forward(self, x: Array) -> Array:
        """Drop elements while training.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO Dropout.forward: drop elements while training")

    def backward(self, dout: Array) -> Array:
        """Let the gradient pass where the element has passed.

        Parameters
        ----------
        dout : ndarray of the shape of the input

        Returns
        -------
        dx : ndarray of the same shape

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        raise NotImplementedError(
            "TODO Dropout.backward: let the gradient pass where the element has passed"
        )
