"""Which known mistakes explain what failed: the same checks, run on the catalogue's wrong units.

A mistake may explain a unit if everything that it loses was lost, and if it loses no check that has
passed. It does explain a failing check if it gives the same answer there: the same array to
rounding, or the same finding. Where none explains everything, two may.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.observation import Observation
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis import trajectories
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.choice import Explanation, choose
from cnn_conformance.diagnosis.combinations import Match
from cnn_conformance.diagnosis.comparisons import case_of, failing_checks
from cnn_conformance.diagnosis.constants import with_its_constant
from cnn_conformance.diagnosis.same_way import same, same_arrays
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.mistakes import Mistake, units_of
from cnn_conformance.mistakes.dialect import mistakes_of
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.tolerance import coarse
from cnn_conformance.outcomes import WRONG, Outcome

CHECKS_FOR_A_FIRST_LOOK = 3
FEWEST_TRIFLES = 3
"""How many zeros, or numbers that are not finite, speak for a mistake, if nothing else does."""
VALUES = ("forward", "backward")
"""The aspects that float64 arrays decide."""


def explain(grader: Grader, unit: str, budget: Budget, leave: Collection[str] = ()) -> Explanation:
    """Return the mistakes that explain a unit's failures.

    All candidates are looked at briefly before any is gone through, so that a budget that ends
    costs the unlikely ones.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A unit that has lost requirements.
    budget : Budget
        How many checks may be run.
    leave : collection of str
        Requirements that are explained otherwise.
    """
    failing = failing_checks(grader, unit)
    failing = {key: each for key, each in failing.items() if each.requirement not in leave}
    candidates = [
        with_its_constant(grader, each, failing, budget) for each in _candidates(grader, unit)
    ]
    trials = [Trial(grader, each, failing, budget) for each in candidates]
    for trial in trials:
        trial.look()
    for trial in trials:
        trial.finish()
    matches = [match for trial in trials if (match := trial.match()) is not None]

    spare = Budget(budget.left // 2)  # what is left untried together is nothing to tell of

    def run(candidate: Mistake) -> Match | None:
        trial = Trial(grader, candidate, failing, spare)
        trial.look()
        trial.finish()
        return trial.match()

    # Draws differ, and edits of several mistakes are made in a source without conventions.
    only_alone = units.of(unit).is_random or grader.fixtures.dialect.of(unit)
    found = choose(matches, tensors(failing), None if only_alone else run)
    budget.left -= budget.left // 2 - spare.left
    return found


def _candidates(grader: Grader, unit: str) -> list[Mistake]:
    """Return the mistakes of a unit that lose nothing but what was lost or not judged.

    Where forward is wrong and backward is its gradient, which keeps its points, only forward speaks
    for or against a mistake: the same mistake may have been made in both.
    """
    outcomes: dict[str, set[Outcome]] = {}
    for result in grader.results.values():
        outcomes.setdefault(result.requirement, set()).add(result.outcome)
    lost = {id_ for id_, of_one in outcomes.items() if of_one & WRONG}
    kept = {id_ for id_, of_one in outcomes.items() if of_one == {Outcome.PASSED}}
    known = list(mistakes_of(unit, grader.fixtures.dialect))
    if _keeps_backward(unit, lost, kept):
        known = [replace(each, loses=_without_backward(each)) for each in known]
    fitting = [each for each in known if not kept & set(each.loses) and lost & set(each.loses)]
    return sorted(fitting, key=lambda each: -len(lost & set(each.loses)))


def _keeps_backward(unit: str, lost: set[str], kept: set[str]) -> bool:
    """Tell whether a unit has lost something of forward and nothing of backward."""
    of_unit = [each for each in specification.requirements().values() if each.unit == unit]
    forward, backward = ({r.id for r in of_unit if r.aspect == aspect} for aspect in VALUES)
    return bool(lost & forward and kept & backward) and not lost & backward


def _without_backward(mistake: Mistake) -> tuple[str, ...]:
    """Return what a mistake loses, without backward where forward is lost too."""
    known = specification.requirements()
    aspects = {known[id_].aspect for id_ in mistake.loses}
    if not aspects >= {*VALUES}:
        return mistake.loses
    return tuple(id_ for id_ in mistake.loses if known[id_].aspect != "backward")


class Trial:
    """A mistake's answers beside those that failed."""

    def __init__(
        self,
        grader: Grader,
        candidate: Mistake,
        failing: dict[str, CaseResult],
        budget: Budget,
        patience: int = CHECKS_FOR_A_FIRST_LOOK,
    ) -> None:
        self.patience = patience
        self.grader, self.candidate, self.failing = grader, candidate, failing
        self.budget = budget
        self.explains: set[str] = set()
        self.contradicts: set[str] = set()
        self.is_refuted = False
        """Whether it loses a check that has passed."""
        checks = manifest()
        asked = specification.of_profile(specification.least_profile(candidate.loses))
        left = [key for key in failing if checks[key].requirement in candidate.loses]
        self._unspoken = [key for key in failing if checks[key].requirement not in asked]
        """The failing checks of larger profiles, of which its row does not speak."""
        self._left = sorted(left, key=lambda key: failing[key].outcome is Outcome.ERROR)
        self._silent = 0
        """How many checks have raised, and tell nothing."""
        self._theirs: Grader | None = None

    def look(self) -> None:
        """Run checks until one is explained, or a few are contradicted."""
        while self._left and not self.explains:
            if max(len(self.contradicts), self._silent) >= self.patience:
                return
            if not self._run():
                return

    def finish(self) -> None:
        """Run the checks that are left, if one is explained, and those that should refute it."""
        if self.explains:
            self._left += self._unspoken
        while self._left and self.explains:
            if not self._run():
                return
        if self.explains:
            self.is_refuted = any(map(self._loses, self._passed()))

    def _passed(self) -> Iterator[str]:
        """Yield the checks that have passed, of the requirements that the mistake loses."""
        for key, result in self.grader.results.items():
            if result.outcome is Outcome.PASSED and result.requirement in self.candidate.loses:
                yield key

    def _loses(self, key: str) -> bool:
        """Tell whether the mistake loses a check by other answers; not where the budget has ended.

        Where both have the same values, rounding has decided.
        """
        if not self.budget.allows() or self.theirs.run(key).outcome not in WRONG:
            return False
        if specification.requirements()[manifest()[key].requirement].aspect not in VALUES:
            return True
        mine = _arrays(self.grader.implementation, case_of(self.grader, key))
        return _agreement(self.grader, self.theirs, key) < max(len(mine), 1)

    def match(self) -> Match | None:
        """Return what came of it; None where it explains nothing, or is refuted, or by accident."""
        if not self.explains or self.is_refuted:
            return None
        agreement = sum(_agreement(self.grader, self.theirs, key) for key in self.explains)
        explains, contradicts = frozenset(self.explains), frozenset(self.contradicts)
        pattern = sum(map(self._has_the_pattern, self.contradicts))
        match = Match((self.candidate,), explains, contradicts, agreement, pattern)
        match = _with_consequences(self, match)
        return None if _is_by_accident(match, self.failing) else match

    def _has_the_pattern(self, key: str) -> bool:
        """Tell whether both have nan and the infinities, in the same places."""
        mine, theirs = (each.compared for each in (self.failing[key], self.theirs.results[key]))
        if mine is None or theirs is None or not _not_finite(self.failing[key]):
            return False
        return np.array_equal(np.isfinite(mine.got), np.isfinite(theirs.got))

    @property
    def theirs(self) -> Grader:
        """The grader of the mistake."""
        if self._theirs is None:
            self._theirs = self.grader.of_others(units_of(self.candidate))
        return self._theirs

    def _run(self) -> bool:
        """Run the next check; return False where the budget has ended."""
        if not self.budget.allows():
            return False
        key = self._left.pop(0)
        result = self.theirs.run(key)
        if result.outcome in WRONG and self._is_same(key, result):
            self.explains.add(key)
        elif self.failing[key].outcome is Outcome.ERROR:  # no answer that speaks against it
            self._silent += 1
        elif result.outcome in WRONG:
            self.contradicts.add(key)
        return True

    def _is_same(self, key: str, result: CaseResult) -> bool:
        """Tell whether both went wrong in the same way, an optimizer in every step.

        Where the dtype is wrong, no values have been compared yet. Where nan or inf has come out of
        forward, what comes of it in backward is no cause.
        """
        mine, theirs = self.grader.implementation, self.theirs.implementation
        case = case_of(self.grader, key)
        if not same(result, self.failing[key]) or trajectories.differ(mine, theirs, case):
            return False
        if units.of(case.unit).is_random:
            return True
        if result.finding is not None and result.finding.kind == "dtype":
            return not _differ_in_float32(mine, theirs, case, str(result.finding.tensor))
        y, other = (_arrays(each, case).get("y") for each in (mine, theirs))
        if y is None or other is None or np.isfinite(y).all():
            return True
        return same_arrays(y, other, coarse(case.bound("y")))


