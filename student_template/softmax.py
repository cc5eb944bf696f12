"""Softmax: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class Softmax(Layer):
    """Exponentials along the last axis, divided by their sum.

    Notes
    -----
    ::

        y[k] = exp(x[k]) / sum over j of exp(x[j])

    The largest x of the row is subtracted first: it cancels out, and nothing overflows. Every x of
    a row contributes to every y: dx = y * (dout - sum over j of y[j] * dout[j]).

    A loss that expects logits (`SoftmaxCrossEntropy`) applies softmax itself; a network for it ends
    without this layer.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Turn each row into probabilities.

        Parameters
        ----------
        x : ndarray with at least two dimensions, rows along the last axis

        Returns
        -------
        y : ndarray of the same shape

        Raises
        ------
        ValueError
            If `x` has fewer than two dimensions.
        """
        raise NotImplementedError("TODO Softmax.forward: turn each row into probabilities")

    def backward(self, dout: Array) -> Array:
        """Propagate the gradient back through each row.

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
            "TODO Softmax.backward: propagate the gradient back through each row"
        )
