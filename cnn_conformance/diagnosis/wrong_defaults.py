"""Whether a default is another one: a failing case is right once the argument is written out.

The defaults are those of the reference's constructors, which are PyTorch's, or as declared.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.comparisons import case_of
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import control
from cnn_conformance.mistakes.dialect import with_conventions
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import NotPassed, Outcome

CASES = 8
"""How many requirements are tried, each by one of its failing cases."""

REPEATS = 4
"""How often a mended check has to be right, and to be wrong as it stood: masks are drawn."""


def unsaid(grader: Grader, unit: str, failing: dict[str, CaseResult]) -> dict[Finding, list[str]]:
    """Return the defaults that are to be looked at, with the requirements that they mend.

    Parameters
    ----------
    grader : Grader
        After its run. Its implementation is started again if it has ended.
    unit : str
        The unit that has lost requirements.
    failing : dict
        Its failing checks.

    Returns
    -------
    dict
        From a finding to the ids of requirements.
    """
    tried: dict[str, str] = {}
    for key, result in failing.items():
        answered = result.outcome in (Outcome.FAILED, Outcome.ERROR)  # nobody waits a second time
        if answered and _not_given(grader, unit, case_of(grader, key)):
            tried.setdefault(result.requirement, key)
    found: dict[Finding, list[str]] = {}
    for id_, key in list(tried.items())[:CASES]:
        case = case_of(grader, key)
        mended = _mended(grader, key, case, _not_given(grader, unit, case))
        if mended:
            found.setdefault(_finding(mended), []).append(id_)
    return found


def _not_given(grader: Grader, unit: str, case: Case) -> dict[str, Any]:
    """Return the optional arguments that a case does not give, with their defaults."""
    conventions = grader.fixtures.dialect.of(unit)
    made = with_conventions(unit, conventions) if conventions else control().get(unit)
    if not isinstance(made, type):
        return {}
    signature = inspect.signature(made)
    try:
        given = signature.bind_partial(*case.args, **case.options).arguments
    except TypeError:  # a case that gives what no constructor takes
        return {}
    return {
        name: each.default
        for name, each in signature.parameters.items()
        if name not in given and each.default is not each.empty and each.default is not None
    }


def _mended(grader: Grader, key: str, case: Case, unsaid: dict[str, Any]) -> dict[str, Any]:
    """Return the fewest arguments that make a failing check right once they are written out."""
    accepted = {}
    for name, value in unsaid.items():
        outcome = _outcome(grader, key, case, {name: value})
        if outcome is Outcome.PASSED and _is_so(grader, key, case, {name: value}):
            return {name: value}
        if outcome is Outcome.FAILED:
            accepted[name] = value
    if len(accepted) < 2 or _outcome(grader, key, case, accepted) is not Outcome.PASSED:
        return {}
    for name in list(accepted):
        fewer = {each: value for each, value in accepted.items() if each != name}
        if _outcome(grader, key, case, fewer) is Outcome.PASSED:
            accepted = fewer
    return accepted


def _is_so(grader: Grader, key: str, case: Case, more: dict[str, Any]) -> bool:
    """Tell whether arguments make the difference, and not a draw of random numbers."""
    with_them = [_outcome(grader, key, case, more) for _ in range(REPEATS)]
    without = [_outcome(grader, key, case, {}) for _ in range(REPEATS)]
    return set(with_them) == {Outcome.PASSED} and Outcome.PASSED not in without


def _outcome(grader: Grader, key: str, case: Case, more: dict[str, Any]) -> Outcome:
    """Return what comes of a check with more arguments given."""
    written_out = replace(case, options={**case.options, **more})
    try:
        manifest()[key].function(grader.implementation, written_out)
    except NotPassed as failure:
        return failure.outcome
    return Outcome.PASSED


def _finding(mended: dict[str, Any]) -> Finding:
    arguments = tuple((name, repr(value)) for name, value in mended.items())
    return Finding("default", arguments=arguments)
