"""Wrong ways of doing Sequential."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake

Arrays = dict[str, Array]


@mistake("Sequential", loses="1 20 21")
class ForwardBackwards(reference.Sequential):
    """forward goes through the layers from the last to the first.

    The specification asks for their order (SEQUENTIAL-1). Look at the loop of forward.
    """

    def forward(self, x: Array) -> Array:
        for layer in reversed(self.layers):
            x = layer.forward(x)
        return x


@mistake("Sequential", loses="1 20 21")
class EveryLayerGetsTheInput(reference.Sequential):
    """Every layer gets x, and the last one's output is returned.

    The specification asks that x goes through the layers one after another (SEQUENTIAL-1). Look at
    what each layer is given.
    """

    def forward(self, x: Array) -> Array:
        return [layer.forward(x) for layer in self.layers][-1]


@mistake("Sequential", loses="1 20")
class LastLayerLeftOut(reference.Sequential):
    """forward ends before the last layer, where there are several.

    The specification asks for all layers (SEQUENTIAL-1). Look at the upper end of the loop.
    """

    def forward(self, x: Array) -> Array:
        for layer in self.layers[:-1] or self.layers:
            x = layer.forward(x)
        return x


@mistake("Sequential", loses="1")
class ProbabilitiesWhenNotTraining(reference.Sequential):
    """Where training is False, forward returns the softmax of the last layer's output.

    The specification asks that x goes through the layers and nothing else (SEQUENTIAL-1). Look at
    what forward asks training for.
    """

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        if self.training:
            return y
        e = np.exp(y - y.max(axis=-1, keepdims=True))
        probabilities: Array = e / e.sum(axis=-1, keepdims=True)
        return probabilities


class _Keyed(reference.Sequential):
    """With other keys."""

    def key(self, index: int, name: str) -> str:
        """Return a parameter's key."""
        return f"{index}.{name}"

    def flat(self, attribute: str) -> Arrays:
        """Return the dicts of all layers as one."""
        return {
            self.key(index, name): array
            for index, layer in enumerate(self.layers)
            for name, array in getattr(layer, attribute).items()
        }

    @property
    def params(self) -> Arrays:
        return self.flat("params")

    @property
    def grads(self) -> Arrays:
        return self.flat("grads")


@mistake("Sequential", loses="2 3 21")
class CountedFromOne(_Keyed):
    """The layers are counted from 1 in the keys.

    The specification asks that the first layer has the index 0 (SEQUENTIAL-2). Look at where the
    counting begins.
    """

    def key(self, index: int, name: str) -> str:
        return f"{index + 1}.{name}"


@mistake("Sequential", loses="2 3 21")
class OnlyLayersWithParametersCounted(_Keyed):
    """Layers without parameters are not counted in the keys.

    The specification asks that the index counts all layers (SEQUENTIAL-2). Look at what is counted.
    """

    def key(self, index: int, name: str) -> str:
        return f"{sum(bool(layer.params) for layer in self.layers[:index])}.{name}"


@mistake("Sequential", loses="2 3 21")
class UnderscoreInTheKeys(_Keyed):
    """The keys have an underscore between index and name.

    The specification asks for a dot (SEQUENTIAL-2), as PyTorch has. Look at how the keys are made.
    """

    def key(self, index: int, name: str) -> str:
        return f"{index}_{name}"


@mistake("Sequential", loses="2 3 21")
class NamesOverwriteEachOther(_Keyed):
    """The keys do not say which layer they belong to: the last layer's parameters are left.

    The specification asks for the index and the name (SEQUENTIAL-2). Look at how the dicts of the
    layers are put together.
    """

    def key(self, index: int, name: str) -> str:
        return name


@mistake("Sequential", loses="2")
class SortedAsText(_Keyed):
    """The keys are sorted as text, which puts 10 before 2.

    The specification asks for the order of the layers (SEQUENTIAL-2). Look for a sort.
    """

    def flat(self, attribute: str) -> Arrays:
        return dict(sorted(super().flat(attribute).items()))


@mistake("Sequential", loses="3")
class ParametersCopied(_Keyed):
    """params holds copies of the layers' arrays.

    The specification asks for the layers' own (SEQUENTIAL-3): an optimizer that writes into copies
    changes nothing. Look at where a copy is made.
    """

    @property
    def params(self) -> Arrays:
        return {key: array.copy() for key, array in super().params.items()}


@mistake("Sequential", loses="20 21")
class BackwardInForwardOrder(reference.Sequential):
    """backward goes through the layers from the first to the last.

    The specification asks for the reverse order (SEQUENTIAL-20). Look at the loop of backward.
    """

    def backward(self, dout: Array) -> Array:
        for layer in self.layers:
            dout = layer.backward(dout)
        return dout


@mistake("Sequential", loses="20 21")
class EveryLayerGetsDout(reference.Sequential):
    """Every layer gets dout itself.

    The specification asks that the gradient goes through the layers one after another
    (SEQUENTIAL-20). Look at what each layer's backward is given.
    """

    def backward(self, dout: Array) -> Array:
        return [layer.backward(dout) for layer in reversed(self.layers)][-1]


