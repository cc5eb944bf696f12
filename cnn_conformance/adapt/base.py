"""Units over other code: what all have in common. `runtime` has the units themselves."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from cnn_conformance.adapt.code import AdapterError
from cnn_conformance.adapt.layout import Layout
from cnn_conformance.adapt.places import NotThere, find, read, there, write
from cnn_conformance.arrays import Array
from cnn_conformance.implementation import former_numpy

CHANGE = "change"
"""The gradient of a parameter that `run_back` has changed, at a learning rate of 1."""


class NothingYet:
    """What forward has returned before it was called: code of functions gets None as its cache."""

    def __getitem__(self, key: Any) -> None:
        """Return None, whatever part is asked for."""


NOTHING_YET = NothingYet()


@dataclass(frozen=True)
class Parameter:
    """A parameter in the other code.

    Parameters
    ----------
    layout : str
        The order of its axes there.
    at : str
        Where it is kept, "layer.W"; nothing where it is handed over in each call.
    gradient : str
        Where its gradient is after `run_back`: "layer.dW", "returned[1]" or "change".
    """

    layout: str
    at: str = ""
    gradient: str = ""


class Unit:
    """A layer of the specification over other code. Subclasses say how the code is called."""

    x: ClassVar[str] = ""
    y: ClassVar[str] = ""
    axes: ClassVar[tuple[str, str]] = ("", "")
    """The axes of x and y in the specification."""
    output: ClassVar[str] = "returned"
    """Where the output is after `run`."""
    dx: ClassVar[str] = "returned"
    """Where the gradient for x is after `run_back`."""
    parameters: ClassVar[dict[str, Parameter]] = {}
    takes: ClassVar[dict[str, str]] = {}
    """For each argument what the code takes: "number", "pair", "name" or "flag"."""
    made_for_shape: ClassVar[bool] = False
    """Whether the code has to know the shape of x when it is made."""
    made_for_call: ClassVar[bool] = False
    """Whether the code's object is made with its parameters, anew for each call."""
    averages: ClassVar[bool] = False
    """Whether all gradients of parameters are divided by the number of samples."""
    one_channel: ClassVar[bool] = False
    """Whether x can have one channel only."""
    only_kernel: ClassVar[int] = 0
    """The one size that kernels can have, 0 for any."""
    square_only: ClassVar[bool] = False
    """Whether images have to be square."""
    adds_up: ClassVar[bool] = False
    """Whether gradients are added to those that are there, so that a batch is their sum."""

    def __init__(self, **given: Any) -> None:
        self.given, self.training = given, True
        self.grads: dict[str, Array] = {}
        self.params: dict[str, Array] = {}
        self.at = SimpleNamespace(x=None, y=None, returned=NOTHING_YET, shape=None)
        self.layer: Any = None
        self._made_for: tuple[int, ...] | None = None
        self._batch: Array | None = None
        self._begin()

    def make(self) -> Any:
        """Return an object of the code, None where it has functions only."""
        return None

    def run(self, x: Array) -> Any:
        """Call the code's forward."""
        raise AdapterError(f"{type(self).__name__} has no forward")

    def run_back(self, dout: Array) -> Any:
        """Call the code's backward."""
        raise NotImplementedError("unsupported: backward")

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters in the specification."""
        return {}

    def sample_shape(self) -> tuple[int, ...]:
        """Return a shape of x with which the code can be made where it has to know one."""
        return ()

    def __getattr__(self, name: str) -> Any:
        if name != "given" and name in self.__dict__.get("given", ()):
            return self._as_taken(name, self.given[name])
        raise AttributeError(name)

    @property
    def channels(self) -> int:
        """The channels of x."""
        place = Layout(self.x, self.axes[0]).groups.index("C") if "C" in self.x else None
        return 1 if place is None else int(self.at.shape[place])

    def _as_taken(self, name: str, value: Any) -> Any:
        """Return an argument in the form that the code takes."""
        how = self.takes.get(name, "")
        if how == "pair" and not isinstance(value, (tuple, list)):
            return (value, value)
        if how == "number" and isinstance(value, (tuple, list)):
            return value[0]
        if how == "flag":
            return bool(np.any(value))
        if how == "name":
            return value if isinstance(value, str) else "same" if np.any(value) else "valid"
        return value

    def refuse(self) -> None:
        """Refuse what the code has no argument for.

        Raises
        ------
        NotImplementedError
            With the words of the specification.
        """
        for name, how in self.takes.items():
            value = self.given.get(name)
            if isinstance(value, str) and how != "name":
                raise NotImplementedError(f"unsupported: {name} by name")
            if how == "number" and isinstance(value, (tuple, list)) and len(set(value)) > 1:
                raise NotImplementedError(f"unsupported: {name} as a pair")
        bias = self.parameters.get("bias")
        is_tied = bias is not None and not set(bias.layout) & set("HW")
        if self.given.get("bias") and self.parameters and not is_tied:
            raise NotImplementedError("unsupported: bias")

    def _begin(self) -> None:
        """Make the code's object, and take the parameters that it starts with."""
        self.refuse()
        if not self.made_for_shape and not self.made_for_call:
            self.layer = self.make()
        if not self.shapes():
            return
        if any(parameter.at for parameter in self.parameters.values()):
            try:
                found = {name: self._ours(name) for name in self.shapes()}
            except NotThere:
                found = self._after_a_call()
            self.params = found
        else:
            drawn = {
                name: np.random.standard_normal(shape) if len(shape) > 1 else np.zeros(shape)
                for name, shape in self.shapes().items()
            }
            self.params = drawn
        if self.made_for_shape:
            self.layer, self._made_for = None, None

    def _after_a_call(self) -> dict[str, Array]:
        """Return the parameters that the code makes when it sees the first x."""
        x = np.zeros(self.sample_shape())
        layout = Layout(self.x, self.axes[0])
        if layout.is_by_sample:
            layout, x = layout.without_samples(), x[0]
        theirs = layout.to_theirs(x)
        self._prepare(theirs)
        try:
            return {name: self._ours(name) for name in self.shapes()}
        except NotThere:
            self.run(theirs)
            return {name: self._ours(name) for name in self.shapes()}

    def _ours(self, name: str) -> Array:
        parameter = self.parameters[name]
        value = np.array(there(self.layer, parameter.at))
        layout = Layout(parameter.layout, self.letters(name))
        return np.array(layout.to_ours(value, self._lengths(name)))

    def letters(self, name: str) -> str:
        """Return the axes of a parameter in the specification."""
        return {"weight": "KCUV", "bias": "K"}[name]

    def _lengths(self, name: str) -> dict[str, int]:
        return dict(zip(self.letters(name), self.shapes()[name], strict=True))

    def _prepare(self, theirs: Array) -> None:
        """Have an object for this x."""
        self.at.x, self.at.shape = theirs, np.shape(theirs)
        if self.made_for_shape and self._made_for != self.at.shape:
            self.layer = self.make()
            self._made_for = self.at.shape

    def _put(self) -> None:
        """Hand over the parameters."""
        for name, parameter in self.parameters.items():
            values = self.params.get(name)
            if values is None:  # a bias that the specification has been told to leave out
                shape = self.all_shapes()[name]
                values = np.zeros(shape, self.params["weight"].dtype)
            sizes = self._places(parameter)
            layout = Layout(parameter.layout, self.letters(name))
            theirs = layout.to_theirs(values, sizes).view(former_numpy.Scalars)
            if parameter.gradient == CHANGE:
                theirs = theirs.copy()
            setattr(self.at, name, theirs)
            if parameter.at:
                there(self.layer, parameter.at)
                write(self.layer, parameter.at, theirs)

    def all_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters as if none were left out."""
        return self.shapes()

    def _places(self, parameter: Parameter) -> dict[str, int]:
        """Return the lengths of axes that a parameter has in addition: those of the output."""
        if not parameter.at or not self.layer:
            return {}
        if set(parameter.layout) <= set("KCUVOI1()"):
            return {}
        now = np.shape(read(self.layer, parameter.at))
        return dict(zip(Layout(parameter.layout, "").groups, now, strict=True))

    def forward(self, x: Array) -> Any:
        """Return the output."""
        if self.square_only and np.ndim(x) == 4 and x.shape[2] != x.shape[3]:
            raise NotImplementedError("unsupported: images that are not square")
        layout = Layout(self.x, self.axes[0])
        if self.is_batch(x, layout):
            self._batch = np.array(x)
            outputs = [self._forward_one(one, layout.without_samples()) for one in x]
            return _stacked(outputs)
        self._batch = None
        return self._forward_one(x, layout)

    def is_batch(self, x: Array, layout: Layout) -> bool:
        """Tell whether x is to be taken apart, for code that gets one sample at a time."""
        return layout.is_by_sample and np.ndim(x) == len(layout.ours)

    def _forward_one(self, x: Array, layout: Layout) -> Any:
        theirs = layout.to_theirs(x) if self.x else x
        self._prepare(theirs)
        self._put_now()
        self.at.returned = self.run(theirs)
        y = find(self.layer, self.at.returned, self.output)
        self.at.y = y
        ours = self.axes[1] if layout.ours == self.axes[0] else self.axes[1].replace("N", "")
        return Layout(self.y, ours).to_ours(y, self.lengths(x)) if self.y else y

    def _put_now(self) -> None:
        if self.made_for_call:
            self.layer = None
            self._put()
            self.layer = self.make()
        elif self.params:
            try:
                self._put()
            except NotThere:  # made at the first call
                self.run(self.at.x)
                self._put()

    def lengths(self, x: Array) -> dict[str, int]:
        """Return the lengths of axes that the code joins into one."""
        return {}

    def backward(self, dout: Array) -> Any:
        """Return the gradient for x."""
        if type(self).run_back is Unit.run_back:
            return self.run_back(dout)
        layout = Layout(self.y, self.axes[1])
        if self._batch is None:
            if self.layer is not None and not self.made_for_call and self.at.x is not None:
                self._put()
            dx, self.grads = self._backward_one(dout, layout)
            if self.averages and self._samples() is not None:
                self.grads = {name: g * self._samples() for name, g in self.grads.items()}
            return dx
        found: list[Any] = []
        sums: dict[str, Array] = {}
        of_x = Layout(self.x, self.axes[0]).without_samples()
        for one, d in zip(self._batch, dout, strict=True):
            self._forward_one(one, of_x)
            dx, grads = self._backward_one(d, layout.without_samples())
            found.append(dx)
            sums = {
                name: sums[name] + g if name in sums and not self.adds_up else g
                for name, g in grads.items()
            }
        self.grads = sums
        return _stacked(found)

    def _samples(self) -> int | None:
        place = self.x.find("N")
        return None if place < 0 or self.at.shape is None else int(self.at.shape[place])

    def _backward_one(self, dout: Array, layout: Layout) -> tuple[Any, dict[str, Array]]:
        before = {
            name: np.array(read(self.layer, p.at))
            for name, p in self.parameters.items()
            if p.gradient == CHANGE and self.layer is not None
        }
        returned = self.run_back(layout.to_theirs(dout) if self.y else dout)
        ours = self.axes[0] if layout.ours == self.axes[1] else self.axes[0].replace("N", "")
        dx: Any = find(self.layer, returned, self.dx) if self.dx else None
        if self.x:
            dx = Layout(self.x, ours).to_ours(dx, {})
        return dx, self._gradients(returned, before)

    def _gradients(self, returned: Any, before: dict[str, Array]) -> dict[str, Array]:
        """Return the gradients of the parameters, from where the code has left them."""
        grads = {}
        for name, parameter in self.parameters.items():
            if name not in self.params or not parameter.gradient:
                continue
            if parameter.gradient == CHANGE:
                theirs = before[name] - read(self.layer, parameter.at)
            else:
                theirs = np.asarray(find(self.layer, returned, parameter.gradient))
            shape = np.shape(self.params[name])
            if not parameter.at and len(shape) == 1 and np.size(theirs) == shape[0]:
                grads[name] = theirs.reshape(shape)  # the shape of such a bias is our own choice
                continue
            of = Layout(parameter.layout, self.letters(name))
            grads[name] = of.to_ours(theirs, self._lengths(name))
        return grads


def _stacked(outputs: list[Any]) -> Any:
    """Return the outputs of single samples as one array; as they are, where they are none."""
    if any(isinstance(one, tuple) for one in outputs):  # where they are is still to be found
        return outputs
    if not outputs or not all(isinstance(one, (np.ndarray, np.generic)) for one in outputs):
        return np.asarray(outputs) if outputs else np.zeros(0)
    return np.stack([np.asarray(one) for one in outputs])
