"""Which number of the author's choice a mistake has: solved for in one check, not listed.

An epsilon, the bound of a clip or a slope may be anything. What came at one wrong element says
which it is, if the mistake is the right one; whether it is, the other elements and checks tell.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.same_way import same
from cnn_conformance.mistakes import Constant, Mistake, units_of

CHECKS = 2
"""In how many failing checks a number is looked for."""
GRID = 17
"""At how many numbers a root is looked for between two of them."""
STEPS = 20
"""How many steps may be taken to a root."""
DIGITS = 3, 6, 17
"""To how many digits a number is rounded: what an author has written is short."""

SOLVED = 1e-4
"""The share of a number that is certain once it is solved for, in float32 too."""
MACHINE = tuple(
    float(number)
    for dtype in (np.float32, np.float64)
    for number in (np.finfo(dtype).eps, np.finfo(dtype).tiny)
)
"""Numbers that nobody writes out."""


def with_its_constant(
    grader: Grader, candidate: Mistake, failing: dict[str, CaseResult], budget: Budget
) -> Mistake:
    """Return a mistake with the number that explains a failing check; as it is where none does.

    Parameters
    ----------
    grader : Grader
        After its run.
    candidate : Mistake
        One that may have a number of the author's choice.
    failing : dict
        The unit's wrong results.
    budget : Budget
        How many checks may be run.
    """
    if candidate.constant is None:
        return candidate
    numbers = {key: each for key, each in failing.items() if _is_telling(each, candidate)}
    for key, result in list(numbers.items())[:CHECKS]:

        def answer(value: float, key: str = key) -> CaseResult | None:
            return _answer(grader, candidate.with_constant(value), key, budget)

        for value in _near(_solved(answer, result, candidate.constant)):
            if (theirs := answer(value)) is not None and same(theirs, result):
                return candidate.with_constant(value)
    return candidate


def _is_telling(result: CaseResult, candidate: Mistake) -> bool:
    """Tell whether a wrong number came, in a requirement that the mistake loses."""
    compared = result.compared
    return (
        result.requirement in candidate.loses
        and compared is not None
        and compared.got.shape == compared.expected.shape
        and compared.got.dtype.kind == "f"
        and bool(np.isfinite(compared.got).any())
    )


def _answer(grader: Grader, mistake: Mistake, key: str, budget: Budget) -> CaseResult | None:
    """Return what comes of a check of a mistake; None where the budget has ended."""
    if not budget.allows():
        return None
    return grader.of_others(units_of(mistake)).run(key)


def _solved(
    answer: Callable[[float], CaseResult | None], result: CaseResult, constant: Constant
) -> float:
    """Return the number with which the most wrong element comes out as it came; nan for none."""
    assert result.compared is not None
    mine, right = result.compared.got, result.compared.expected
    off = np.where(np.isfinite(mine), np.abs(mine - right), -1.0)
    place = np.unravel_index(int(off.argmax()), off.shape)

    def difference(value: float) -> float:
        theirs = answer(value)
        got = None if theirs is None or theirs.compared is None else theirs.compared.got
        there: Array = right if got is None or got.shape != mine.shape else got
        return float(there[place]) - float(mine[place])

    spaced = np.geomspace if constant.least > 0 else np.linspace
    values = [float(value) for value in spaced(constant.least, constant.most, GRID)]
    differences = [difference(value) for value in values]
    tried = list(zip(values, differences, strict=True))
    for (low, below), (high, above) in itertools.pairwise(tried):
        if 0.0 in (below, above):
            return low if below == 0.0 else high
        if np.isfinite([below, above]).all() and (below < 0) != (above < 0):
            return _root(difference, low, high, below, above)
    return float("nan")


def _root(
    difference: Callable[[float], float], low: float, high: float, below: float, above: float
) -> float:
    """Return where a function is zero between two numbers, by false position (Illinois)."""
    value = low
    for _ in range(STEPS):
        value = (low * above - high * below) / (above - below)
        now = difference(value)
        if now == 0.0 or abs(high - low) <= 1e-15 * abs(value):
            break
        if (now < 0) == (above < 0):
            below *= 0.5
        else:
            low, below = high, above
        high, above = value, now
    return value


def _near(value: float) -> list[float]:
    """Return a number as an author may have written it, the likelier first; nothing for nan.

    The machine numbers are likely if it is one; what is rounded too far comes after the rest.
    """
    if not np.isfinite(value):
        return []
    machine = [each for each in MACHINE if np.isclose(value, each, rtol=SOLVED, atol=0)]
    rounded = [float(f"{value:.{digits}g}") for digits in DIGITS]
    rounded.sort(key=lambda each: not np.isclose(each, value, rtol=SOLVED, atol=0))
    return list(dict.fromkeys(machine + rounded))