def _is_by_accident(match: Match, failing: dict[str, CaseResult]) -> bool:
    """Tell whether all that speaks for a mistake is that a few numbers are 0, or not finite."""
    compared = [failing[key].compared for key in match.explains]
    if match.explains == failing.keys():
        return False
    trifles = 0
    for each in compared:
        if each is None or each.got.shape != each.expected.shape or each.got.dtype.kind != "f":
            return False
        wrong = each.got[~(np.abs(each.got - each.expected) <= each.allowed)]
        if np.any(np.isfinite(wrong) & (wrong != 0)):
            return False
        trifles += wrong.size
    return trifles < FEWEST_TRIFLES


def _agreement(grader: Grader, theirs: Grader, key: str) -> int:
    """Return how many arrays of a check's case are the same in two implementations."""
    case = case_of(grader, key)
    mine, other = (_arrays(each.implementation, case) for each in (grader, theirs))
    return sum(
        name in other
        and f"{name}.bound" in case
        and same_arrays(mine[name], other[name], coarse(case.bound(name)))
        for name in mine
    )


def _differ_in_float32(mine: Implementation, theirs: Implementation, case: Case, name: str) -> bool:
    """Tell whether the values of two implementations differ where both were asked for float32."""
    ours, others = (_arrays(each, case, "float32").get(name) for each in (mine, theirs))
    if ours is None or others is None or f"{name}.bound" not in case:
        return False
    return not same_arrays(ours, others, coarse(case.bound(name)))


