"""Sequential: layers one after another, as one model."""

from collections.abc import Iterable, MutableMapping, Sequence

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
        return _FlatDict([layer.params for layer in self.layers])

    @property
    def grads(self) -> dict[str, Array]:
        """The layers' gradients as a flat dict, with the keys of `params`."""
        return _FlatDict([layer.grads for layer in self.layers])

    @property
    def training(self) -> bool:
        """Whether the network learns; setting it sets it for every layer."""
        return self._training

    @training.setter
    def training(self, value: bool) -> None:
        """Set whether the network learns, and the same for every layer."""
        self._training = value
        for layer in self.layers:
            layer.training = value

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
        for layer in self.layers:
            x = layer.forward(x)
        return x

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
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


class _FlatDict(dict[str, Array]):
    """The dicts of several layers as one; an entry that is set is set in its layer too."""

    def __init__(self, parts: Sequence[dict[str, Array]]) -> None:
        self._parts = parts
        for index, part in enumerate(parts):
            for name, array in part.items():
                super().__setitem__(f"{index}.{name}", array)

    def __setitem__(self, key: str, value: Array) -> None:
        if key not in self:
            raise KeyError(f"Sequential: no parameter {key!r}; there are {sorted(self)}")
        index, _, name = key.partition(".")
        self._parts[int(index)][name] = value
        super().__setitem__(key, value)

    update = MutableMapping.update  # dict.update would not call __setitem__
