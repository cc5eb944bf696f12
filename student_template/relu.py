"""ReLU: yours to write."""

from .interfaces import Array
from .layer import Layer


class ReLU(Layer):
    """The positive part of each element.

    Notes
    -----
    y = max(x, 0). The derivative is 1 where x > 0 and 0 elsewhere, at exactly 0 too.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Replace negative elements by zero.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        raise NotImplementedError("TODO ReLU.forward: replace negative elements by zero")

    def backward(self, dout: Array) -> Array:
        """Let the gradient pass where the input was positive.

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
            "TODO ReLU.backward: let the gradient pass where the input was positive"
        )
