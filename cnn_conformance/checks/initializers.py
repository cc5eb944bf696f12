"""What an initializer draws, judged by moments and limits.

A case draws 20,000 numbers or a few more. Their mean, their standard deviation and, for normal
ones, their fourth moment may be `SIGMAS` standard deviations of that statistic off, for which the
distribution is close to a normal one: a right implementation is accused with a probability of about
8e-11 for each. The fourth moment is skewed, and may be twice as far off. That no uniform number
comes within `GAP` of the limit has a probability of (1 - GAP) ** 20000, 4e-18. All draw from
generators with given seeds, so that who draws as numpy does has the same numbers in every run.
"""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.dropout import SIGMAS
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array
from cnn_conformance.implementation.wire import Generator
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import NotPassed, blocked_by, failed, standing_on

GAP = 0.002
FOURTH = {"uniform": 9 / 5, "normal": 3.0}
"""The fourth moment of numbers with variance 1."""


def _draw(implementation: Implementation, case: Case, seed: int = 1) -> Array:
    value = implementation.function(case.unit, *case.args, Generator(seed))
    return as_array(value, case.unit)


def _drawn(implementation: Implementation, case: Case) -> Array:
    """Return what is drawn, for a check of something else than the shape."""
    implementation.begin(case.unit)
    drawn = _draw(implementation, case)
    if drawn.shape != case.args[0]:
        raise blocked_by(_of_another_shape(case, drawn), "its plain use")
    return drawn


def _of_another_shape(case: Case, drawn: Array) -> NotPassed:
    shapes = {"got": drawn.shape, "expected": case.args[0]}
    return failed("shape", tensor=f"{case.unit}(...)", **shapes).showing(
        "shape", got=drawn, expected=case.args[0]
    )


def _way(case: Case) -> str:
    return "uniform" if "limit" in case else "normal"


def works(implementation: Implementation, case: Case) -> None:
    """Raise what a case's function raises."""
    _drawn(implementation, case)


def deviation(implementation: Implementation, case: Case) -> float:
    """Check the standard deviation."""
    drawn, sigma = _drawn(implementation, case), float(case["deviation"])
    allowed = SIGMAS * sigma * np.sqrt((FOURTH[_way(case)] - 1) / (4 * drawn.size))
    return compare(np.std(drawn), sigma, float(allowed), "the standard deviation")


def mean(implementation: Implementation, case: Case) -> float:
    """Check that the mean is 0."""
    drawn = _drawn(implementation, case)
    allowed = SIGMAS * float(np.std(drawn)) / np.sqrt(drawn.size)
    return compare(np.mean(drawn), 0.0, float(allowed), "the mean")


def distribution(implementation: Implementation, case: Case) -> float:
    """Check the limit of uniform numbers, and the fourth moment of normal ones."""
    drawn = _drawn(implementation, case)
    if _way(case) == "uniform":
        limit = float(case["limit"])
        return compare(np.max(np.abs(drawn)), limit, GAP * limit, "the largest size")
    fourth = np.mean(((drawn - np.mean(drawn)) / np.std(drawn)) ** 4)
    allowed = float(2 * SIGMAS * np.sqrt(24 / drawn.size))
    return compare(fourth, FOURTH["normal"], allowed, "the fourth moment divided by the variance²")


def shape(implementation: Implementation, case: Case) -> None:
    """Check the shape, and that no two units begin alike."""
    implementation.begin(case.unit)
    drawn = _draw(implementation, case)
    if drawn.shape != case.args[0]:
        raise _of_another_shape(case, drawn)
    rows = drawn.reshape(len(drawn), -1)
    if len(np.unique(rows, axis=0)) < len(rows):
        raise failed("units alike", unit=case.unit).showing("alike", got=rows)


def from_the_generator(implementation: Implementation, case: Case) -> None:
    """Check that the generator alone decides what is drawn."""
    implementation.begin(case.unit)
    with standing_on("its plain use"):
        first, again, other = (_draw(implementation, case, seed) for seed in (1, 1, 2))
    if not np.array_equal(first, again):
        raise failed("generator does not decide", unit=case.unit).showing(
            "values", got=again, expected=first, allowed=0.0
        )
    if np.array_equal(first, other):
        raise failed("generator not used", unit=case.unit).showing(
            "unlike", got=other, expected=first
        )
