"""LogSoftmax: yours to write."""

import numpy as np

from .interfaces import Array
from .layer import Layer


class LogSoftmax(Layer):
    """The logarithm of the softmax of each row.

    Notes
    -----
    Over the last axis, y = x - log(sum(exp(x))). The largest element of the row is subtracted
    first, which changes nothing and lets no exponential overflow. The logarithm of a softmax that
    is 0 after rounding would be infinite. With p = exp(y)::

        dx = dout - p * sum(dout)

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Turn each row into logarithms of probabilities.

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
        raise NotImplementedError(
            "TODO LogSoftmax.forward: turn each row into logarithms of probabilities"
        )

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
            "TODO LogSoftmax.backward: propagate the gradient back through each row"
        )
