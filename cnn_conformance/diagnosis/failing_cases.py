"""What the cases that fail have in common and those that pass have not: where a mistake shows.

A gradient that is right for one sample and wrong for several, for windows that tile and wrong for
windows that overlap, tells where to look, whatever the mistake is.
"""

from __future__ import annotations

import itertools

from cnn_conformance.checks.grader import Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.case_features import features
from cnn_conformance.findings import Finding
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import WRONG, Outcome

Features = dict[Finding, bool]

FEWEST = 2
"""How many cases have to fail, and to pass, before anything is said of them."""
WORDS: dict[str, str | Finding] = {
    "parameters": Finding("what was learned"),
    "predict": Finding("the output"),
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


def contrasts(grader: Grader, unit: str) -> list[Finding]:
    """Return where a unit's outputs are wrong, one finding for all that are wrong there.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A unit that has lost requirements.
    """
    outputs: dict[Finding, list[str | Finding]] = {}
    for output, (failing, passing) in _judged(grader, unit).items():
        where = _contrast(unit, failing, passing)
        if where is not None:
            name = WORDS.get(output, output)
            names = outputs.setdefault(where, [])
            names += [] if name in names else [name]
    return [Finding("wrong where", names=tuple(n), where=where) for where, n in outputs.items()]


def _judged(grader: Grader, unit: str) -> dict[str, tuple[list[Case], list[Case]]]:
    """Return, for every output that the golden data decide, the cases that fail and that pass."""
    judged: dict[str, tuple[list[Case], list[Case]]] = {}
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
        failing, passing = judged.setdefault(output, ([], []))
        if result.outcome in WRONG:
            failing.append(case)
        elif result.outcome is Outcome.PASSED:
            passing.append(case)
    return judged


def _contrast(unit: str, failing: list[Case], passing: list[Case]) -> Finding | None:
    """Return what sets the failing cases apart; None if nothing does."""
    if min(len(failing), len(passing)) < FEWEST:
        return None
    wrong = [dict(features(case, unit)) for case in failing]
    right = [dict(features(case, unit)) for case in passing]
    only = None
    for name in wrong[0]:
        if not all(case.get(name) for case in wrong):
            continue
        also = sum(bool(case.get(name)) for case in right)
        if not also:
            return Finding("wherever", name=name)
        if only is None and also <= len(wrong) and len(right) - also >= 2 * FEWEST:
            only = Finding("only where", name=name)
    return only or _either(wrong, right)


def _either(wrong: list[Features], right: list[Features]) -> Finding | None:
    """Return two things that set the failing cases apart together, as two mistakes do."""
    names = [n for case in wrong for n in case if not any(other.get(n) for other in right)]
    for one, two in itertools.combinations(dict.fromkeys(names), 2):
        if all(case.get(one) or case.get(two) for case in wrong):
            return Finding("wherever either", one=one, two=two)
    return None
