"""Which known mistakes explain what failed: the same checks, run on the catalogue's wrong units.

A mistake may explain a unit if everything that it loses was lost, and if it loses no check that has
passed. It does explain a failing check if it gives the same answer there: the same array to
rounding, or the same finding. Where none explains everything, two may.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.observation import Observation
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis import trajectories
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.comparisons import case_of, failing_checks
from cnn_conformance.diagnosis.constants import with_its_constant
from cnn_conformance.diagnosis.same_way import same, same_arrays
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.mistakes import Mistake, units_of
from cnn_conformance.mistakes.dialect import mistakes_of
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.tolerance import coarse
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.phrases import say

CHECKS_FOR_A_FIRST_LOOK = 3
MOST_PARTS = 3
FEWEST_TRIFLES = 3
"""How many zeros, or numbers that are not finite, speak for a mistake, if nothing else does."""
VALUES = ("forward", "backward")
"""The aspects that float64 arrays decide."""
EXPLAINED_FOR_EACH_CONTRADICTED = 5
"""How many checks have to be explained for each that is contradicted, in a part."""


@dataclass(frozen=True)
class Match:
    """A mistake and the failing checks that it explains, and those that it contradicts.

    `agreement` counts the arrays of these cases that are the same, also those that have passed: a
    backward that fits a wrong forward tells two ways of being wrong apart.
    """

    mistake: Mistake
    explains: frozenset[str]
    contradicts: frozenset[str]
    agreement: int


@dataclass(frozen=True)
class Explanation:
    """The mistakes that explain a unit's failures, and the failing checks they explain."""

    known: tuple[Mistake, ...]
    explained: frozenset[str]
    whole: bool


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
    matches = [
        _with_consequences(trial, trial.match())
        for trial in trials
        if trial.explains and not trial.is_refuted
    ]
    believed = [each for each in matches if not _is_by_accident(each, failing)]
    return _choose(believed, frozenset(failing))


def _candidates(grader: Grader, unit: str) -> list[Mistake]:
    """Return the mistakes of a unit that lose nothing but what was lost or not judged."""
    outcomes: dict[str, set[Outcome]] = {}
    for result in grader.results.values():
        outcomes.setdefault(result.requirement, set()).add(result.outcome)
    lost = {id_ for id_, of_one in outcomes.items() if of_one & WRONG}
    kept = {id_ for id_, of_one in outcomes.items() if of_one == {Outcome.PASSED}}
    fitting = [
        each
        for each in mistakes_of(unit, grader.fixtures.dialect)
        if not kept & set(each.loses) and lost & set(each.loses)
    ]
    return sorted(fitting, key=lambda each: -len(lost & set(each.loses)))


class Trial:
    """A mistake's answers beside those that failed."""

    def __init__(
        self,
        grader: Grader,
        candidate: Mistake,
        failing: dict[str, CaseResult],
        budget: Budget,
    ) -> None:
        self.grader, self.candidate, self.failing = grader, candidate, failing
        self.budget = budget
        self.explains: set[str] = set()
        self.contradicts: set[str] = set()
        self.is_refuted = False
        """Whether it loses a check that has passed."""
        checks = manifest()
        self._left = [key for key in failing if checks[key].requirement in candidate.loses]
        self._theirs: Grader | None = None

    def look(self) -> None:
        """Run checks until one is explained, or a few are contradicted."""
        while self._left and len(self.contradicts) < CHECKS_FOR_A_FIRST_LOOK and not self.explains:
            if not self._run():
                return

    def finish(self) -> None:
        """Run the checks that are left, if one is explained, and those that should refute it."""
        while self._left and self.explains:
            if not self._run():
                return
        if self.explains and not units.of(self.candidate.unit).is_random:
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

    def match(self) -> Match:
        """Return what came of it."""
        agreement = sum(_agreement(self.grader, self.theirs, key) for key in self.explains)
        explains, contradicts = frozenset(self.explains), frozenset(self.contradicts)
        return Match(self.candidate, explains, contradicts, agreement)

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
        if result.outcome in WRONG:
            (self.explains if self._is_same(key, result) else self.contradicts).add(key)
        return True

    def _is_same(self, key: str, result: CaseResult) -> bool:
        """Tell whether both went wrong in the same way, an optimizer in every step.

        Where nan or inf has come out of forward, what comes of it in backward is no cause.
        """
        mine, theirs = self.grader.implementation, self.theirs.implementation
        case = case_of(self.grader, key)
        if not same(result, self.failing[key]) or trajectories.differ(mine, theirs, case):
            return False
        if units.of(case.unit).is_random:
            return True
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


