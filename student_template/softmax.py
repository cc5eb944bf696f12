"""Softmax: yours to write."""

from .interfaces import Array
from .layer import Layer


class Softmax(Layer):
    """Exponentials along the last axis, divided by their sum.

    Notes
    -----
    ::

        y[k] = exp(x[k]) / sum over j of exp(x[j])

    The largest x of the row is subtracted first: it cancels, and nothing overflows. Every x of a
    row has its part in every y: dx = y * (dout - sum over j of y[j] * dout[j]).

    A loss that expects logits (`SoftmaxCrossEntropy`) has its softmax within; a network for it
    ends without this layer.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Turn each row into shares.

        Parameters
        ----------
        x : ndarray of any shape from two dimensions up, rows along the last axis

        Returns
        -------
        y : ndarray of the same shape

        Raises
        ------
        ValueError
            If `x` has fewer than two dimensions.
        """
        raise NotImplementedError("TODO Softmax.forward: turn each row into shares")

    def backward(self, dout: Array) -> Array:
        """Carry the gradient back through the shares of each row.

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
            "TODO Softmax.backward: carry the gradient back through the shares of each row"
        )
