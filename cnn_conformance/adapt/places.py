"""Where arrays are in foreign objects: paths such as `layer.W['val']` or `returned[1]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array

STEP = re.compile(
    r"\.(?P<name>[^\W\d]\w*)|\[(?P<key>'[^'\\]*')\]|\[(?P<all>\*)\]|\[(?P<index>-?\d+)\]"
)
MAX_DEPTH, MAX_ITEMS = 3, 40


class NotThere(Exception):
    """There is nothing at a path."""


def steps(path: str) -> list[tuple[str, Any]]:
    """Return the steps of a path: what kind each is, and its name or key."""
    found: list[tuple[str, Any]] = []
    for match in STEP.finditer(path):
        kind = match.lastgroup or ""
        text = match[kind]
        found.append((kind, int(text) if kind == "index" else text.strip("'")))
    return found


def read(root: Any, path: str) -> Any:
    """Return what is at a path; what `[*]` stands for is stacked.

    Raises
    ------
    NotThere
        If there is no such attribute or entry.
    """
    return _read(root, steps(path), path)


def _read(value: Any, way: list[tuple[str, Any]], path: str) -> Any:
    for place, (kind, key) in enumerate(way):
        if kind == "all":
            return np.stack([np.asarray(_read(one, way[place + 1 :], path)) for one in value])
        try:
            value = getattr(value, key) if kind == "name" else value[key]
        except (AttributeError, LookupError, TypeError):
            raise NotThere(f"there is nothing at {path} now") from None
    return value


def there(root: Any, path: str) -> Any:
    """Return what is at a path, if it has been made.

    Raises
    ------
    NotThere
        If it is None, or there is no such place.
    """
    value = read(root, path)
    if value is None:
        raise NotThere(f"what is at {path} is not made yet")
    return value


def find(layer: Any, returned: Any, path: str) -> Any:
    """Return what is at a path that begins with what it is in: `layer` or `returned`."""
    return read(layer if path.startswith("layer") else returned, path)


def write(root: Any, path: str, value: Array) -> None:
    """Put an array at a path, in the place of what is there.

    Raises
    ------
    NotThere
        If the way to it is not there.
    """
    _write(root, steps(path), value, path)


def _write(root: Any, way: list[tuple[str, Any]], value: Array, path: str) -> None:
    for place, (kind, _) in enumerate(way):
        if kind == "all":
            for one, part in zip(_read(root, way[:place], path), value, strict=True):
                _write(one, way[place + 1 :], part, path)
            return
    owner = _read(root, way[:-1], path)
    kind, key = way[-1]
    value = _alike(value, getattr(owner, str(key), None) if kind == "name" else None)
    try:
        if kind == "name":
            setattr(owner, key, value)
        else:
            owner[key] = value
    except (AttributeError, TypeError) as error:
        if not isinstance(owner, tuple):
            raise NotThere(f"{path} cannot be set: {error}") from None


def _alike(value: Array, old: Any) -> Array:
    """Return an array as one of the code's own class with attributes, if it was such a one."""
    if not isinstance(old, np.ndarray) or not getattr(old, "__dict__", None):
        return value
    made = value.view(type(old))
    made.__dict__.update(old.__dict__)
    return made


def arrays(root: Any, name: str) -> Iterator[tuple[str, Array]]:
    """Yield all arrays in an object with their paths, those that are nearest first."""
    todo: list[tuple[str, Any, int]] = [(name, root, 0)]
    seen: set[int] = set()
    while todo:
        path, value, depth = todo.pop(0)
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
            yield path, value
            if type(value) is not np.ndarray and depth <= MAX_DEPTH:  # with attributes of its own
                todo += [(f"{path}.{key}", v, depth + 1) for key, v in _attributes(value).items()]
            continue
        if isinstance(value, (int, float, np.generic)) and not isinstance(value, bool) and depth:
            continue
        if depth > MAX_DEPTH or id(value) in seen:
            continue
        seen.add(id(value))
        todo += [(path + step, inner, depth + 1) for step, inner in _inside(value)]


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key in list(value)[:MAX_ITEMS]:
            if isinstance(key, str) and "'" not in key and "\\" not in key:
                yield f"['{key}']", value[key]
    elif isinstance(value, (list, tuple)):
        first = value[0] if value else None
        if len(value) > 1 and hasattr(first, "__dict__") and not isinstance(first, type):
            same = [type(one) is type(first) for one in value]
            if all(same):
                yield from (
                    (f"[*].{key}", np.stack([np.asarray(getattr(one, key)) for one in value]))
                    for key, inner in vars(first).items()
                    if isinstance(inner, (np.ndarray, float, np.floating))
                    and len({np.asarray(getattr(one, key, None)).shape for one in value}) == 1
                )
                return
        for index, inner in enumerate(value[:MAX_ITEMS]):
            yield f"[{index}]", inner
        is_of_arrays = isinstance(value, list) and all(isinstance(v, np.ndarray) for v in value)
        if is_of_arrays and len(value) > 1 and len({v.shape for v in value}) == 1:
            yield "[*]", np.stack(value)
    elif not isinstance(value, (type, FunctionType, ModuleType)):
        for key, inner in list(_attributes(value).items())[:MAX_ITEMS]:
            yield f".{key}", inner


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object that its class or its code has given it."""
    slots = [name for kind in type(value).__mro__ for name in _slots(kind)]
    held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return held | getattr(value, "__dict__", {})


def _slots(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    is_python = bool(kind.__flags__ & 1 << 9)  # Py_TPFLAGS_HEAPTYPE
    return tuple(name for name in names if is_python and not name.startswith("__"))
