"""Training loops over other code.

    class fit(runtime.Fit):
        takes = {"epochs": "any", "batch_size": "any"}
        calls = {"forward": "forward_pass", "backward": "backward_pass"}
        losses = "returned"

        def make(self):
            return net.Network(self.at.layers, loss=self.at.loss, optimizer=self.at.optimizer)

        def run(self, x, y):
            return self.layer.fit(x, y, n_epochs=self.epochs, batch_size=self.batch_size)

The model, the loss and the optimizer are not the code's: `self.at` has them with the names by which
the code calls them, the whole model as its only layer. What is judged is the loop.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from cnn_conformance.adapt.code import AdapterError
from cnn_conformance.adapt.places import find
from cnn_conformance.adapt.stack import Theirs
from cnn_conformance.arrays import Array

STEPS = re.compile(r"update|step|optimi|apply|actuali|schritt|descen|^maj")
SLOPES = re.compile(r"back|grad|deri?v|prim[ae]|ableit|delta")
NOTHING = re.compile(r"zero|clear|reset|add|init|regist|setup|compile")
RATES = re.compile(r"^(lr|rate|eta|alpha|learning_rate)$|_rate$")


class Whole(Theirs):
    """A whole model as the one layer of the code's.

    Parameters
    ----------
    model : object
        The specification's.
    calls : dict
        As for `Theirs`.
    step : callable, optional
        What a layer does that updates itself in its backward.
    update : callable
        What it does when it is told to update itself.
    """

    def __init__(self, model: Any, calls: dict[str, str], step: Any, update: Any) -> None:
        super().__init__(model, calls)
        self.__dict__.update(_step=step, _update=update, _output=None)

    def _forward(self, x: Array, *given: Any, **named: Any) -> Any:
        before = self._layer.training  # a mode that is told in a call is that of the call
        self.__dict__["_output"] = super()._forward(x, *given, **named)
        if any(isinstance(value, bool) for value in (*given, *named.values())):
            self._layer.training = before
        return self._output

    def _backward(self, dout: Array, *given: Any, **named: Any) -> Any:
        dx = super()._backward(dout)
        if self._step is not None:
            self._step()
        return dx

    def __getattr__(self, name: str) -> Any:
        if STEPS.search(name) and name not in self._names:
            return lambda *given, **named: self._update()
        return super().__getattr__(name)


class TheirLoss:
    """A loss of the specification, by whatever names the code calls it.

    Parameters
    ----------
    loss : object
        The specification's.
    model : Whole
        Whose output is the prediction, in whatever order the code gives both.
    returns_both : bool
        Whether a call returns the gradient with the loss.
    labels : dtype, optional
        What rows become again before the loss gets them.
    """

    def __init__(self, loss: Any, model: Whole, returns_both: bool, labels: Any) -> None:
        self._loss, self._model, self._both, self._labels = loss, model, returns_both, labels
        self._known: tuple[Any, Any] = (None, None)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Return the loss, with its gradient if the code expects both."""
        value = self._value(*given, *named.values())
        return (value, self._loss.backward()) if self._both else value

    def slope(self, *given: Any, **named: Any) -> Any:
        """Return the gradient for the prediction."""
        if given or named:
            self._value(*given, *named.values())
        return self._loss.backward()

    def _value(self, *given: Any) -> Any:
        output = self._model._output
        arrays = [each for each in given if isinstance(each, np.ndarray)]
        own = [each for each in arrays if each is output or np.array_equal(each, output)]
        others = [each for each in arrays if not any(each is one for one in own[:1])]
        if not own or not others:
            raise AdapterError("the loop gives the loss no output of the model, or no target")
        if self._known[0] is not output:
            target = others[0]
            rows = self._labels is not None
            target = target.argmax(axis=1).astype(self._labels) if rows else target
            self._known = output, self._loss.forward(own[0], target)
        return self._known[1]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.slope if SLOPES.search(name.lower()) else self


class TheirOptimizer:
    """An optimizer of the specification, by whatever name the code calls its step."""

    def __init__(self, step: Any) -> None:
        self._step = step

    def __call__(self, *given: Any, **named: Any) -> None:
        """Take a step."""
        self._step()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if RATES.search(name):
            return 0.1
        return (lambda *given, **named: None) if NOTHING.search(name) else self


