"""Residual: yours to write."""

import numpy as np

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
        raise NotImplementedError(
            "TODO Residual.params: the parameters of the branch, under its own names"
        )

    @property
    def grads(self) -> dict[str, Array]:
        """The gradients of the branch, under its own names."""
        raise NotImplementedError(
            "TODO Residual.grads: the gradients of the branch, under its own names"
        )

    @property
    def training(self) -> bool:
        """Whether the branch learns; setting it sets it for the branch."""
        raise NotImplementedError(
            "TODO Residual.training: whether the branch learns; setting it sets it for the branch"
        )

    @training.setter
    def training(self, value: bool) -> None:
        raise NotImplementedError("TODO Residual.training: this too")

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
        raise NotImplementedError(
            "TODO Residual.forward: return the input plus the output of the branch"
        )

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
        raise NotImplementedError(
            "TODO Residual.backward: return dout plus the gradient that comes through the branch"
        )
