"""Optimizers over other code; `runtime` has the other units.

    class SGD(runtime.Optimizer):
        takes = {"lr": "any", "momentum": "any"}
        holds = "dict"

        def make(self):
            return optimizers.Momentum(learning_rate=self.lr, **self.if_given(mu="momentum"))

        def run(self):
            self.layer.update(self.at.params, self.at.grads)

In `make` and `run`, `self.at` has what the code is given: `params` and `grads`, or `layers` with
both in attributes, or, for code that gets one parameter at a time, `weight`, `gradient` and `key`.
"""

from __future__ import annotations

import copy
import re
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from cnn_conformance.adapt.code import AdapterError
from cnn_conformance.adapt.given import as_theirs
from cnn_conformance.adapt.places import find, read, write
from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles._units import SETTINGS

NEW = ("params", "returned", "returned[0]", "returned[1]")
"""Where an optimizer may have new values."""
DICT, LIST, PAIRS, ONE = "dict", "list", "pairs", "one"
ENTRY = re.compile(r"(?P<name>\w+)((?P<call>\(\))|\['(?P<key>\w+)'\]|\.(?P<inner>data))?")


class Holder:
    """A layer, or a parameter, of code that looks for arrays in attributes of one.

    Parameters
    ----------
    places : dict
        Where a parameter is, and where its gradient: "W", "params['W']", "grad.data", or
        "parameters()" for a call that returns a list.
    names : list of str
        The parameters that it holds, one for each place, or all of them in a list from a call.
    also : dict
        Other attributes that it has.
    """

    def __init__(self, places: dict[str, str], names: list[str], also: dict[str, Any]) -> None:
        self.__dict__.update(also)
        self._places, self._names = places, names
        self._lists: dict[str, list[Any]] = {}

    def put(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Take parameters and gradients; a place that is left over gets zeros."""
        for (place, gradient), name in self._pairs():
            value = params[name] if name else np.zeros(1)
            slope = grads[name] if name else np.zeros(1)
            self._write(place, name, value)
            self._write(gradient, name, slope)

    def new(self) -> dict[str, Any]:
        """Return what the parameters are now."""
        return {name: self._read(place, name) for (place, _), name in self._pairs() if name}

    def _pairs(self) -> list[tuple[tuple[str, str], str]]:
        if any(place.endswith("()") for place in self._places):
            (only,) = self._places.items()
            return [(only, name) for name in self._names]
        names = [*self._names, *[""] * (len(self._places) - len(self._names))]
        return [*zip(self._places.items(), names, strict=True)]

    def _write(self, place: str, name: str, value: Any) -> None:
        match = ENTRY.fullmatch(place)
        if match is None:
            raise AdapterError(f"{place} is no place of a layer")
        if match["call"]:
            entries = self._lists.setdefault(place, [])
            number = self._names.index(name)
            entries[number : number + 1] = [value]
            setattr(self, match["name"], lambda: entries)
        elif match["inner"]:
            held = self.__dict__.setdefault(match["name"], SimpleNamespace())
            setattr(held, match["inner"], value)
        elif match["key"]:
            self.__dict__.setdefault(match["name"], {})[match["key"]] = value
        else:
            setattr(self, match["name"], value)

    def _read(self, place: str, name: str) -> Any:
        match = ENTRY.fullmatch(place)
        if match is None:
            raise AdapterError(f"{place} is no place of a layer")
        if match["call"]:
            return self._lists[place][self._names.index(name)]
        held = getattr(self, match["name"])
        if match["inner"]:
            return getattr(held, match["inner"])
        return held[match["key"]] if match["key"] else held


class Held:
    """A layer of the code itself, in which an optimizer looks for arrays.

    Parameters
    ----------
    layer : object
        The code's.
    places : dict
        Where a parameter is, and where its gradient: "layer.W", "layer.grads['W']".
    names : list of str
        The parameters that it holds, one for each place.
    """

    def __init__(self, layer: Any, places: dict[str, str], names: list[str]) -> None:
        self.layer = layer
        self._pairs = [*zip(places.items(), [*names, ""], strict=False)]

    def put(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Take parameters and gradients; a place that is left over gets zeros."""
        for (place, gradient), name in self._pairs:
            write(self.layer, place, params[name] if name else np.zeros(1))
            write(self.layer, gradient, grads[name] if name else np.zeros(1))

    def new(self) -> dict[str, Any]:
        """Return what the parameters are now."""
        return {name: read(self.layer, place) for (place, _), name in self._pairs if name}


class Optimizer:
    """An optimizer of the specification over other code. Subclasses say how the code is called."""

    takes: ClassVar[dict[str, str]] = {}
    """The arguments of the specification that the code has."""
    holds: ClassVar[str | dict[str, str]] = DICT
    """"dict" or "list", "pairs" for a list of each parameter with its gradient, "one" for code that
    gets one parameter at a time, or, for code that looks into layers, where these have each
    parameter, and where its gradient: "W", or "layer.W" in a layer of the code, `make_layer`."""
    also: ClassVar[dict[str, Any]] = {}
    """What else the code asks of a layer."""
    gradient_key: ClassVar[str] = "{}"
    """The key of a gradient by that of its parameter, in a dict."""
    numbered: ClassVar[tuple[str, ...]] = ()
    """The keys of parameters, for code that counts layers: ("W{}", "b{}")."""
    new: ClassVar[str] = "params"
    """Where new values are: "params", in the place of the old ones, or "returned"."""
    made_with_parameters: ClassVar[bool] = False
    """Whether the code's object is made with its parameters, at the first step."""

    def __init__(self, *args: Any, **options: Any) -> None:
        settings = self._settings()
        self.given = dict(zip(settings, args, strict=False)) | options
        for name, value in self.given.items():
            if name not in settings:
                raise TypeError(f"{type(self).__name__} has no argument {name}")
            if name not in self.takes and value != settings[name]:
                raise NotImplementedError(f"unsupported: {name}={value}")
        self.at = SimpleNamespace(
            params=None, grads=None, layers=None, weight=None, gradient=None, key="", keys=[]
        )
        self.layer: Any = None
        self._objects: dict[str, Any] = {}
        self._holders: list[Holder | Held] = []
        self._is_made = not self.made_with_parameters and self.holds != ONE
        if self._is_made:
            self.layer = self.make()
        elif not self.made_with_parameters:
            self.make()  # so that arguments are refused at once

    @classmethod
    def _settings(cls) -> dict[str, Any]:
        return next(SETTINGS[c.__name__] for c in cls.__mro__ if c.__name__ in SETTINGS)

    def make(self) -> Any:
        """Return an object of the code, None where it has functions only."""
        return None

    def make_layer(self) -> Any:
        """Return a layer of the code, of whatever size, for code that asks more of layers."""
        raise AdapterError(f"{type(self).__name__} has no layer")

    def run(self) -> Any:
        """Call the code's step."""
        raise AdapterError(f"{type(self).__name__} has no step")

    def __getattr__(self, name: str) -> Any:
        if name in self._settings():
            return self.given.get(name, self._settings()[name])
        raise AttributeError(name)

    def if_given(self, **theirs: str) -> dict[str, Any]:
        """Return the arguments that were given, in the code's names: "lr", "betas[0]"."""
        return as_theirs(self.given, theirs)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Let the code take a step, and put what comes of it into the arrays in `params`."""
        if not self.at.keys:
            self.at.keys = [*params]
        if self.holds == ONE:
            new = {key: self._step_of_one(key, params[key], grads[key]) for key in self.at.keys}
        else:
            self._hand_over(params, grads)
            if not self._is_made:
                self.layer, self._is_made = self.make(), True
                self._hand_over(params, grads)
            new = self._new(self.run())
        for key, value in new.items():
            params[key][...] = value

    def _step_of_one(self, key: str, weight: Array, gradient: Array) -> Any:
        self.at.key, self.at.weight, self.at.gradient = key, weight, gradient
        if key not in self._objects:
            self._objects[key] = self.make()
        self.layer = self._objects[key]
        returned = self.run()
        return weight if self.new == "params" else find(self.layer, returned, self.new)

    def _hand_over(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Put parameters and gradients where the code has seen them first."""
        at, keys = self.at, self.at.keys
        if isinstance(self.holds, dict):
            if at.layers is None:
                parts = [keys[i : i + self._each] for i in range(0, len(keys), self._each)]
                self._holders = [self._holder(part) for part in parts]
                at.layers = [h.layer if isinstance(h, Held) else h for h in self._holders]
            for holder in self._holders:
                holder.put(params, grads)
        elif self.holds == PAIRS:
            if at.params is None:  # the code may keep the arrays, and not the list
                at.params = [(params[key].copy(), grads[key].copy()) for key in keys]
            for key, (value, gradient) in zip(keys, at.params, strict=True):
                value[...], gradient[...] = params[key], grads[key]
        elif self.holds == LIST:
            at.params = at.params if at.params is not None else []
            at.grads = at.grads if at.grads is not None else []
            at.params[:], at.grads[:] = [params[k] for k in keys], [grads[k] for k in keys]
        else:
            at.params = {} if at.params is None else at.params
            at.grads = {} if at.grads is None else at.grads
            for key, theirs in zip(keys, self._keys(), strict=True):
                at.params[theirs] = params[key]
                at.grads[self.gradient_key.format(theirs)] = grads[key]
            for theirs in self._left_over():
                at.params[theirs] = np.zeros(1)
                at.grads[self.gradient_key.format(theirs)] = np.zeros(1)

    def _holder(self, names: list[str]) -> Holder | Held:
        """Return what holds some parameters."""
        places: dict[str, str] = self.holds  # type: ignore[assignment]
        if all(place.startswith("layer") for place in places):
            return Held(self.make_layer(), places, names)
        return Holder(places, names, copy.deepcopy(self.also))

    @property
    def _each(self) -> int:
        """How many parameters a layer holds."""
        return 2 if any(place.endswith("()") for place in self.holds) else len(self.holds)

    def _keys(self) -> list[str]:
        """Return the code's keys of our parameters."""
        if not self.numbered:
            return list(self.at.keys)
        kinds = len(self.numbered)
        return [self.numbered[i % kinds].format(i // kinds + 1) for i in range(len(self.at.keys))]

    def _left_over(self) -> list[str]:
        """Return keys that the code's last layer has and we have not."""
        kinds = len(self.numbered)
        return [
            self.numbered[i % kinds].format(i // kinds + 1)
            for i in range(len(self.at.keys), -(-len(self.at.keys) // max(1, kinds)) * kinds)
        ]

    def _new(self, returned: Any) -> dict[str, Any]:
        """Return the new values by our keys."""
        at = self.at
        if isinstance(self.holds, dict):
            return {key: value for holder in self._holders for key, value in holder.new().items()}
        if self.holds == PAIRS:
            return {key: pair[0] for key, pair in zip(at.keys, at.params, strict=True)}
        found = at.params if self.new == "params" else find(self.layer, returned, self.new)
        places = range(len(at.keys)) if self.holds == LIST else self._keys()
        return {key: found[place] for key, place in zip(at.keys, places, strict=True)}
