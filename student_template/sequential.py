"""Sequential: yours to write."""

from collections.abc import Iterable

import numpy as np

from .interfaces import Array, Module


class Sequential:
    """A network in which each layer takes the output of the previous one.

    It has the interface of a layer, so a network can be a layer of another network.

    Parameters
    ----------
    layers : iterable of layers
        Anything with `params`, `grads`, `training`, `forward` and `backward`.

    Raises
    ------
    ValueError
        If one of `layers` has no `forward` or no `backward`.

    Notes
    -----
    Names are those of PyTorch: `params["0.weight"]` is the `weight` of the first layer.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
    """

    def __init__(self, layers: Iterable[Module]) -> None:
        self.layers = list(layers)
        for index, layer in enumerate(self.layers):
            if not (hasattr(layer, "forward") and hasattr(layer, "backward")):
                raise ValueError(
                    f"Sequential: expected a layer with forward and backward at index {index}, "
                    f"got {layer!r}"
                )
        self.training = True

    @property
    def params(self) -> dict[str, Array]:
        """The layers' own arrays as a flat dict, keyed ``"{index}.{name}"``.

        Replacing an entry of the dict replaces the array in its layer.
        """
        raise NotImplementedError(
            "TODO Sequential.params: the layers' own arrays as a flat dict, keyed "
            "``'{index}.{name}'``"
        )

    @property
    def grads(self) -> dict[str, Array]:
        """The layers' gradients as a flat dict, with the keys of `params`."""
        raise NotImplementedError(
            "TODO Sequential.grads: the layers' gradients as a flat dict, with the keys of `params`"
        )

    @property
    def training(self) -> bool:
        """Whether the network learns; setting it sets it for every layer."""
        raise NotImplementedError(
            "TODO Sequential.training: whether the network learns; setting it sets it for every "
            "layer"
        )

    @training.setter
    def training(self, value: bool) -> None:
        """Set whether the network learns, and the same for every layer."""
        raise NotImplementedError(
            "TODO Sequential.training: set whether the network learns, and the same for every layer"
        )

    def forward(self, x: Array) -> Array:
        """Pass the input through all layers, first to last.

        Parameters
        ----------
        x : ndarray
            What the first layer takes.

        Returns
        -------
        y : ndarray
            What the last layer returns.
        """
        raise NotImplementedError(
            "TODO Sequential.forward: pass the input through all layers, first to last"
        )

    def backward(self, dout: Array) -> Array:
        """Pass the gradient through all layers, last to first.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of the shape of the input
            The layers' own gradients are in `grads`.
        """
        raise NotImplementedError(
            "TODO Sequential.backward: pass the gradient through all layers, last to first"
        )
