"""What refusals cost: an option that a unit does not offer, or an error where it is no option."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from cnn_conformance import units
from cnn_conformance.checks import options
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.checks.registry import Check, manifest
from cnn_conformance.findings import Finding
from cnn_conformance.oracle.specification import Requirement
from cnn_conformance.outcomes import WRONG, Outcome

JUDGED = WRONG | {Outcome.PASSED}


def everywhere(results: dict[str, CaseResult]) -> dict[str, frozenset[str]]:
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
        and manifest()[key].uses <= options.of(result.unit).keys()  # else an unknown value
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


def blamed(results: dict[str, CaseResult]) -> dict[str, frozenset[str]]:
    """Return, for each refusal, the options that may be what is refused.

    They are those that are refused everywhere; else those of which no other case with this value,
    or no other case with two such values together, is judged; else all that the case uses.
    """
    refused = everywhere(results)
    judged: dict[str, set[options.Asked]] = {}
    for key, result in results.items():
        if result.outcome in JUDGED and manifest()[key].kind == "case":
            judged.setdefault(result.unit, set()).add(manifest()[key].asked)

    def of(check: Check, unit: str) -> frozenset[str]:
        if never := check.uses & refused.get(unit, frozenset()):
            return never
        asked = check.asked - {(options.FLOAT32, "")}  # it is refused everywhere or not at all
        for count in (1, 2):
            new = [
                each
                for each in combinations(asked, count)
                if not any(known.issuperset(each) for known in judged.get(unit, ()))
            ]
            if new:
                return frozenset(name for each in new for name, _ in each)
        return frozenset(name for name, _ in asked)

    return {
        key: of(manifest()[key], result.unit)
        for key, result in results.items()
        if result.outcome is Outcome.UNSUPPORTED
    }


def counted(
    requirement: Requirement,
    keys: list[str],
    outcomes: list[Outcome],
    refused: dict[str, frozenset[str]],
) -> list[Outcome]:
    """Return the outcomes that count: all but those of cases in which an option is refused.

    They count too where the requirement is about the option, and where no case is left that was
    judged.
    """
    about = options.about(requirement)
    left = [
        outcome
        for key, outcome in zip(keys, outcomes, strict=True)
        if outcome is not Outcome.UNSUPPORTED or not refused[key] or refused[key] & about
    ]
    return left if set(left) - {Outcome.UNSUPPORTED} else outcomes
