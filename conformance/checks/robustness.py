"""Is bad input refused, with an error that helps? At most 5 % of a unit's points are at stake."""

from __future__ import annotations

import numpy as np

from conformance.arrays import Array
from conformance.checks.observation import LOSSES
from conformance.implementation.remote import Implementation
from conformance.oracle.cases import Case
from conformance.outcomes import Outcome, Raised, failed


def raises(implementation: Implementation, error: Case) -> None:
    """Check the type of the error: RuntimeError for backward before forward, else ValueError."""
    expected = error.table.get("raises", "ValueError")
    raised = _provoke(implementation, error)
    if expected not in raised.types:
        raise failed(f"{raised.types[0]} was raised ({raised.text}), expected {expected}")


def names_what_came(implementation: Implementation, error: Case) -> None:
    """Check that the error's text names the unit, and the size or shape that came."""
    raised = _provoke(implementation, error)
    for word in (error.unit, *error.table.get("names", ())):
        if word.lower() not in raised.text.lower():
            raise failed(f"the error's text does not name {word}: {raised.text or '(no text)'}")


def _provoke(implementation: Implementation, error: Case) -> Raised:
    """Do what is to be refused, and return what was raised."""
    try:
        _use(implementation, error)
    except Raised as raised:
        if raised.outcome is not Outcome.ERROR:
            raise
        return raised
    raise failed(f"nothing was raised for {error.why[0].lower()}{error.why[1:]}")


def _use(implementation: Implementation, error: Case) -> None:
    implementation.begin(error.unit)
    table = error.table
    subject = implementation.layer(error.unit, error.args, error.options)
    if table.get("before_forward"):
        subject.call("backward", *([_values(table["dout"])] if "dout" in table else []))
        return
    if error.unit == "SGD":
        subject.call("step", {"weight": _values(table["x"])}, {"weight": _values(table["dout"])})
        return
    inputs = [_values(table["x"])]
    if error.unit in LOSSES:
        target = table["target"]
        inputs.append(
            np.array(target["labels"]) if "labels" in target else _values(target["shape"])
        )
    subject.call("forward", *inputs)
    if "dout" in table:
        subject.call("backward", _values(table["dout"]))


def _values(shape: list[int]) -> Array:
    return np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape)
