"""Flatten: yours to write."""

from .interfaces import Array
from .layer import Layer


class Flatten(Layer):
    """All axes but the first as one.

    Notes
    -----
    (N, ...) becomes (N, D) with D the product of the other sizes, in C order: the last axis
    varies fastest, whatever the order in memory. Values and dtype stay as they are.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Flatten each sample.

        Parameters
        ----------
        x : ndarray of shape (N, ...), of 2 dimensions or more

        Returns
        -------
        y : ndarray of shape (N, D)

        Raises
        ------
        ValueError
            If `x` has fewer than 2 dimensions.
        """
        raise NotImplementedError("TODO Flatten.forward: flatten each sample")

    def backward(self, dout: Array) -> Array:
        """Give the gradient the shape of the input.

        Parameters
        ----------
        dout : ndarray of shape (N, D)

        Returns
        -------
        dx : ndarray of shape (N, ...)

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        raise NotImplementedError("TODO Flatten.backward: give the gradient the shape of the input")
