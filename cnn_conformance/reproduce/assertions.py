"""Which lines a script ends with, given what came of the check on its tape."""

from __future__ import annotations

from collections.abc import Callable

from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.implementation.tape import Tape
from cnn_conformance.outcomes import Outcome
from cnn_conformance.reproduce import ending, loops
from cnn_conformance.reproduce.ending import Assertion

KINDS: dict[str, Callable[..., Assertion]] = {
    "values": ending.values,
    "slope": ending.values,
    "changed": ending.changed,
    "same": ending.same,
    "unlike": ending.unlike,
    "between": ending.between,
    "finite": ending.finite,
    "alike": ending.alike,
    "shape": ending.shape,
    "axes": ending.axes,
    "dtype": ending.dtype,
    "type": ending.type_,
    "flag": ending.flag,
    "missing": ending.missing,
    "keys": ending.keys,
    "shapes": ending.shapes,
    "holds": ending.holds,
    "raises": ending.raises,
    "names": ending.names,
}


def of(result: CaseResult, tape: Tape) -> Assertion | None:
    """Return what a result says; None where it cannot be written down."""
    if result.outcome is not Outcome.FAILED:
        return Assertion([], lambda _: [], entry=ending.latest(tape, lambda entry: entry.raised))
    finding = None if result.finding is None else result.finding.root()
    if finding is not None and finding.kind in loops.KINDS:
        return loops.KINDS[finding.kind](tape, finding)
    shown = None if finding is None else finding.shown
    if shown is None or shown[0] not in KINDS:
        return None
    kind, seen = shown
    return KINDS[kind](tape, **seen)
