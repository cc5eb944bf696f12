"""Residual: a branch, and a way past it."""

from .interfaces import Array, Module


class Residual:
    """Add the input to what a layer makes of it.

    Parameters
    ----------
    layer : layer
        The branch: anything with `params`, `grads`, `training`, `forward` and `backward`, such as a
        `Sequential`, whose output has the shape of its input.

    Notes
    -----
    y = x + f(x), so the gradient has two ways too: dx = dout + (that of f for dout). On the way
    past the branch nothing is multiplied: however deep a network is, its first layers get a
    gradient.

    References
    ----------
    He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2016,
    https://arxiv.org/abs/1512.03385
    """

    def __init__(self, layer: Module) -> None:
        self.layer = layer
        self.training = True

    @property
    def params(self) -> dict[str, Array]:
        """The parameters of the branch, under its own names."""
        return self.layer.params

    @property
    def grads(self) -> dict[str, Array]:
        """The gradients of the branch, under its own names."""
        return self.layer.grads

    @property
    def training(self) -> bool:
        """Whether the branch learns; setting it sets it for the branch."""
        return self._training

    @training.setter
    def training(self, value: bool) -> None:
        self._training = value
        self.layer.training = value

    def forward(self, x: Array) -> Array:
        """Return the input plus the output of the branch.

        Parameters
        ----------
        x : ndarray
            What the branch takes.

        Returns
        -------
        y : ndarray of the shape of x

        Raises
        ------
        ValueError
            If the output of the branch has another shape than x.
        """
        y = self.layer.forward(x)
        if y.shape != x.shape:
            raise ValueError(
                f"Residual: expected a branch that keeps the shape {x.shape}, got shape {y.shape}"
            )
        return x + y  # a new array: the branch may have kept its own

    def backward(self, dout: Array) -> Array:
        """Return dout plus the gradient that comes through the branch.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of the shape of the input
            The gradients of the branch's parameters are in `grads`.
        """
        return dout + self.layer.backward(dout)