def _arrays(implementation: Implementation, case: Case) -> dict[str, Array]:
    """Return what an implementation has made of a case before."""
    seen = implementation.memo.get((case, "float64"))
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


def _choose(matches: list[Match], failing: frozenset[str]) -> Explanation:
    """Return the one that explains everything; else a pair that does; else parts.

    Of several, one is chosen, since not all of them can be so: the one that contradicts least, then
    the one that agrees most in what has passed too, then the one that loses least.
    """
    clean = [match for match in matches if not match.contradicts]
    if whole := [match for match in clean if match.explains == failing]:
        return Explanation((_named(max(whole, key=_rank), whole),), failing, True)
    pairs = [
        (one, two)
        for one, two in itertools.combinations(matches, 2)
        if one.explains | two.explains == failing
        and one.mistake.said != two.mistake.said
        and not _split(one, two)
    ]
    if pairs:
        best = max(pairs, key=lambda pair: np.add(_rank(pair[0]), _rank(pair[1])).tolist())
        return Explanation(tuple(match.mistake for match in best), failing, True)
    known = frozenset().union(*(each.explains for each in clean))
    fair = [
        each
        for each in matches
        if _is_fair(each, known, failing) and not _is_outdone(each, matches)
    ]
    return _parts(fair, failing)


def _is_outdone(match: Match, others: list[Match]) -> bool:
    """Tell whether another mistake explains all that this one does, and more, and fails less."""
    return any(
        match.explains < other.explains
        and len(other.contradicts) <= len(match.contradicts)
        and match.agreement <= other.agreement
        and match.mistake.said != other.mistake.said
        for other in others
    )


def _named(best: Match, others: list[Match]) -> Mistake:
    """Return the mistake of a match, with the sentence of one that fits alike beside its own."""
    for other in others:
        alike = other.explains == best.explains and _rank(other)[:2] == _rank(best)[:2]
        if alike and other.mistake.said != best.mistake.said:
            either = Finding("either", one=best.mistake.title, two=other.mistake.title)
            return replace(best.mistake, said=say(either))
    return best.mistake


def _rank(match: Match) -> tuple[int, int, int]:
    """Return what makes one of two explanations of the same the better one."""
    return -len(match.contradicts), match.agreement, -len(match.mistake.loses)


def _is_fair(match: Match, known: frozenset[str], failing: frozenset[str]) -> bool:
    """Tell whether a mistake explains what is apart from what it contradicts.

    A forward that it explains may have another mistake in its backward; and what it explains of
    several requirements may show another one in few cases, or in those that are `known` to, since
    one that contradicts nothing explains them, if it explains half of the others.
    """
    requirements, checks = specification.requirements(), manifest()
    explains_half = 2 * len(match.explains - known) >= len(failing - known)
    left = match.contradicts - known if explains_half else match.contradicts
    explained, contradicted = (
        {checks[key].requirement for key in keys} for keys in (match.explains, left)
    )
    aspects, others = (
        {requirements[id_].aspect for id_ in ids} for ids in (explained, contradicted)
    )
    few = len(left) * EXPLAINED_FOR_EACH_CONTRADICTED <= len(match.explains)
    return not aspects & others or (few and not explained <= contradicted)


def _split(one: Match, two: Match) -> bool:
    """Tell whether two contradict each other: neither explains a requirement, but both together."""
    checks = manifest()
    where = [
        {checks[key].requirement for key in mine.explains & other.contradicts}
        for mine, other in ((one, two), (two, one))
    ]
    return bool(where[0] & where[1])


def _parts(clean: list[Match], failing: frozenset[str]) -> Explanation:
    """Return a few that explain a part each, the largest first.

    A part is whole requirements: a mistake that explains some cases of one and not the others is
    more likely to be another mistake. Two that contradict what the other explains are not both so.
    """
    checks = manifest()
    chosen: list[Match] = []
    left = failing
    for match in sorted(clean, key=lambda match: -len(match.explains)):
        whole = {checks[key].requirement for key in match.explains}
        whole -= {checks[key].requirement for key in failing - match.explains}
        fits = not any(
            each.mistake.said == match.mistake.said
            or (each.contradicts & match.explains and match.contradicts & each.explains)
            for each in chosen
        )
        is_needed = any(checks[key].requirement in whole for key in match.explains & left)
        if fits and is_needed and len(chosen) < MOST_PARTS:
            chosen.append(match)
            left -= match.explains
    named = tuple(_named(match, clean) for match in chosen)
    return Explanation(named, failing - left, bool(chosen) and not left)
