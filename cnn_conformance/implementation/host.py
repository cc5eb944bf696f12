"""Runs the implementation: carries out one request after another and returns plain values.

The host knows inputs only. Everything that it makes or is given gets a number, under which later
requests find it again: so a check can ask what an argument or an earlier result looks like now.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import random
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation import blame, imports, styles, wire
from cnn_conformance.implementation.probes import PROBES


class Host:
    """Holds the implementation and the objects of the current case.

    Parameters
    ----------
    units : mapping, optional
        Units that are at hand already: nothing is imported then.
    """

    def __init__(self, units: Mapping[str, object] | None = None) -> None:
        self.units = dict(units or {})
        self._at_hand = units is not None
        self.objects: dict[int, Any] = {}
        self._before: set[str] = set()

    def answer(self, request: dict[str, Any]) -> bytes:
        """Carry out one request; return the frame of the reply."""
        return self.frame(self.handle(request))

    def frame(self, reply: dict[str, object]) -> bytes:
        """Return the frame of a reply, whatever it is made of."""
        try:
            return wire.encode(reply)
        except wire.TooLarge:
            text = f"the result is too large: more than {wire.MAX_FRAME >> 20} MiB"
        except BaseException:  # an object that raises when it is looked at
            text = "the result cannot be read"
        return wire.encode({"raised": ["ValueError"], "text": text, "traceback": ""})

    def handle(self, request: dict[str, Any]) -> dict[str, object]:
        """Carry out one request; whatever the implementation raises becomes the reply."""
        if request.pop("begin", False):
            self._begin()
        for place, earlier in enumerate(request.pop("first", ())):
            if "raised" in (reply := self.handle(earlier)):
                return {**reply, "place": place}
        operation: Callable[..., object] = getattr(self, "do_" + request.pop("do"))
        number = request.pop("number", None)
        try:
            value = operation(**request)
        except BaseException as caught:
            return _raised(caught)
        if number is not None:
            self.objects[number] = value
        return {"value": value}

    def do_load(
        self,
        target: str,
        names: list[str],
        forbidden: list[str] | None = None,
        style: dict[str, str] | None = None,
    ) -> dict[str, object]:
        """Import the implementation; tell which units it has, their style, and what went wrong."""
        if self._at_hand:
            return {"units": sorted(self.units), "problems": [], "notes": []}
        self._before = set(sys.modules)
        if forbidden:
            imports.forbid(forbidden)
        loaded = styles.load(target, names, style)
        self.units = loaded.units
        return {
            "units": sorted(loaded.units),
            "problems": loaded.problems,
            "notes": loaded.notes,
            "style": loaded.style.name if loaded.style else "",
            "looked": [str(entry) for entry in sys.path],
        }

    def do_explore(self, by: str, root: str, candidate: str, likely: list[str]) -> list[str]:
        """Try what code may be, by a part of the kit; return what came of it as JSON, in pieces."""
        explored = importlib.import_module(by).explore(root, json.loads(candidate), likely)
        text = json.dumps(explored)
        return [text[i : i + wire.MAX_TEXT] for i in range(0, len(text), wire.MAX_TEXT)]

    def do_loaded(self) -> list[str]:
        """Tell which modules there are now that were not there before the import."""
        return imports.loaded_since(self._before)

    def _begin(self) -> None:
        """Forget the objects of the last case; seed the global random generators."""
        self.objects.clear()
        random.seed(0)
        np.random.seed(0)

    def do_put(self, array: Array, layout: str) -> Array:
        """Keep an array in some memory layout."""
        return LAYOUTS[layout](array)

    def do_create(self, unit: str, args: list[Any], options: dict[str, Any]) -> object:
        """Make an instance of one of the implementation's classes."""
        made = self._call(self.units[unit], args, options)
        return _Kept(made)

    def do_probe(self, name: str, args: list[Any]) -> object:
        """Make one of the suite's own parts."""
        return _Kept(self._call(PROBES[name], args, {}))

    def do_function(self, unit: str, args: list[Any], options: dict[str, Any]) -> object:
        """Call one of the implementation's functions."""
        return _plain(self._call(self.units[unit], args, options))

    def do_call(self, target: int, method: str, args: list[Any]) -> object:
        """Call a method."""
        return self._call(getattr(self._object(target), method), args, {})

    def do_backward(self, target: int, args: list[Any]) -> object:
        """Call backward; return what it returns, and what grads is afterwards, None without any."""
        layer = self._object(target)
        dx, grads = self._call(layer.backward, args, {}), None
        with contextlib.suppress(Exception):  # of whatever kind: dx is an answer all the same
            grads = _plain(layer.grads)
        return dx, grads

    def do_get(self, target: int, attribute: str) -> object:
        """Read an attribute."""
        return _plain(getattr(self._object(target), attribute))

    def do_merged(self, targets: list[wire.Ref], attribute: str) -> object:
        """Make one dict of several layers' dicts, with keys "{index}.{name}" as in `Sequential`."""
        merged: dict[str, Any] = {}
        for index, target in enumerate(targets):
            arrays = getattr(self._object(target.number), attribute)
            merged |= {f"{index}.{name}": arrays[name] for name in arrays}
        return _Kept(merged)

    def do_holds(self, target: int, attribute: str, items: list[wire.Ref]) -> bool:
        """Tell whether an attribute is a list of these very objects."""
        value = getattr(self._object(target), attribute)
        if not isinstance(value, (list, tuple)) or len(value) != len(items):
            return False
        return all(a is self._object(b.number) for a, b in zip(value, items, strict=True))

    def do_set(self, target: int, attribute: str, value: Any) -> None:
        """Set an attribute."""
        setattr(self._object(target), attribute, value)

    def do_fetch(self, target: int) -> object:
        """Tell what an object looks like now."""
        return self._object(target)

    def do_write(self, target: int, values: dict[str, Array], how: str) -> dict[str, bool]:
        """Set parameters of a layer, in place or by replacing their entries.

        Returns for each whether the dict has the new value afterwards, in its dtype.
        """
        layer = self._object(target)
        return {key: _write(layer, key, value, how) for key, value in values.items()}

    def _object(self, number: int) -> Any:
        kept = self.objects[number]
        return kept.value if isinstance(kept, _Kept) else kept

    def _call(self, function: Any, args: Iterable[Any], options: dict[str, Any]) -> object:
        values = [self._resolve(value) for value in args]
        return function(*values, **{k: self._resolve(v) for k, v in options.items()})

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, wire.Ref):
            return self._object(value.number)
        if isinstance(value, wire.Generator):
            return np.random.default_rng(value.seed)
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        if isinstance(value, dict):
            return {key: self._resolve(item) for key, item in value.items()}
        return value


