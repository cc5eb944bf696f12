"""Whether an argument is not used, or used wrongly: what the right unit gives with another value.

A unit that ignores `padding`, takes rows for columns in a pair, or leaves `stride` out in backward
only is made from the right one; where its answers are the wrong ones that came, that is a clue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis import trajectories
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.comparisons import case_of, failing_checks, tensor
from cnn_conformance.diagnosis.same_way import same
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import control
from cnn_conformance.outcomes import WRONG, Outcome

FEWEST = 2
"""How many checks a change has to explain."""


@dataclass(frozen=True)
class Change:
    """Another value for an argument.

    Parameters
    ----------
    option : str
        The argument.
    how : str
        In words, what is done to it.
    backward_only : bool
        Whether forward uses the argument rightly.
    """

    option: str
    how: str
    backward_only: bool

    @property
    def finding(self) -> Finding:
        """What seems to be the case."""
        facts = {"option": self.option, "backward_only": self.backward_only}
        return Finding("argument ignored", how=self.how, **facts)

    def apply(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments with this one changed."""
        value = options.get(self.option)
        if self.how == "left out":
            return {name: v for name, v in options.items() if name != self.option}
        if self.how == "one":
            return {**options, self.option: 1}
        if not isinstance(value, tuple) or len(value) != 2:
            return options
        first, second = value
        pair = {"exchanged": (second, first), "rows": (first,) * 2, "columns": (second,) * 2}
        return {**options, self.option: pair[self.how]}


def ignored(grader: Grader, unit: str, budget: Budget) -> list[Finding]:
    """Return which arguments a unit uses wrongly, one finding each.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A unit that has lost requirements.
    budget : Budget
        How many checks may be run.
    """
    right = control().get(unit)
    if not isinstance(right, type):
        return []
    failing = failing_checks(grader, unit)
    found = []
    for change in _changes(grader, failing):
        if change.backward_only and not hasattr(right, "backward"):
            continue
        theirs = grader.of_others({**control(), unit: _changed(right, change)})
        explained = _explained(grader, theirs, change, failing, budget)
        others = _contradicting(grader, theirs, unit, change, budget) if explained else set()
        if explained and not others & explained:
            facts = {"names": tuple(sorted(explained))} if others else {}
            found.append(change.finding.with_facts(**facts))
    return found


def _changes(grader: Grader, failing: dict[str, CaseResult]) -> Iterator[Change]:
    """Yield what may be tried: the arguments of the failing cases, changed in a few ways."""
    values: dict[str, list[Any]] = {}
    for key in failing:
        for option, value in case_of(grader, key).options.items():
            values.setdefault(option, []).append(value)
    for option, known in values.items():
        ways = ["left out"]
        if option == "stride":
            ways.append("one")
        if any(isinstance(value, tuple) for value in known):
            ways += ["exchanged", "rows", "columns"]
        for how in ways:
            for backward_only in (False, True):
                yield Change(option, how, backward_only)


def _explained(
    grader: Grader, theirs: Grader, change: Change, failing: dict[str, CaseResult], budget: Budget
) -> set[str]:
    """Return the outputs in which a changed unit goes wrong as the one under test does.

    There are none unless it does so wherever the change matters and the one under test is wrong.
    """
    explained = []
    for key, result in failing.items():
        if not _matters(grader, key, change):
            continue
        if not budget.allows():
            return set()
        other = theirs.run(key)
        if other.outcome in WRONG and other.compared is not None:
            mine = grader.implementation
            case = case_of(grader, key)
            if not same(other, result) or trajectories.differ(mine, theirs.implementation, case):
                return set()
            explained.append(str(tensor(other)))
    return set(explained) if len(explained) >= FEWEST else set()


def _contradicting(
    grader: Grader, theirs: Grader, unit: str, change: Change, budget: Budget
) -> set[str]:
    """Return the outputs that the changed unit has wrong where the one under test has passed."""
    found = set()
    for key, result in grader.results.items():
        if result.unit == unit and result.outcome is Outcome.PASSED:
            if manifest()[key].kind != "case" or not _matters(grader, key, change):
                continue
            if not budget.allows():
                break
            other = theirs.run(key)
            if other.outcome in WRONG and other.compared is not None:
                found.add(str(tensor(other)))
    return found


def _matters(grader: Grader, key: str, change: Change) -> bool:
    options = case_of(grader, key).options
    return change.option in options and change.apply(options) != options


def _changed(right: type, change: Change) -> type:
    """Return the right unit with an argument changed, everywhere or in backward."""

    class Changed(right):  # type: ignore[misc]
        """Is made with other arguments than those that were given."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **change.apply(options))

    class Twofold(right):  # type: ignore[misc]
        """Goes forward as it should, and backward through another layer."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._twin = right(*args, **change.apply(options))

        def forward(self, x: Array) -> Array:
            self._seen = x
            return np.asarray(super().forward(x))

        def backward(self, dout: Array) -> Array:
            twin = self._twin
            twin.params = self.params
            y = twin.forward(self._seen)
            there = tuple(slice(min(sizes)) for sizes in zip(y.shape, dout.shape, strict=True))
            around = np.zeros_like(y)
            around[there] = dout[there]
            dx = twin.backward(around)
            self.grads = twin.grads
            return np.asarray(dx)

    class TwofoldLoss(right):  # type: ignore[misc]
        """Has the value that it should have, and the gradient of another loss."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._twin = right(*args, **change.apply(options))

        def forward(self, prediction: Array, target: Array) -> float:
            self._twin.forward(prediction, target)
            return float(super().forward(prediction, target))

        def backward(self) -> Array:
            return np.asarray(self._twin.backward())

    if not change.backward_only:
        return Changed
    return TwofoldLoss if right.__name__ in units.LOSSES else Twofold
