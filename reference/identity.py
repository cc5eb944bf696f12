"""Identity: nothing at all, where a layer is expected."""

from . import checks
from .interfaces import Array
from .layer import Layer


class Identity(Layer):
    """Returns what it is given: a placeholder, as for a branch that changes nothing.

    Notes
    -----
    y = x, and dx = dout. Both are copies: who writes into one of them does not change the other.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
    """

    def __init__(self) -> None:
        super().__init__()
        self._shape: tuple[int, ...] | None = None

    def forward(self, x: Array) -> Array:
        """Return the elements as they are.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        y : ndarray of the same shape
        """
        x = checks.floats("Identity", x)
        self._shape = x.shape
        return x.copy()

    def backward(self, dout: Array) -> Array:
        """Return the gradient as it is.

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
        shape = checks.saved("Identity", self._shape)
        dout = checks.upstream("Identity", dout, shape)
        return dout.copy()
