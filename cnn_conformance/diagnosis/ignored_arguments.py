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
from cnn_conformance.diagnosis import trajectories
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.comparisons import case_of, failing_checks
from cnn_conformance.diagnosis.same_way import same
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import control
from cnn_conformance.outcomes import WRONG

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
        if _explains(grader, unit, _changed(right, change), change, failing, budget):
            found.append(change.finding)
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


def _explains(
    grader: Grader,
    unit: str,
    made: type,
    change: Change,
    failing: dict[str, CaseResult],
    budget: Budget,
) -> bool:
    """Tell whether a changed unit goes wrong as the one under test, wherever the change matters."""
    theirs = grader.of_others({**control(), unit: made})
    explained = 0
    for key, result in failing.items():
        options = case_of(grader, key).options
        if change.option not in options or change.apply(options) == options:
            continue
        if not budget.allows():
            return False
        other = theirs.run(key)
        if other.outcome in WRONG and other.compared is not None:
            mine = grader.implementation
            case = case_of(grader, key)
            if not same(other, result) or trajectories.differ(mine, theirs.implementation, case):
                return False
            explained += 1
    return explained >= FEWEST


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
