"""What can come of a check: the words that every other part of the kit uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from cnn_conformance.findings import Compared, Finding
from cnn_conformance.phrases import say


class Outcome(StrEnum):
    """What came of one check on one case. Only PASSED earns points."""

    PASSED = "passed"
    FAILED = "failed"  # an answer came, and it is wrong
    ERROR = "error"  # the implementation raised
    TIMEOUT = "timeout"  # no answer within the limit
    CRASHED = "crashed"  # its process died
    MISSING = "missing"  # the name is not exported
    NOT_STARTED = "not-started"  # NotImplementedError
    UNSUPPORTED = "unsupported"  # NotImplementedError("unsupported: ...")
    BLOCKED = "blocked"  # cannot be judged until something else is right
    SUITE_ERROR = "suite-error"  # our fault: the grade is withheld
    NOT_SELECTED = "not-selected"  # left out of a partial run


WRONG = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT, Outcome.CRASHED})
"""The outcomes that say that the implementation does something that it should not do."""


class NotPassed(Exception):
    """Ends a check with any outcome but PASSED.

    Parameters
    ----------
    outcome : Outcome
        What came of the check.
    finding : Finding
        What was seen.
    """

    def __init__(self, outcome: Outcome, finding: Finding) -> None:
        super().__init__(outcome, finding)
        self.outcome = outcome
        self.finding = finding
        self.traceback = ""
        """The traceback of what the implementation raised, cut to its own files."""
        self.prints: str | None = None
        """What it had printed, where it cannot be asked any more."""

    def __str__(self) -> str:
        return self.message

    def showing(self, kind: str, **seen: Any) -> NotPassed:
        """Note what a script has to look at to show the same; return this.

        Parameters
        ----------
        kind : str
            One of `reproduce.assertions.KINDS`.
        **seen
            Its facts: values as they came, which know where they come from if there is a tape.
        """
        self.finding.shown = (kind, seen)
        return self

    @property
    def message(self) -> str:
        """One or more lines for whoever wrote the implementation."""
        return say(self.finding)


class Raised(NotPassed):
    """The implementation raised: ERROR, or one of the two meanings of NotImplementedError.

    Parameters
    ----------
    types : list of str
        Names of the exception's class and its base classes, the class first.
    text : str
        The exception's text.
    traceback : str
        Its traceback, cut to the implementation's own files.
    """

    def __init__(self, types: list[str], text: str, traceback: str) -> None:
        outcome = Outcome.ERROR
        if "NotImplementedError" in types:
            unsupported = text.strip().lower().startswith("unsupported:")
            outcome = Outcome.UNSUPPORTED if unsupported else Outcome.NOT_STARTED
        super().__init__(outcome, Finding("raised", type=types[0], text=text))
        self.types = types
        self.text = text
        self.traceback = traceback


def failed(kind: str, compared: Compared | None = None, /, **facts: Any) -> NotPassed:
    """Return the exception for a wrong answer: what was seen of it."""
    return NotPassed(Outcome.FAILED, Finding(kind, compared, **facts))


def blocked(kind: str, /, **facts: Any) -> NotPassed:
    """Return the exception for what cannot be judged yet, and why."""
    return NotPassed(Outcome.BLOCKED, Finding(kind, **facts))


def blocked_by(cause: NotPassed, step: str) -> NotPassed:
    """Say that a step failed and a check that stands on it cannot be judged.

    A unit that is missing, not started or unsupported stays that: it is not blocked by itself.
    """
    if cause.outcome not in WRONG and cause.outcome is not Outcome.BLOCKED:
        return cause
    made = blocked("blocked", step=step, cause=cause.finding)
    made.traceback, made.prints = cause.traceback, cause.prints
    return made


def no_option(cause: NotPassed) -> NotPassed:
    """Return the error that a refusal is where no option is used, or none that is not offered."""
    made = NotPassed(Outcome.ERROR, Finding("refused no option", cause=cause.finding))
    made.traceback, made.prints = cause.traceback, cause.prints
    return made


def passed_on(cause: NotPassed, finding: Finding) -> NotPassed:
    """Return the same outcome with more said of it."""
    made = NotPassed(cause.outcome, finding)
    made.traceback, made.prints = cause.traceback, cause.prints
    return made


@contextmanager
def adding(kind: str, **facts: Any) -> Iterator[None]:
    """Say more of whatever is not passed here: its finding becomes the `cause` of another one."""
    try:
        yield
    except NotPassed as failure:
        raise passed_on(failure, Finding(kind, cause=failure.finding, **facts)) from None


@contextmanager
def standing_on(step: str) -> Iterator[None]:
    """Say of what is not passed here that a check stands on it, and cannot be judged."""
    try:
        yield
    except NotPassed as failure:
        raise blocked_by(failure, step) from None
