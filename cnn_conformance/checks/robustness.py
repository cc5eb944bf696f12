"""Is bad input refused, with an error that helps? At most 5 % of a unit's points are at stake."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import functions
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.wire import Generator
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import NotPassed, Outcome, Raised, failed

NUMBER = re.compile(r"(?<![A-Za-z]{2})(?<!\d)(?<!\d\.)-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?")


def raises(implementation: Implementation, error: Case) -> None:
    """Check the type of the error: RuntimeError for backward before forward, else ValueError."""
    expected = error.table.get("raises", "ValueError")
    raised = _provoke(implementation, error)
    if expected not in raised.types:
        facts = {"type": raised.types[0], "text": raised.text}
        raise failed("another error", expected=expected, **facts).showing(
            "raises", expected=expected
        )


def names_what_came(implementation: Implementation, error: Case) -> None:
    """Check that the error's text names the unit, and the size or shape that came."""
    raised = _provoke(implementation, error)
    text = raised.text or "(no text)"
    if error.unit.lower() not in text.lower():
        raise failed("text without unit", unit=error.unit, text=text).showing(
            "names", unit=error.unit, ways=[]
        )
    came = numbers(re.sub(error.unit, "", text, flags=re.IGNORECASE))
    for size in error.table.get("names", ()):
        if any(_stands_in(way, came) for way in ways_to_name(error, size)):
            continue
        if not any(_stands_in([wrong], came) for wrong in _wrong_sizes(implementation, error)):
            raise failed("text without size", size=size, text=text).showing(
                "names",
                unit=error.unit,
                ways=[ways_to_name(error, str(each)) for each in error.table["names"]],
            )


def ways_to_name(error: Case, size: str) -> list[list[float]]:
    """Return the numbers in a row of which one has to stand in the text."""
    shape = numbers(size)
    return [shape, [len(shape)]] if _is_of_wrong_rank(error, size) else [shape]


def _is_of_wrong_rank(error: Case, size: str) -> bool:
    """Tell whether a shape is named for its number of dimensions, which is enough to name then.

    It is where x alone is named, and where two shapes are that differ in it.
    """
    names = error.table["names"]
    ranks = {len(numbers(name)) for name in names}
    came = next((error.table[n] for n in units.of(error.unit).inputs if n in error.table), ())
    return bool(names == [size] == [str(tuple(came))] or len(ranks) > 1)


def _wrong_sizes(implementation: Implementation, error: Case) -> list[int]:
    """Return the numbers by which a dout is not of the output's shape: each is enough to name."""
    table = error.table
    if "dout" not in table or error.unit in units.OPTIMIZERS or table.get("before_forward"):
        return []
    implementation.begin(error.unit)
    options = offered_options(implementation, error)
    layer = implementation.layer(error.unit, error.args, options)
    shape = layer.forward(*_inputs(error)).shape
    if len(shape) != len(table["dout"]):
        return []
    return [n for n, right in zip(table["dout"], shape, strict=True) if n != right]


def numbers(text: str) -> list[float]:
    """Return the numbers in a text: those of (2, 5, 6) and 2x5x6 are the same, and of 0.5 and .50.

    Digits behind a word, as in int64, are part of it.
    """
    return [float(number) for number in NUMBER.findall(text)]


def _stands_in(way: list[float], came: list[float]) -> bool:
    """Tell whether numbers stand in a row among those that came."""
    return any(came[start : start + len(way)] == way for start in range(len(came)))


def _provoke(implementation: Implementation, error: Case) -> Raised:
    """Do what is to be refused, and return what was raised."""
    try:
        _use(implementation, error)
    except Raised as raised:
        if raised.outcome is not Outcome.ERROR:
            raise
        return raised
    raise failed("nothing raised", why=f"{error.why[0].lower()}{error.why[1:]}").showing(
        "raises", expected=error.table.get("raises", "ValueError")
    )


def _use(implementation: Implementation, error: Case) -> None:
    implementation.begin(error.unit)
    table = error.table
    if error.unit in units.FUNCTIONS:
        _call(implementation, error)
        return
    if error.unit in units.SCHEDULES:
        rate = implementation.probe("Rate", 0.5)
        implementation.layer(error.unit, [rate, *error.args], error.options).call("step")
        return
    if error.unit in units.WRAPPERS:
        branch = implementation.probe("Scale", np.ones(table["features"]), np.ones(1))
        block = implementation.layer(error.unit, [branch], error.options)
        method = "backward" if table.get("before_forward") else "forward"
        block.call(method, _values(table["dout" if method == "backward" else "x"]))
        return
    options = offered_options(implementation, error)
    subject = implementation.layer(error.unit, error.args, options)
    if table.get("before_forward"):
        subject.call("backward", *([_values(table["dout"])] if "dout" in table else []))
        return
    if error.unit in units.OPTIMIZERS:
        subject.call("step", {"weight": _values(table["x"])}, {"weight": _values(table["dout"])})
        return
    targets = units.of(error.unit).targets
    inputs = [_shares(table["x"])] if targets == "probabilities" else _inputs(error)
    if error.unit in units.LOSSES:
        target = table["target"]
        inputs.append(
            _given(target)
            if "labels" in target
            else np.array(target["values"])
            if "values" in target
            else _shares(target["shape"])
            if targets in ("classes", "probabilities")
            else _values(target["shape"])
        )
    subject.call("forward", *inputs)
    if "dout" in table:
        subject.call("backward", _values(table["dout"]))


def _call(implementation: Implementation, error: Case) -> None:
    """Call a function with the arrays of an error, given as values or as a shape."""
    given: dict[str, Any] = {
        name: np.array(spec["values"]) if "values" in spec else _values(spec["shape"])
        for name, spec in error.table.get("inputs", {}).items()
    }
    if units.of(error.unit).takes == "shape":
        implementation.function(error.unit, *error.args, Generator(1))
        return
    functions.call(implementation, error, given)


def offered_options(implementation: Implementation, error: Case) -> dict[str, Any]:
    """Return the options to make what has to refuse: with a bias, where it cannot be without."""
    if "bias" in error.options:
        try:
            implementation.layer(error.unit, error.args, error.options)
        except NotPassed as failure:
            if failure.outcome is Outcome.UNSUPPORTED:
                return {name: value for name, value in error.options.items() if name != "bias"}
    return error.options


def _shares(shape: list[int]) -> Array:
    """Return rows of probabilities, all the same."""
    return np.full(shape, 1 / shape[-1])


def _inputs(error: Case) -> list[Array]:
    """Return what the forward of a layer is given, or the prediction of a loss."""
    names = [name for name in units.of(error.unit).inputs if name in error.table]
    return [
        np.ones(error.table[name], bool) if name == "mask" else _given(error.table[name])
        for name in names
    ]


def _given(x: list[int] | dict[str, Any]) -> Array:
    """Return an input of a shape, or the indices that stand in its place."""
    return np.array(x["labels"]) if isinstance(x, dict) else _values(x)


def _values(shape: list[int]) -> Array:
    return np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape)