def _arrays(implementation: Implementation, case: Case, dtype: str = "float64") -> dict[str, Array]:
    """Return what an implementation has made of a case before."""
    seen = implementation.memo.get((case, dtype))
    results = seen.results if isinstance(seen, Observation) else {}
    return {name: value for name, value in results.items() if isinstance(value, np.ndarray)}


def _with_consequences(trial: Trial, match: Match) -> Match:
    """Add the checks in which nan or inf is left over from an output that is explained.

    Where the mistake leaves nan or inf there too, but elsewhere, it is another one.
    """
    grader, failing = trial.grader, trial.failing
    spoiled = {case_of(grader, key) for key in match.explains if _not_finite(failing[key])}
    follow = {
        key
        for key, result in failing.items()
        if case_of(grader, key) in spoiled
        and _not_finite(result)
        and not (key in match.contradicts and _not_finite(trial.theirs.results[key]))
    }
    return replace(match, explains=match.explains | follow, contradicts=match.contradicts - follow)


def _not_finite(result: CaseResult) -> bool:
    got = None if result.compared is None else result.compared.got
    return got is not None and got.dtype.kind == "f" and not bool(np.isfinite(got).all())


def tensors(failing: dict[str, CaseResult]) -> dict[str, str | None]:
    """Return which array each failing check of values has compared; None for none."""
    known = specification.requirements()
    return {
        key: str(each.finding.root().tensor)
        if each.compared and each.finding and known[each.requirement].aspect in VALUES
        else None
        for key, each in failing.items()
    }
