"""Dropout: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class Dropout(Layer):
    """Random zeros in training; the identity in evaluation.

    Parameters
    ----------
    p : float
        The probability that an element is dropped, from 0 to below 1.
    rng : numpy.random.Generator, int or None
        Source of randomness, or a seed for it.

    Notes
    -----
    Each forward drops each element independently. The others are divided by 1 - p, so that the
    expected value of an element stays the same ("inverted" dropout) and the layer does nothing in
    evaluation. backward multiplies by the same mask.

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
        """Drop elements in training.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO Dropout.forward: drop elements in training")

    def backward(self, dout: Array) -> Array:
        """Pass the gradient on where the element was kept.

        Parameters
        ----------
        dout : ndarray of the shape of the input

        Returns
        -------
        dx : ndarray of the same shape

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        raise NotImplementedError(
            "TODO Dropout.backward: pass the gradient on where the element was kept"
        )