def _plain(value: Any) -> Any:
    """Return a mapping as a dict, read key by key: values may be made when they are asked for."""
    if type(value) is dict or not isinstance(value, Mapping):
        return value
    return {key: value[key] for key in itertools.islice(value, wire.MAX_ITEMS)}


class _Kept:
    """Wraps an object that is to stay here: only the name of its type crosses the wire."""

    def __init__(self, value: object) -> None:
        self.value = value


def _write(layer: Any, key: str, value: Array, how: str) -> bool:
    current = layer.params[key]
    if how == "auto":
        fits = isinstance(current, np.ndarray) and current.dtype == value.dtype
        how = "in place" if fits and current.flags.writeable else "replace"
    if how == "replace":
        with contextlib.suppress(Exception):
            layer.params[key] = value
        current = layer.params[key]
    if current is not value:  # a dict that does not keep, or refuses, what is put into it
        if np.shape(current) != value.shape:
            raise ValueError(
                f'params["{key}"] has shape {np.shape(current)}, expected {value.shape}'
            )
        current[...] = value
    now = layer.params[key]
    return bool(now.dtype == value.dtype and np.array_equal(now, value))


def _strided(array: Array) -> Array:
    """Return a view of every second element along every axis of a larger array."""
    large = np.full([2 * n for n in array.shape], 7, array.dtype)
    view = large[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view


def _reversed(array: Array) -> Array:
    """Return a view with negative strides along every axis."""
    back = tuple(slice(None, None, -1) for _ in array.shape)
    return array[back].copy()[back]


def _read_only(array: Array) -> Array:
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "C": lambda array: np.array(array, order="C"),
    "fortran": lambda array: np.array(array, order="F"),
    "strided": _strided,
    "reversed": _reversed,
    "read-only": _read_only,
}


def _raised(caught: BaseException) -> dict[str, object]:
    """Return the reply for what was raised.

    A name for it in the frame that has caught it would keep alive whatever its traceback refers to.
    """
    error = styles.own_error(caught) or caught
    return {
        "raised": [kind.__name__ for kind in type(error).__mro__[:-1]][:20],
        "text": blame.text_of(error),
        "traceback": blame.own_traceback(caught)[-wire.MAX_TEXT :],
    }
