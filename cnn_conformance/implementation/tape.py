"""A tape: what was asked of an implementation, what it replied, and what was made of the replies.

    implementation.tape = Tape()
    check(implementation, case)
    for entry in implementation.tape.entries: ...

The arrays in the replies are *traced*: they remember which reply they come from, and what was
computed from them. So a failure that holds two such arrays can be written down as expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.transport import Transport


@dataclass(frozen=True, eq=False)
class Came:
    """A part of a reply.

    Parameters
    ----------
    entry : int
        The number of the entry on the tape.
    path : tuple
        The keys and indices that lead to the part.
    """

    entry: int
    path: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Computed:
    """An expression: a template with `{}` for its parts.

    Parameters
    ----------
    template : str
        Python, for example `({} + {})`.
    parts : tuple
        Each a `Came`, a `Computed` or a constant.
    """

    template: str
    parts: tuple[Any, ...]


class Traced(np.ndarray):
    """An array that knows where it comes from."""

    origin: Came | Computed | None

    def __array_finalize__(self, other: object) -> None:
        self.origin = None

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Any:  # the signature is numpy's
        if (into := options.pop("out", None)) is not None:
            options["out"] = bare(into[0]).copy()
        given = dict(options)
        if into is not None:
            given["out"] = options["out"].copy()
        result = getattr(ufunc, method)(*bare(list(inputs)), **bare(given))
        return _traced(result, *_operation(ufunc, method, list(inputs), options))

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        result = func(*bare(args), **bare(kwargs))
        return _traced(result, *_call(f"np.{func.__name__}", list(args), kwargs))

    def __getitem__(self, key: Any) -> Any:
        if key == () if isinstance(key, tuple) else False:
            return self
        indices = key if isinstance(key, tuple) else (key,)
        texts, parts = [], []
        for index in indices:
            text, more = _argument(index)
            texts.append(text)
            parts += more
        result = self.view(np.ndarray)[bare(key)]
        return _traced(result, f"{{}}[{', '.join(texts)}]", [self, *parts])

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __round__(self, digits: int = 0) -> float:
        return round(float(self), digits)

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """Return a copy of another dtype."""
        name = np.dtype(dtype).name
        return _traced(bare(self).astype(dtype), f'{{}}.astype("{name}")', [self])

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """Return the same values in another shape."""
        shape = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        return _traced(bare(self).reshape(*shape), f"{{}}.reshape({shape})", [self])

    def copy(self, *args: Any, **options: Any) -> Any:
        """Return a copy."""
        return _traced(bare(self).copy(), "{}", [self])

    @property
    def T(self) -> Any:  # noqa: N802
        """The transpose."""
        return _traced(bare(self).T, "{}.T", [self])


def bare(value: Any) -> Any:
    """Return a value without traces, also within lists, tuples and dicts."""
    if isinstance(value, Traced):
        return value.view(np.ndarray)
    if type(value) in (list, tuple):
        return type(value)(bare(item) for item in value)
    if type(value) is dict:
        return {key: bare(item) for key, item in value.items()}
    return value


def came(value: Any, origin: Came) -> Any:
    """Return a reply whose arrays and numbers are traced."""
    if isinstance(value, (np.ndarray, float, int, np.number)) and not isinstance(value, bool):
        traced = np.asarray(value).view(Traced)
        traced.origin = origin
        return traced
    if type(value) in (list, tuple):
        items = (came(item, _part(origin, place)) for place, item in enumerate(value))
        return type(value)(items)
    if type(value) is dict:
        return {key: came(item, _part(origin, key)) for key, item in value.items()}
    return value


def _part(origin: Came, key: Any) -> Came:
    return Came(origin.entry, (*origin.path, key))


def _traced(result: Any, template: str, parts: list[Any]) -> Any:
    if not isinstance(result, (np.ndarray, np.generic)):
        return result
    traced = np.asarray(result).view(Traced)
    traced.origin = Computed(template, tuple(_origin(part) for part in parts))
    return traced


def _origin(part: Any) -> Any:
    """Return where an operand comes from, or the operand itself, if it is a constant."""
    return part.origin if isinstance(part, Traced) and part.origin is not None else bare(part)


OPERATORS = {
    "add": "({} + {})",
    "subtract": "({} - {})",
    "multiply": "({} * {})",
    "divide": "({} / {})",
    "matmul": "({} @ {})",
    "power": "({} ** {})",
    "negative": "(-{})",
    "not_equal": "({} != {})",
    "equal": "({} == {})",
    "greater": "({} > {})",
    "less": "({} < {})",
    "bitwise_or": "({} | {})",
    "bitwise_and": "({} & {})",
    "invert": "(~{})",
    "logical_not": "(~{})",
}
REDUCTIONS = {"add": "sum", "maximum": "max", "minimum": "min", "logical_and": "all"}


def _operation(
    ufunc: np.ufunc, method: str, inputs: list[Any], options: dict[str, Any]
) -> tuple[str, list[Any]]:
    name = ufunc.__name__
    if method == "reduce" and name in REDUCTIONS:
        axis = options.get("axis", 0)
        words = [] if axis is None else [f"axis={axis}"]
        words += ["keepdims=True"] if options.get("keepdims") else []
        return f"{{}}.{REDUCTIONS[name]}({', '.join(words)})", inputs[:1]
    if method == "__call__" and name in OPERATORS and not options:
        return OPERATORS[name], inputs
    return _call(f"np.{name}" + (f".{method}" if method != "__call__" else ""), inputs, options)


def _call(name: str, args: list[Any], options: dict[str, Any]) -> tuple[str, list[Any]]:
    texts, parts = [], []
    for arg in args:
        text, more = _argument(arg)
        texts.append(text)
        parts += more
    for key, value in options.items():
        text, more = _argument(value)
        texts.append(f"{key}={text}")
        parts += more
    return f"{name}({', '.join(texts)})", parts


def _argument(value: Any) -> tuple[str, list[Any]]:
    """Return the text of an argument, with `{}` for arrays, and these."""
    if isinstance(value, np.ndarray):
        return "{}", [value]
    if isinstance(value, slice):
        ends = ["" if end is None else str(end) for end in (value.start, value.stop)]
        return ":".join(ends) + (f":{value.step}" if value.step is not None else ""), []
    if value is Ellipsis:
        return "...", []
    if type(value) in (list, tuple):
        texts, parts = [], []
        for item in value:
            text, more = _argument(item)
            texts.append(text)
            parts += more
        inner = ", ".join(texts) + ("," if type(value) is tuple and len(texts) == 1 else "")
        return (f"[{inner}]" if type(value) is list else f"({inner})"), parts
    if isinstance(value, np.generic):
        value = value.item()
    return repr(value).replace("{", "{{").replace("}", "}}"), []


@dataclass(eq=False)
class Entry:
    """One request, and what came of it.

    Parameters
    ----------
    request : dict
        What was asked, as `host` is told, with traces.
    begins : bool
        Whether a new case begins with it.
    value : object
        The reply, with traces; None where the request was sent together with a later one.
    raised : bool
        Whether it raised, crashed or hung.
    """

    request: dict[str, Any]
    begins: bool = False
    value: Any = None
    raised: bool = False

    @property
    def do(self) -> str:
        """What was asked for."""
        return str(self.request["do"])

    @property
    def number(self) -> int | None:
        """Under which number the result is kept."""
        number: int | None = self.request.get("number")
        return number


Spoil = Callable[[int, int, dict[str, Any]], dict[str, Any]]


class Tape:
    """Everything that is asked while an implementation has this tape.

    Parameters
    ----------
    spoil : callable, optional
        Changes a reply before the check sees it, given its number among all replies and among those
        since the last case began.
    """

    def __init__(self, spoil: Spoil | None = None) -> None:
        self.entries: list[Entry] = []
        self.replies = 0
        self._since_begin = 0
        self._spoil = spoil

    def ask(self, transport: Transport, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        """Pass a request on; write it down with those that are sent before it, and the reply."""
        together = [*request.get("first", ()), request]
        if request.get("begin"):
            self._since_begin = 0
        last = len(self.entries) + len(together) - 1
        for place, each in enumerate(together):
            kept = {key: value for key, value in each.items() if key not in ("first", "begin")}
            self.entries.append(Entry(kept, place == 0 and bool(request.get("begin"))))
        self.entries[last].raised = True  # until there is a reply
        reply = transport.ask(bare(request), timeout)
        if self._spoil is not None:
            reply = self._spoil(self.replies, self._since_begin, reply)
        self.replies += 1
        self._since_begin += 1
        if "raised" in reply:
            if isinstance(where := reply.get("place"), int) and 0 <= where < len(together):
                self.entries[last].raised = False
                self.entries[last - len(together) + 1 + where].raised = True
            return reply
        self.entries[last].raised = False
        self.entries[last].value = came(reply["value"], Came(last))
        return {**reply, "value": self.entries[last].value}


SPOILS: dict[str, Callable[[Array], Array]] = {
    "other numbers": lambda array: array + np.ones((), array.dtype),
    "slightly other numbers": lambda array: array * (1 + 1e-8),
    "zeros": np.zeros_like,
}


def spoiled(reply: dict[str, Any], way: str) -> dict[str, Any]:
    """Return a reply that is wrong: other numbers, another truth, or none where it raised."""
    return {"value": _other(reply["value"], SPOILS[way]) if "value" in reply else None}


def _other(value: Any, change: Callable[[Array], Array]) -> Any:
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return change(value)
    if isinstance(value, (float, int, np.number)):
        return change(np.asarray(value))[()]
    if type(value) in (list, tuple):
        return type(value)(_other(item, change) for item in value)
    if type(value) is dict:
        return {key: _other(item, change) for key, item in value.items()}
    return value
