"""What to say of a class or function that cannot be the unit that it is given as.

Only of what no check could use at all: without the method that all of them call, or with one that
takes something else. Whatever can be called as the specification says is for the checks to judge.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from cnn_conformance import units
from cnn_conformance.unit import Unit

METHODS = {
    "layer": ("forward", "backward"),
    "wrapper": ("forward", "backward"),
    "container": ("forward", "backward"),
    "loss": ("forward", "backward"),
    "optimizer": ("step",),
    "schedule": ("step",),
}
"""What a class of a kind has; every check calls the first of them."""
TAKES = {
    "loss": ("pred", "target"),
    "optimizer": ("params", "grads"),
    "schedule": (),
}
"""What that method takes, where it is not the inputs of the unit's row."""
LOOPS = {
    units.FIT: ("model", "loss", "optimizer", "x", "y"),
    units.EVALUATE: ("model", "loss", "x", "y"),
    units.PREDICT: ("model", "x"),
}


def said(name: str, thing: Any) -> str:
    """Return why a thing cannot be a unit, in one line; empty where it may be one."""
    unit = units.of(name)
    if unit.kind not in METHODS:
        return _no_function(unit, thing)
    method = METHODS[unit.kind][0]
    if not inspect.isclass(thing) and hasattr(thing, method):
        own = type(thing).__name__
        return f"expected the class of {name}, got an object: say {own}, not {own}(...)"
    if not hasattr(thing, method) and (why := _makes_none(unit, thing)):
        return f"{_expected(unit)}; {why}"
    found = vars(thing).get(method) if inspect.isclass(thing) else None
    if inspect.isfunction(found) and not any(_takes(found, n + 1) for n in _counts(unit)):
        return f"{_expected(unit)}, got {_shown(found)}"
    return ""


def _inputs(unit: Unit) -> tuple[str, ...]:
    return TAKES.get(unit.kind, unit.inputs)


def _counts(unit: Unit) -> range:
    """Return how many inputs may be given: those that come last need not be there."""
    most = len(_inputs(unit))
    return range(most if unit.kind in TAKES else 1, most + 1)


def _expected(unit: Unit) -> str:
    first, *others = METHODS[unit.kind]
    methods = [f"{first}({', '.join(_inputs(unit))})", *others]
    kind = "layer" if unit.kind == "wrapper" else unit.kind
    article = "an" if kind[0] in "aeiou" else "a"
    return f"{unit.name} is {article} {kind}: expected a class with {' and '.join(methods)}"


def _shown(function: Callable[..., Any]) -> str:
    return f"{function.__qualname__}({', '.join(inspect.signature(function).parameters)})"


def _makes_none(unit: Unit, thing: Any) -> str:
    """Return why calling a thing gives no object of a unit: a function may make one, too."""
    method = METHODS[unit.kind][0]
    own = getattr(thing, "__name__", type(thing).__name__)
    if unit.kind in ("container", "wrapper", "schedule"):  # made of units that are not at hand
        return f"{own} has no {method}" if inspect.isclass(thing) else ""
    try:
        made = thing(*(values[0] for values in unit.arguments.values()))
    except NotImplementedError:
        return ""
    except Exception as error:
        return f"{own}(...) raised {type(error).__name__}: {str(error).partition(chr(10))[0]}"
    return "" if hasattr(made, method) else f"what {own}(...) gives has no {method}"


def _no_function(unit: Unit, thing: Any) -> str:
    if inspect.isclass(thing):
        return f"{unit.name} is a function, got the class {thing.__name__}"
    takes = LOOPS.get(unit.name)
    if takes and inspect.isfunction(thing) and not _takes(thing, len(takes)):
        return f"expected {unit.name}({', '.join(takes)}, ...), got {_shown(thing)}"
    return ""


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Tell whether a function can be called with so many arguments."""
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    return True
