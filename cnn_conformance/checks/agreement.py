"""What is demanded of two results of an implementation itself, and what a wrong one is instead."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.observation import gradient_names
from cnn_conformance.findings import Finding
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree
from cnn_conformance.outcomes import NotPassed, failed

Results = dict[str, Any]
Wrong = tuple[str, Callable[[], Results]]
"""What a wrong answer may be: the key of its phrase, and what it would be then."""


def carried_over(former: Results, expected: Results) -> tuple[Wrong, ...]:
    """Return what is left of the call before in a wrong answer: all of it, or it is added."""

    def added() -> Results:
        return {
            name: former[name] + right
            for name, right in expected.items()
            if name in former and np.shape(former[name]) == right.shape
        }

    return ("added to the call before", added), ("left from the call before", lambda: former)


def demand(
    got: Any,
    expected: Any,
    case: Case,
    name: str,
    when: Finding,
    shown: Finding | str = "",
    wrong: Sequence[Wrong] = (),
) -> None:
    """Demand that two results of the implementation itself agree to rounding.

    The inputs are of the size of the case's, so its bound says what rounding may do. A wrong one
    that is one of some wrong answers is said to be that.
    """
    scale = float(np.abs(np.asarray(expected, np.float64)).max(initial=0.0))
    allowed = tolerance.coarse(8 * case.bound(name) + scale)
    if not agree(got, expected, allowed):
        seen = {"got": got, "expected": expected, "allowed": allowed}
        got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
        if got.shape != expected.shape:
            sizes = {"got": got.shape, "expected": expected.shape}
            raise failed("shape of fresh", tensor=shown or name, when=when, **sizes).showing(
                "values", **seen
            )
        off = float(np.abs(got - expected).max(initial=0.0))
        instead = _instead(got, allowed, name, wrong)
        facts = {"tensor": shown or name, "when": when, "off": off, "instead": instead}
        raise failed("off", **facts, allowed=allowed).showing("values", **seen)


def _instead(got: Array, allowed: float, name: str, wrong: Sequence[Wrong]) -> Finding | None:
    """Return which of some wrong answers one is, if it is one of them alone."""
    found = []
    for kind, answers in wrong:
        with contextlib.suppress(NotPassed):
            answer = answers().get(name)
            if answer is not None and agree(got, answer, 2 * allowed):
                found.append(kind)
    return Finding(found[0]) if len(found) == 1 else None


def demand_all(
    got: Results, expected: Results, case: Case, when: Finding, wrong: Sequence[Wrong] = ()
) -> None:
    """Demand that the tensors of a case agree; names that it does not know are passed over."""
    for name in ("y", *gradient_names(case)):
        if name in expected:
            if name not in got:
                raise failed("no gradient then", name=name.removeprefix("d"), when=when).showing(
                    "missing", key=name.removeprefix("d")
                )
            demand(got[name], expected[name], case, name, when, wrong=wrong)
