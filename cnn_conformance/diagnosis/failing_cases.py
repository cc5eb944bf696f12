"""What the cases that fail have in common and those that pass have not: where a mistake shows.

A gradient that is right for one sample and wrong for several, for windows that tile and wrong for
windows that overlap, tells where to look, whatever the mistake is.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from cnn_conformance import units
from cnn_conformance.checks.grader import Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.case_features import features
from cnn_conformance.diagnosis.needless import is_needless
from cnn_conformance.diagnosis.raised import hint
from cnn_conformance.findings import Finding
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import WRONG, Outcome

Features = dict[Finding, bool]

FEWEST = 2
"""How many cases have to fail, and to pass, before anything is said of them."""
COINCIDENCE = 0.1
"""How likely a feature, or one that is more telling, may be to set the cases apart by accident."""
WORDS: dict[str, str | Finding] = {
    "parameters": Finding("what was learned"),
    units.PREDICT: Finding("the output"),
    "evaluate.loss": Finding("the loss"),
    "evaluate.accuracy": Finding("the accuracy"),
    "loss": Finding("the loss"),
    "accuracy": Finding("the accuracy"),
    "after": Finding("what step makes"),
    "momentum": Finding("what step makes"),
    "kept": "y",
    "mask": "dx",
    "zeros": "dx",
    "unbiased": "running_var",
    "evaluated": Finding("y after training"),
}
"""What a case decides, where its name is not what the reader calls it."""
ANY_DTYPE = "any_dtype."
"""Before what a case decides of labels that are not int64."""


def contrasts(
    grader: Grader, unit: str, explained: Collection[str] = (), budget: Budget | None = None
) -> list[Finding]:
    """Return where a unit's outputs are wrong or not computed, one finding for all that are there.

    Of an output whose failing checks are all explained otherwise, nothing is said. Nor is it said
    that an output is right without a feature that it is wrong without.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A unit that has lost requirements.
    explained : collection of str
        The failing checks whose cause is known.
    budget : Budget, optional
        How many cases may be tried.
    """
    budget = budget or Budget()
    outputs: dict[Finding, tuple[Finding, list[str | Finding]]] = {}
    told: dict[str, set[Finding | None]] = {}
    for output, judged in _apart(_judged(grader, unit, explained)):
        # Where values are wrong wherever there is a feature, nothing without it has passed, and an
        # error seems to have to do with it, too.
        of_others = told.setdefault(output, set())

        def counts(
            feature: Finding,
            output: str = output,
            cases: list[Case] = judged.failing,
            of_others: set[Finding | None] = of_others,
        ) -> bool:
            is_apart = feature not in of_others
            return is_apart and not is_needless(grader, unit, output, feature, cases, budget)

        where = _contrast(unit, judged.failing, judged.passing, counts)
        of_others |= {where.name, where.one, where.two} if where is not None else set()
        found = judged.crash() if where is None else judged.place(where)
        if found is not None:
            alike = found.with_facts(text=_without_numbers(found.text))
            name = WORDS.get(output, output)
            _, names = outputs.setdefault(alike, (found, []))
            names += [] if name in names else [name]
    return [found.with_facts(names=tuple(names)) for found, names in outputs.values()]


def contradicted(contrast: Finding, unit: str, example: Finding) -> bool:
    """Tell whether a small example is wrong where a contrast says that it is right.

    Parameters
    ----------
    contrast : Finding
        One of `contrasts`.
    unit : str
        Whose it is.
    example : Finding
        One of `smallest.example`.
    """
    there = dict(features(example.case, unit))
    where = contrast.where
    if example.tensor not in contrast.names:
        return False
    if where.kind == "wherever either":
        return not (there.get(where.one) or there.get(where.two))
    named = [name for name in (where.name, where.one, where.two) if name is not None]
    return not all(there.get(name) for name in named)


@dataclass
class _Judged:
    """The cases in which an output is wrong, and right; and what was seen of those that fail.

    The roots are those of the failing cases, in their order. Those that fail in another way are
    only counted.
    """

    failing: list[Case] = field(default_factory=list)
    passing: list[Case] = field(default_factory=list)
    roots: list[Finding] = field(default_factory=list)
    failing_otherwise: int = 0

    def symptoms(self) -> list[_Judged]:
        """Return wrong values and each error apart: what raises has another cause than what errs.

        Values come first, and an error that is raised more often before others: an option that is
        not there raises in few cases.
        """
        by_symptom: dict[Any, _Judged] = {}
        for case, root in zip(self.failing, self.roots, strict=True):
            raised = root.kind == "raised"
            symptom = (root.type, _without_numbers(root.text)) if raised else None
            apart = by_symptom.setdefault(symptom, _Judged(passing=self.passing))
            apart.failing.append(case)
            apart.roots.append(root)
        for each in by_symptom.values():
            each.failing_otherwise = len(self.failing) - len(each.failing)
        found = sorted(
            by_symptom.items(), key=lambda item: (item[0] is not None, -len(item[1].failing))
        )
        return [each for _, each in found]

    def place(self, where: Finding) -> Finding | None:
        """Return that it is wrong there, or not even computed.

        That it is right elsewhere is not said where it fails otherwise too. What is refused says
        itself why.
        """
        if self.roots[0].type == "NotImplementedError":
            return self.crash()
        if self.failing_otherwise and where.kind != "only where":
            if where.kind != "wherever":
                return None
            where = Finding("only where", name=where.name)
        if (first := self.roots[0]).kind == "raised":
            return Finding("not computed where", where=where, type=first.type, hint=hint(first))
        return Finding("wrong where", where=where)

    def crash(self) -> Finding | None:
        """Return the error that keeps it from being computed in most of the cases that fail."""
        count, first = len(self.failing), self.roots[0]
        failing = count + self.failing_otherwise
        if first.kind != "raised" or 2 * count <= failing:
            return None
        found = Finding("not computed", type=first.type, text=first.text, how=self._how_often())
        return found.with_facts(hint=hint(first))

    def _how_often(self) -> str:
        """Return in which of the cases it fails like this, as a phrase has it."""
        count = len(self.failing)
        of = count + self.failing_otherwise + len(self.passing)
        modes = {case.table.get("training", True) for case in self.failing + self.passing}
        if self.failing[0].unit in units.WITH_MODES and modes == {False}:
            return "evaluation"
        if count == of:
            return "any"
        return "most" if 2 * count > of else "some"


def _without_numbers(text: str | None) -> str:
    return re.sub(r"\d+", "#", text or "")


def _judged(grader: Grader, unit: str, explained: Collection[str]) -> dict[str, _Judged]:
    """Return, for every output with something to explain, the cases that fail and that pass."""
    judged: dict[str, _Judged] = {}
    open_: set[str] = set()
    for key, result in grader.results.items():
        check = manifest()[key]
        if result.unit != unit or check.kind != "case":
            continue
        case = grader.fixtures.unit(check.stem).cases.get(check.case)
        decided = case.requirement.items() if case is not None else ()
        named = [name for name, id_ in decided if id_ == result.requirement]
        if case is None or not named:
            continue
        called = key.partition("::test_")[2].partition("[")[0]
        output = called if called in named else named[0]
        output = output.removeprefix(ANY_DTYPE)
        cases = judged.setdefault(output, _Judged())
        if result.outcome in WRONG and result.finding is not None:
            cases.failing.append(case)
            cases.roots.append(result.finding.root())
            open_ |= {output} if key not in explained else set()
        elif result.outcome is Outcome.PASSED:
            cases.passing.append(case)
    return {output: cases for output, cases in judged.items() if output in open_}


def _apart(outputs: dict[str, _Judged]) -> list[tuple[str, _Judged]]:
    """Return outputs with one symptom each, wrong values of all before errors of any."""
    found = [(name, each) for name, judged in outputs.items() for each in judged.symptoms()]
    return sorted(found, key=lambda item: item[1].roots[0].kind == "raised")


def _contrast(
    unit: str, failing: list[Case], passing: list[Case], counts: Callable[[Finding], bool]
) -> Finding | None:
    """Return what sets the failing cases apart; None if nothing does, or by accident.

    What does not count for the output is left out.
    """
    if min(len(failing), len(passing)) < FEWEST:
        return None
    wrong = [dict(features(case, unit)) for case in failing]
    right = [dict(features(case, unit)) for case in passing]
    tried = _telling(wrong + right)
    shared = [name for name in tried if all(case.get(name) for case in wrong)]
    shared = [name for name in shared if counts(name)]
    return _best(shared, wrong, right, tried) or _either(wrong, right, tried)


def _best(
    shared: list[Finding], wrong: list[Features], right: list[Features], tried: list[Finding]
) -> Finding | None:
    """Return what sets apart the failing cases, which share it: one thing, or two together.

    The more telling has to be less of an accident, since fewer are tried before it.
    """

    def also(*names: Finding) -> int:
        return sum(all(case.get(name) for name in names) for case in right)

    def is_believed(rank: int, *names: Finding) -> bool:
        return rank * _chance(len(wrong), len(right), also(*names)) <= COINCIDENCE

    ranked = [name for name in shared if is_believed(tried.index(name) + 1, name)]
    for name in ranked:
        if not also(name):
            return Finding("wherever", name=name)
    parts = [name for name in shared if also(name)]
    for rank, (one, two) in enumerate(itertools.combinations(parts, 2), 1):
        if not also(one, two) and is_believed(rank, one, two):
            return Finding("wherever both", one=one, two=two)
    return Finding("only where", name=min(ranked, key=also)) if ranked else None


def _telling(cases: list[Features]) -> list[Finding]:
    """Return the features that some cases have and others have not, each that differs once."""
    names = dict.fromkeys(name for case in cases for name in case)
    columns = {name: tuple(bool(case.get(name)) for case in cases) for name in names}
    different: dict[tuple[bool, ...], Finding] = {}
    for name, column in columns.items():
        if any(column) and not all(column):
            different.setdefault(column, name)
    return list(different.values())


def _chance(failing: int, passing: int, also: int) -> float:
    """Return how likely all failing cases are to be among those that have a feature, by accident.

    Parameters
    ----------
    failing, passing : int
        How many cases there are of each.
    also : int
        How many of those that pass have the feature, as all that fail do.
    """
    return math.comb(failing + also, failing) / math.comb(failing + passing, failing)


def _either(wrong: list[Features], right: list[Features], tried: list[Finding]) -> Finding | None:
    """Return two things that set the failing cases apart together, as two mistakes do."""
    names = [name for name in tried if not any(case.get(name) for case in right)]
    pairs = math.comb(len(tried), 2)
    if _chance(len(wrong), len(right), 0) * pairs > COINCIDENCE:
        return None
    for one, two in itertools.combinations(names, 2):
        if all(case.get(one) or case.get(two) for case in wrong):
            return Finding("wherever either", one=one, two=two)
    return None
