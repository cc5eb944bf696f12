"""What refusals cost: an option that a unit does not offer, or an error where it is no option."""

from __future__ import annotations

from dataclasses import replace

from cnn_conformance import units
from cnn_conformance.checks import options
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.checks.registry import Check, manifest
from cnn_conformance.findings import Finding
from cnn_conformance.oracle.specification import Requirement
from cnn_conformance.outcomes import WRONG, Outcome

Refused = dict[str, frozenset[str]]
JUDGED = WRONG | {Outcome.PASSED}


def everywhere(results: dict[str, CaseResult]) -> Refused:
    """Return, for every unit, the options that it refuses in every case that uses them.

    Errors do not tell: another thing may be wrong there, and be refused first.
    """
    asked: dict[tuple[str, str], set[Outcome]] = {}
    for key, result in results.items():
        check = manifest()[key]
        for option in check.uses if check.kind != "error" else ():
            asked.setdefault((result.unit, option), set()).add(result.outcome)
    refused = [place for place, came in asked.items() if came == {Outcome.UNSUPPORTED}]
    return {unit: frozenset(o for u, o in refused if u == unit) for unit, _ in refused}


def settled(results: dict[str, CaseResult]) -> dict[str, CaseResult]:
    """Return the results, with an error for each refusal of what is no option.

    An option that is refused everywhere explains a refusal. What is refused besides may still be a
    value of an option, unless the unit has judged a case that asks the same of its options: then
    it refuses other things than options, and no such refusal of it is taken for one.
    """
    refused = everywhere(results)
    offered = {
        (result.unit, manifest()[key].asked)
        for key, result in results.items()
        if result.outcome in JUDGED and manifest()[key].kind == "case"
    }
    unexplained = {
        key: manifest()[key]
        for key, result in results.items()
        if result.outcome is Outcome.UNSUPPORTED
        and result.unit != units.NETWORK
        and not manifest()[key].uses & refused.get(result.unit, frozenset())
    }
    at_fault = {
        results[key].unit
        for key, check in unexplained.items()
        if check.kind == "case" and (results[key].unit, check.asked) in offered
    }

    def as_error(result: CaseResult) -> CaseResult:
        finding = Finding("refused no option", cause=result.finding)
        return replace(result, outcome=Outcome.ERROR, finding=finding)

    return results | {
        key: as_error(results[key])
        for key, check in unexplained.items()
        if check.kind != "case" or results[key].unit in at_fault
    }


def counted(
    requirement: Requirement, checks: list[Check], outcomes: list[Outcome], refused: Refused
) -> list[Outcome]:
    """Return the outcomes that count: all but those of cases in which an option is refused.

    They count too where the requirement is about the option, whatever else they use, and where no
    case is left that was judged.
    """
    not_offered = refused.get(requirement.unit, frozenset())
    about = not_offered & options.about(requirement)
    left = [
        outcome
        for check, outcome in zip(checks, outcomes, strict=True)
        if outcome is not Outcome.UNSUPPORTED or not check.uses & not_offered or check.uses & about
    ]
    return left if set(left) - {Outcome.UNSUPPORTED} else outcomes