@mistake("Sequential", loses="20 21")
class OnlyLayersWithParametersGoBack(reference.Sequential):
    """backward passes over layers without parameters.

    Their derivative counts too (SEQUENTIAL-20). Look at the loop of backward for a condition.
    """

    def backward(self, dout: Array) -> Array:
        for layer in reversed(self.layers):
            dout = layer.backward(dout) if layer.params else dout
        return dout


@mistake("Sequential", loses="20")
class DxNotReturned(reference.Sequential):
    """backward returns None.

    The specification asks for the gradient for x (SEQUENTIAL-20): a network may be a layer. Look at
    the last line of backward.
    """

    def backward(self, dout: Array) -> Any:
        super().backward(dout)


@mistake("Sequential", loses="20")
class FirstLayerSkipped(reference.Sequential):
    """backward returns the gradient for the first layer's output.

    The specification asks for that of x (SEQUENTIAL-20). Look at what becomes of the last result of
    the loop.
    """

    def backward(self, dout: Array) -> Array:
        for layer in reversed(self.layers[1:]):
            dout = layer.backward(dout)
        self.layers[0].backward(dout)
        return dout


@mistake("Sequential", loses="21")
class GradientsOfTheFirstBackward(reference.Sequential):
    """grads keeps the arrays of the first backward.

    The specification asks for the latest gradients (SEQUENTIAL-21). Look at when the dict is made.
    """

    first: Any = None

    @property
    def grads(self) -> Arrays:
        now = super().grads
        if now and self.first is None:
            self.first = now
        return self.first or now


@mistake("Sequential", loses="21")
class NoGradients(reference.Sequential):
    """grads stays empty.

    The specification asks for the layers' gradients under the keys of params (SEQUENTIAL-21). Look
    at where grads is filled.
    """

    @property
    def grads(self) -> Arrays:
        return {}


@mistake("Sequential", loses="40")
class LayersKeptElsewhere(reference.Sequential):
    """layers holds only the layers with parameters.

    The specification asks that it holds the layers that were given (SEQUENTIAL-40). Look at what
    the constructor keeps under that name.
    """

    def __init__(self, layers: Any) -> None:
        self.all: Any = []
        super().__init__(layers)
        self.all = list(self.layers)
        self.layers = [layer for layer in self.all if layer.params]

    def forward(self, x: Array) -> Array:
        return reference.Sequential(self.all).forward(x)

    def backward(self, dout: Array) -> Array:
        return reference.Sequential(self.all).backward(dout)

    @property
    def params(self) -> Arrays:
        return reference.Sequential(self.all).params

    @property
    def grads(self) -> Arrays:
        return reference.Sequential(self.all).grads

    @property
    def training(self) -> bool:
        return super().training

    @training.setter
    def training(self, value: bool) -> None:
        self._training = value
        for layer in self.all or self.layers:
            layer.training = value


@mistake("Sequential", loses="41")
class TrainingStaysHere(reference.Sequential):
    """training is not handed on to the layers.

    The specification asks that setting it sets every layer's (SEQUENTIAL-41). Look at what setting
    it does.
    """

    @property
    def training(self) -> bool:
        return self._training

    @training.setter
    def training(self, value: bool) -> None:
        self._training = value


@mistake("Sequential", loses="41")
class TrainingOnlyEverFalse(TrainingStaysHere):
    """training is handed on to the layers when it becomes False, and not when it becomes True.

    The specification asks for both ways (SEQUENTIAL-41). Look at what setting it to True does.
    """

    @property
    def training(self) -> bool:
        return self._training

    @training.setter
    def training(self, value: bool) -> None:
        self._training = value
        for layer in self.layers if not value else ():
            layer.training = value


@mistake("Sequential", loses="21 42 45")
class LearnsInBackward(reference.Sequential):
    """backward changes the parameters by a step against their gradients.

    The specification asks that backward leaves them alone (SEQUENTIAL-42): the step is the
    optimizer's. Look for an assignment to a parameter in backward.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        for key, grad in self.grads.items():
            self.params[key][...] -= 0.01 * grad
        return dx


@mistake("Sequential", loses="42")
class WritesIntoItsInput(reference.Sequential):
    """forward writes into x.

    The specification asks that x stays as it was (SEQUENTIAL-42). Look for an operator such as -=
    on the argument.
    """

    def forward(self, x: Array) -> Array:
        y = super().forward(x.copy())
        x *= 2
        return y


@mistake("Sequential", loses="45")
class LatestOutputKept(reference.Sequential):
    """forward returns what it has computed before.

    The specification asks that it may be called again with another batch (SEQUENTIAL-45). Look at
    what forward keeps, and when it is used.
    """

    kept: Any = None

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.kept = y if self.kept is None else self.kept
        return self.kept


@mistake("Sequential", loses="47")
class LayersOnTheClass(reference.Sequential):
    """The layers are kept on the class: the latest network's hold for all.

    The specification asks that two instances share nothing (SEQUENTIAL-47). Look at where the
    constructor keeps the layers.
    """

    shared: Any = ()

    def __init__(self, layers: Any) -> None:
        super().__init__(layers)
        type(self).shared = self.layers

    def forward(self, x: Array) -> Array:
        return reference.Sequential(type(self).shared).forward(x)

    def backward(self, dout: Array) -> Array:
        return reference.Sequential(type(self).shared).backward(dout)
