"""What can come of a check: the words that every other part of the suite uses."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


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
    message : str
        One or more lines for whoever wrote the implementation.
    **details
        What reports may show beside the message: `first_wrong`, `got`, `expected`, `traceback`, ...
    """

    def __init__(self, outcome: Outcome, message: str, **details: Any) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.details = details


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
        message = f"{types[0]}: {text}" if text else types[0]
        outcome = Outcome.ERROR
        if "NotImplementedError" in types:
            unsupported = text.strip().lower().startswith("unsupported:")
            outcome = Outcome.UNSUPPORTED if unsupported else Outcome.NOT_STARTED
        super().__init__(outcome, message, traceback=traceback)
        self.types = types
        self.text = text


def failed(message: str, **details: Any) -> NotPassed:
    """Return the exception for a wrong answer."""
    return NotPassed(Outcome.FAILED, message, **details)


def blocked(message: str, **details: Any) -> NotPassed:
    """Return the exception for what cannot be judged yet."""
    return NotPassed(Outcome.BLOCKED, message, **details)


def blocked_by(cause: NotPassed, what: str) -> NotPassed:
    """Say that `what` failed and a check that stands on it cannot be judged.

    A unit that is missing, not started or unsupported stays that: it is not blocked by itself.
    """
    if cause.outcome in WRONG or cause.outcome is Outcome.BLOCKED:
        return blocked(f"cannot be judged: {what}: {cause.message}", **cause.details)
    return cause
