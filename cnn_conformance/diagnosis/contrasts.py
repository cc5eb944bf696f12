"""What the cases that fail have in common and those that pass have not: where a mistake shows.

A gradient that is right for one sample and wrong for several, for windows that tile and wrong for
windows that overlap, tells where to look, whatever the mistake is.
"""

from __future__ import annotations

import itertools

from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.features import features
from cnn_conformance.grading.grader import Grader
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import WRONG, Outcome

FEWEST = 2
"""How many cases have to fail, and to pass, before anything is said of them."""
WORDS = {
    "parameters": "what the model has learned",
    "predict": "the output",
    "evaluate.loss": "the loss",
    "evaluate.accuracy": "the accuracy",
    "loss": "the loss",
    "accuracy": "the accuracy",
    "after": "what step makes of a parameter",
    "momentum": "what step makes of a parameter",
    "kept": "y",
    "mask": "dx",
    "zeros": "dx",
    "unbiased": "running_var",
    "evaluated": "y after training",
}
"""What a case decides, where its name is not what the reader calls it."""


def contrasts(grader: Grader, unit: str) -> list[str]:
    """Return where a unit's outputs are wrong, one sentence for all that are wrong there.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A unit that has lost requirements.
    """
    outputs: dict[str, list[str]] = {}
    for output, (failing, passing) in _judged(grader, unit).items():
        sentence = _contrast(unit, failing, passing)
        if sentence:
            name = WORDS.get(output, output)
            names = outputs.setdefault(sentence, [])
            names += [] if name in names else [name]
    return [
        f"{_joined(names)} {'is' if len(names) == 1 else 'are'} wrong {sentence}"
        for sentence, names in outputs.items()
    ]


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


def _contrast(unit: str, failing: list[Case], passing: list[Case]) -> str:
    """Return what sets the failing cases apart; empty if nothing does."""
    if min(len(failing), len(passing)) < FEWEST:
        return ""
    wrong = [dict(features(case, unit)) for case in failing]
    right = [dict(features(case, unit)) for case in passing]
    only = ""
    for name in wrong[0]:
        if not all(case.get(name) for case in wrong):
            continue
        also = sum(bool(case.get(name)) for case in right)
        if not also:
            return f"wherever {name}, and right elsewhere"
        if not only and also <= len(wrong) and len(right) - also >= 2 * FEWEST:
            only = f"only where {name}"
    return only or _either(wrong, right)


def _either(wrong: list[dict[str, bool]], right: list[dict[str, bool]]) -> str:
    """Return two things that set the failing cases apart together, as two mistakes do."""
    names = [n for case in wrong for n in case if not any(other.get(n) for other in right)]
    for one, two in itertools.combinations(dict.fromkeys(names), 2):
        if all(case.get(one) or case.get(two) for case in wrong):
            return f"wherever {one} or {two}, and right elsewhere"
    return ""


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