class Loop:
    """A loop of the specification over other code. Subclasses say how it is called."""

    calls: ClassVar[dict[str, str]] = {"forward": "forward", "backward": "backward"}
    """The names by which the code calls its layers."""
    takes: ClassVar[dict[str, str]] = {}
    """The arguments of the specification that the code has."""
    in_backward: ClassVar[bool] = False
    """Whether layers update themselves in their backward."""
    returns_both: ClassVar[bool] = False
    """Whether the loss is to return its gradient, too."""
    _labels: Any = None

    def make(self) -> Any:
        """Return the code's object."""
        return None

    def _begin(self, model: Any, loss: Any, optimizer: Any, given: dict[str, Any]) -> None:
        self.__dict__.update(given)
        step = (lambda: optimizer.step(model.params, model.grads)) if optimizer else None
        whole = Whole(model, self.calls, step if self.in_backward else None, step)
        self.at = SimpleNamespace(
            layers=[whole],
            loss=TheirLoss(loss, whole, self.returns_both, self._labels),
            optimizer=TheirOptimizer(step),
        )
        self.layer = self.make()


class Fit(Loop):
    """A training loop over other code: `run(x, y)` trains."""

    losses: ClassVar[str] = ""
    """Where the losses of the epochs are after `run`: "returned", "layer.history['loss']"."""
    accuracies: ClassVar[str] = ""
    """Where their accuracies are."""
    rows: ClassVar[bool] = False
    """Whether labels are one-hot rows there."""
    mixes: ClassVar[bool] = False
    """Whether the code shuffles, though nothing tells it to."""

    def run(self, x: Array, y: Array) -> Any:
        """Call the code's loop."""
        raise AdapterError("fit has no loop")

    def __call__(
        self,
        model: Any,
        loss: Any,
        optimizer: Any,
        x: Array,
        y: Array,
        *,
        epochs: int = 1,
        batch_size: int = 32,
        shuffle: bool = True,
        rng: Any = None,
    ) -> dict[str, Any]:
        """Train, and return what there is of losses and accuracies."""
        if (epochs != 1 and "epochs" not in self.takes) or "batch_size" not in self.takes:
            raise NotImplementedError("unsupported: the number of epochs, or of samples in a batch")
        if getattr(loss, "reduction", "mean") != "mean":  # the code's losses have no other
            raise NotImplementedError('unsupported: the reduction "sum"')
        if rng is not None and "rng" not in self.takes:
            raise NotImplementedError("unsupported: rng")
        if shuffle and "shuffle" not in self.takes and not self.mixes:
            raise NotImplementedError("unsupported: shuffle")
        is_label = self.rows and np.ndim(y) == 1 and y.dtype.kind in "iu"
        self._labels = y.dtype if is_label else None
        given = {"epochs": epochs, "batch_size": batch_size, "shuffle": shuffle, "rng": rng}
        self._begin(model, loss, optimizer, given)
        rows = np.eye(int(y.max()) + 1)[y] if is_label and len(y) else y
        has_order = not shuffle and "shuffle" not in self.takes
        with in_order() if has_order else contextlib.nullcontext():
            returned = self.run(x, rows)
        found = {"loss": self.losses, "accuracy": self.accuracies}
        return {
            key: [float(value) for value in find(self.layer, returned, place)]
            for key, place in found.items()
            if place
        }


class Predict(Loop):
    """A loop that predicts over other code: `run(x)` returns the outputs."""

    def run(self, x: Array) -> Any:
        """Call the code's loop."""
        raise AdapterError("predict has no loop")

    def __call__(self, model: Any, x: Array, *, batch_size: int = 256) -> Any:
        """Return the outputs for all samples."""
        self._begin(model, None, None, {"batch_size": batch_size})
        return self.run(x)


class _Still:
    """A generator that leaves everything where it is."""

    def __init__(self, *seed: Any) -> None:
        self._generator = np.random.RandomState(0)

    def permutation(self, x: Any, **named: Any) -> Array:
        """Return what is given, or the numbers up to it."""
        return np.arange(x) if np.ndim(x) == 0 else np.array(x)

    def shuffle(self, x: Any, **named: Any) -> None:
        """Leave x as it is."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)


@contextlib.contextmanager
def in_order() -> Iterator[None]:
    """Let code that always shuffles keep the order, while it runs."""
    still, names = _Still(), ("permutation", "shuffle", "default_rng", "RandomState")
    held = {name: getattr(np.random, name) for name in names}
    shuffle = random.shuffle
    try:
        for name in names:
            setattr(np.random, name, getattr(still, name) if name in names[:2] else _Still)
        random.shuffle = still.shuffle
        yield
    finally:
        for name, value in held.items():
            setattr(np.random, name, value)
        random.shuffle = shuffle
