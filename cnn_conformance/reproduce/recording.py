"""A check run once more on a tape, and how it would have failed if it passes."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.implementation.tape import SPOILS, Tape, spoiled
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reproduce import assertions, ending
from cnn_conformance.reproduce.ending import Assertion
from cnn_conformance.reproduce.script import CannotShow

Reply = dict[str, Any]

EXAMPLE = 12
"""Replies of an example among which one is looked for that a law is about."""


def record(grader: Grader, result: CaseResult) -> tuple[Tape, Assertion]:
    """Run a check once more on a tape; return the tape, and what its failure says.

    A check that passes fails if one of the replies is another one, the last that it looks at: what
    it would say then is what holds.

    Raises
    ------
    CannotShow
        If it comes out otherwise than before, or a script cannot say what it has seen.
    """
    tape, again = _run(grader, result.key, Tape())
    if (again.outcome in WRONG) != (result.outcome in WRONG):
        raise CannotShow(f"run once more, it is {again.outcome}: it is not repeatable")
    if again.outcome in WRONG:
        assertion = assertions.of(again, tape)
        if assertion is not None:
            return tape, assertion
    else:
        found = _failing(grader, result, tape)
        return found or (tape, ending.came(tape))
    raise CannotShow("what it has seen does not fit into a short script")


def _failing(grader: Grader, result: CaseResult, tape: Tape) -> tuple[Tape, Assertion] | None:
    """Return the tape of a check that passes, with a reply that makes it fail, and what it says."""
    is_law = manifest()[result.key].kind == "law"
    numbers = range(min(tape.replies, EXAMPLE) if is_law else tape.replies)
    for spoils, number, way in itertools.product(
        (_of_each_example,) if is_law else (_one, _from), reversed(numbers), SPOILS
    ):
        other, again = _run(grader, result.key, Tape(partial(spoils, number, way)))
        assertion = assertions.of(again, other) if again.outcome is Outcome.FAILED else None
        if assertion is not None:
            return other, assertion
    return None


def _run(grader: Grader, key: str, tape: Tape) -> tuple[Tape, CaseResult]:
    """Run a check with nothing of what was computed before."""
    implementation = grader.implementation
    implementation.memo.clear()
    implementation.tape = tape
    try:
        return tape, Grader(implementation, grader.fixtures).run(key)
    finally:
        implementation.tape = None
        implementation.memo.clear()


def _one(wanted: int, way: str, number: int, place: int, reply: Reply) -> Reply:
    """Return another reply in place of one."""
    return spoiled(reply, way) if number == wanted else reply


def _from(wanted: int, way: str, number: int, place: int, reply: Reply) -> Reply:
    """Return other replies from one on."""
    return spoiled(reply, way) if number >= wanted else reply


def _of_each_example(wanted: int, way: str, number: int, place: int, reply: Reply) -> Reply:
    """Return another reply in place of the same one of every example that a law is tried on."""
    return spoiled(reply, way) if place == wanted else reply
