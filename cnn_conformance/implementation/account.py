"""What the code under test has used up: the time of a run, and the patience with a unit."""

from __future__ import annotations

from collections import Counter

from cnn_conformance.findings import Finding
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.transport import Transport
from cnn_conformance.outcomes import NotPassed, Outcome

TRIES_OF_A_UNIT = 3
"""How often a unit may use up time, memory or processes before the rest of it is not tried."""
NO_ANSWER, OUT_OF_MEMORY = "had no answer", "ran out of memory"
USED_UP = {
    "no answer": NO_ANSWER,
    "no answer asleep": NO_ANSWER,
    "too much memory": OUT_OF_MEMORY,
    "too many processes": "started too many",
}
"""What a call has used up, by what was found of it."""
OUTCOMES = {NO_ANSWER: Outcome.TIMEOUT, OUT_OF_MEMORY: Outcome.ERROR}


class Account:
    """Counts what is used up.

    Parameters
    ----------
    limits : Limits
        What may be.

    Attributes
    ----------
    spent : float
        Seconds of computing so far, also of what goes on between calls.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.spent = self._counted = 0.0
        self._exhausted: Counter[tuple[str, str]] = Counter()

    def open(self) -> None:
        """Begin with a new transport, which has spent nothing."""
        self._counted = 0.0

    def count(self, transport: Transport | None) -> None:
        """Add what a transport has spent since this was called last."""
        if transport is not None:
            spent = transport.spent
            self.spent += max(0.0, spent - self._counted)
            self._counted = spent

    def add(self, other: Account) -> None:
        """Add what another account of the same code has counted."""
        self.spent += other.spent
        self._exhausted += other._exhausted

    def left(self) -> float:
        """Return the seconds that are left, or raise TIMEOUT where none are."""
        left = self._limits.run - self.spent
        if left > 0:
            return left
        raise NotPassed(Outcome.TIMEOUT, self.used_up)

    @property
    def used_up(self) -> Finding:
        """What is found where the run's time is used up."""
        cause = Finding("run used up", seconds=self._limits.run)
        return Finding("limit", cause=cause, option="run-timeout")

    def exhaust(self, unit: str, what: str) -> None:
        """Note that a unit has used up something."""
        self._exhausted[unit, what] += 1

    def require_patience(self, unit: str) -> None:
        """Raise where a unit has used up the same too often."""
        for (other, what), count in self._exhausted.items():
            if other == unit and count >= TRIES_OF_A_UNIT:
                finding = Finding("not tried", tries=count, unit=unit, what=Finding(what))
                raise NotPassed(OUTCOMES.get(what, Outcome.CRASHED), finding)
