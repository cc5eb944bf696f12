"""What code is given that wants more than arrays: an optimizer, an activation, a neighbour."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array


class Descent:
    """An optimizer for code that wants one: gradient descent at a rate of 1."""

    def update(self, weight: Array, gradient: Array) -> Array:
        """Return the weight after a step."""
        return weight - gradient

    __call__ = get_update = step = update


class Together:
    """A loss and the softmax before it.

    Parameters
    ----------
    **parts
        The code's objects, by name.
    """

    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)


class Identity:
    """An activation for code that wants one: none."""

    def __call__(self, x: Array) -> Array:
        """Return x."""
        return x

    forward = call = activate = function = __call__

    def gradient(self, x: Array) -> Array:
        """Return the derivative at x."""
        return np.ones_like(x)

    backward = derivative = gradient


class Neighbour:
    """A layer before or after one that looks there for its input or its gradient."""


class Receiver:
    """A neighbour that keeps what a layer hands on to it; whatever it counts begins at 0.

    Parameters
    ----------
    method : str
        The method by which it is handed on.
    """

    def __init__(self, method: str) -> None:
        self.got: list[Any] = []
        setattr(self, method, lambda value, *others, **named: self.got.append(value))

    def __getattr__(self, name: str) -> int:
        return 0


def received(layer: Any, name: str, method: str, *given: Any, **named: Any) -> Any:
    """Return what a layer hands on to its neighbours when a method is called; None if nothing.

    Parameters
    ----------
    layer : object
        Of the other code.
    name : str
        The attribute with its neighbours, or the one neighbour: "parents".
    method : str
        The method that is called, and by which it hands on.
    *given, **named
        What the method is given.
    """
    before, there = getattr(layer, name, None), Receiver(method)
    setattr(layer, name, [there] if isinstance(before, (list, tuple)) else there)
    try:
        getattr(layer, method)(*given, **named)
    finally:
        setattr(layer, name, before)
    return there.got[0] if there.got else None


class Pair:
    """An optimizer of two functions: `init(params)` makes a state, and `update` takes a step.

    Parameters
    ----------
    functions : tuple of callable
        Both; the second returns new values and a new state.
    state : str
        What the second calls the state.
    """

    def __init__(self, functions: tuple[Any, Any], state: str) -> None:
        self.init, self.update = functions
        self.name = state
        self.states: list[Any] = []

    def step(self, **given: Array) -> Array:
        """Return the weight, which comes first, after a step."""
        if not self.states:
            self.states.append(self.init(next(iter(given.values()))))
        new, state = self.update(**given, **{self.name: self.states.pop()})
        self.states.append(state)
        return new  # type: ignore[no-any-return]


def linked(layer: Any, name: str, **held: Any) -> Any:
    """Return a layer after its neighbour has been given what the layer looks for there.

    Parameters
    ----------
    layer : object
        Of the other code.
    name : str
        The attribute in which it has its neighbour: "previous".
    **held
        What the neighbour has: `output=x`.
    """
    if getattr(layer, name, None) is None:
        setattr(layer, name, Neighbour())
    for attribute, value in held.items():
        setattr(getattr(layer, name), attribute, value)
    return layer


def cleared(layer: Any, *names: str) -> Any:
    """Return a layer after the attributes of these names have been set to 0, as the code does.

    They may be attributes of what the layer holds, a parameter or a list of units.
    """
    todo, seen = [layer], set[int]()
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, (np.ndarray, type)):
            continue
        seen.add(id(each))
        for name in names:
            value = getattr(each, name, None)
            if isinstance(value, np.ndarray):
                value[...] = 0
            elif isinstance(value, (float, np.floating)):
                setattr(each, name, 0.0)
        inside = each if isinstance(each, (list, tuple)) else getattr(each, "__dict__", {}).values()
        todo += inside
    return layer


def bare(kind: type) -> Any:
    """Return an object whose constructor is not called, for methods that are mere functions."""
    return object.__new__(kind)


def updated(returned: Any, update: Any) -> Any:
    """Return what backward has returned, after a call that has updated the weights."""
    return returned


class Context:
    """What static `forward(ctx, ...)` and `backward(ctx, ...)` keep for each other."""

    def save_for_backward(self, *saved: Any) -> None:
        """Keep what backward needs, under the names that code looks for it by."""
        self.saved = self.saved_tensors = self.saved_values = self.saved_arrays = saved
