"""The arrays behind the comparisons that failed, under the names that the reader knows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.findings import Finding
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import WRONG, Outcome

GIVEN = tuple(name for name in units.INPUTS if name != "mask")
INPUTS = (*GIVEN, "before", "dout", "logits", "pred", "target")
OUTPUTS = ("y", *(f"d{name}" for name in GIVEN), "dlogits", "dpred")


@dataclass(frozen=True)
class Comparison:
    """A comparison that failed.

    Parameters
    ----------
    unit : str
        Whose it is.
    name : str or Finding
        What was compared, for example "dweight"; a finding where it has no name in the code.
    got, expected : ndarray
        What came and what should have come.
    tolerance : float
        How far an element may be off.
    sizes : dict
        The numbers of the case by name: N, C, K, KH, KW, OH, OW, ...
    others : dict
        The other arrays of the case by name.
    """

    unit: str
    name: str | Finding
    got: Array
    expected: Array
    tolerance: float
    sizes: dict[str, float] = field(default_factory=dict)
    others: dict[str, Array] = field(default_factory=dict)

    def equal(self, got: Array, expected: Array) -> bool:
        """Tell whether two arrays agree within the tolerance."""
        if got.shape != expected.shape:
            return False
        return bool((np.abs(got - expected) <= self.tolerance).all())

    def axis(self, number: int) -> str:
        """Return the name of an axis."""
        name = self.name if isinstance(self.name, str) else ""
        return units.of(self.unit).axis(name, self.expected.ndim, number)


def failing_checks(grader: Grader, unit: str) -> dict[str, CaseResult]:
    """Return a unit's wrong results, those of the robustness aspect left out."""
    aspects = specification.requirements()
    return {
        key: result
        for key, result in grader.results.items()
        if result.unit == unit
        and result.outcome in WRONG
        and aspects[result.requirement].aspect != "robustness"
    }


def tensor(result: CaseResult) -> str | Finding | None:
    """Return what a result is about, if it has compared arrays: a name, or a finding."""
    if result.compared is None or result.finding is None:
        return None
    found: str | Finding | None = result.finding.root().tensor
    return found


def comparison(grader: Grader, result: CaseResult) -> Comparison | None:
    """Return the arrays behind a failed comparison; None where it compared something else."""
    compared = result.compared
    if compared is None or result.finding is None:
        return None
    finding = result.finding.root()
    if not isinstance(finding.tensor, str) and finding.by is not None:
        return None
    case = case_of(grader, result.key)
    return Comparison(
        unit=case.unit,
        name=finding.tensor,
        got=compared.got,
        expected=compared.expected,
        tolerance=compared.allowed,
        sizes=_sizes(case),
        others=_others(case),
    )


def answers(grader: Grader, unit: str) -> bool:
    """Tell whether a unit has given an array in any case, right or wrong.

    Of an optimizer that is never reached there are the parameters as they were.
    """
    if unit in units.OPTIMIZERS:
        return False
    results = [r for r in grader.results.values() if r.unit == unit]
    passed = (manifest()[r.key].kind for r in results if r.outcome is Outcome.PASSED)
    return "case" in passed or any(r.compared is not None for r in results)


def case_of(grader: Grader, key: str) -> Case:
    """Return the case of a check."""
    check = manifest()[key]
    return grader.fixtures.unit(check.stem).of(check.kind)[check.case]


def _sizes(case: Case) -> dict[str, float]:
    """Return the numbers of a case by the names that the specification gives them."""
    sizes: dict[str, float] = {}
    arrays, unit = case.arrays, units.of(case.unit)
    for name, array in arrays.items():
        if letters := unit.letters(name, array.ndim):
            sizes |= dict(zip(letters, array.shape, strict=True))
    for name in (*GIVEN, "logits", "pred"):
        if name in arrays and arrays[name].ndim:
            sizes["N"] = arrays[name].shape[0]
    if "pred" in arrays:
        sizes["the number of elements"] = arrays["pred"].size
        sizes["the number of elements of a sample"] = arrays["pred"][0].size
    padding = case.options.get("padding", 0)
    if not isinstance(padding, str):
        sizes["PH"], sizes["PW"] = padding if isinstance(padding, tuple) else (padding, padding)
    return _shares(case) | sizes


def _shares(case: Case) -> dict[str, float]:
    """Return the arguments between 0 and 1, and what they leave of 1."""
    options = {"p": 0.5, **case.options} if units.of(case.unit).is_random else case.options
    given = {n: v for n, v in options.items() if isinstance(v, float) and 0 < v < 1}
    return {f"1 - {name}": 1 - value for name, value in given.items()} | given


def _others(case: Case) -> dict[str, Array]:
    """Return the arrays of a case that a unit has to do with, and none of the golden data's own."""
    known = {*INPUTS, *OUTPUTS, *case.params}
    known |= {f"d{name}" for name in case.params}
    return {name: array for name, array in case.arrays.items() if name in known}
