"""Repeat: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array, Module


class Repeat:
    """Apply a layer to what it has made itself, with the same parameters every time.

    Parameters
    ----------
    layer : layer
        Anything with `params`, `grads`, `training`, `forward` and `backward`, such as a
        `Sequential`, whose output has the shape of its input.
    times : int
        How often it is applied.

    Attributes
    ----------
    grads : dict
        The gradients of the layer's parameters under its own names, summed over the uses, in
        arrays of their own: the layer overwrites its `grads` in each use.

    Notes
    -----
    With h[0] = x and h[k] = f(h[k - 1]; w), y is the last h. Each use has a way to w of its own,
    so the gradient of w is a sum over the uses, with the gradient that arrives at each.

    A layer keeps what its latest `forward` needs, and no more. So `forward` keeps the input of each
    use, and `backward` runs the layer forward once more on it, before the layer's backward: it pays
    for memory with time. A layer that answers differently the next time, or that counts how often
    it is called, is not repeated so.

    References
    ----------
    Chen, Xu, Zhang, Guestrin: Training Deep Nets with Sublinear Memory Cost, 2016,
    https://arxiv.org/abs/1604.06174
    """

    def __init__(self, layer: Module, times: int = 2) -> None:
        self.layer = layer
        self.times = checks.integer("Repeat", "times", times, 1)
        self.grads: dict[str, Array] = {}
        self.training = True

    @property
    def params(self) -> dict[str, Array]:
        """The parameters of the layer, under its own names."""
        raise NotImplementedError(
            "TODO Repeat.params: the parameters of the layer, under its own names"
        )

    @property
    def training(self) -> bool:
        """Whether the layer learns; setting it sets it for the layer."""
        raise NotImplementedError(
            "TODO Repeat.training: whether the layer learns; setting it sets it for the layer"
        )

    @training.setter
    def training(self, value: bool) -> None:
        raise NotImplementedError("TODO Repeat.training: this too")

    def forward(self, x: Array) -> Array:
        """Apply the layer, again and again.

        Parameters
        ----------
        x : ndarray
            What the layer takes.

        Returns
        -------
        y : ndarray of the shape of x

        Raises
        ------
        ValueError
            If the output of the layer has another shape than its input.
        """
        raise NotImplementedError("TODO Repeat.forward: apply the layer, again and again")

    def backward(self, dout: Array) -> Array:
        """Go through the uses from the last to the first, and sum up their gradients.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of the shape of the input
            The gradients of the layer's parameters are in `grads`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        """
        raise NotImplementedError(
            "TODO Repeat.backward: go through the uses from the last to the first, and sum up "
            "their gradients"
        )
