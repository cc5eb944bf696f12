"""The one result document: everything that any report shows. Its form is `schema.json`.

A requirement is met if all its cases passed. If one of them is wrong it earns nothing; cases that
are missing, unsupported, blocked or not selected leave their share of its points unearned. But an
option that a unit refuses in every case costs only what is about it: elsewhere, the cases in which
it is refused do not count as long as there are others.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np

import cnn_conformance
from cnn_conformance.checks import options
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import Check, manifest
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.comparison import details
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.texts import without_surrogates

VERSION = 1
WORST_FIRST = (
    Outcome.SUITE_ERROR,
    Outcome.CRASHED,
    Outcome.TIMEOUT,
    Outcome.ERROR,
    Outcome.FAILED,
    Outcome.MISSING,
    Outcome.NOT_STARTED,
    Outcome.UNSUPPORTED,
    Outcome.BLOCKED,
    Outcome.NOT_SELECTED,
    Outcome.PASSED,
)


def build(
    grader: Grader, worth: dict[str, float], only: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the result document of what a grader has run.

    Parameters
    ----------
    grader : Grader
        After its run.
    worth : dict
        The points of every requirement that is graded.
    only : collection of str, optional
        The ids of the requirements that it is about: all of
        these unless given. It is partial then.
    """
    cases: dict[str, list[dict[str, Any]]] = {}
    checks: dict[str, list[Check]] = {}
    for key, check in manifest().items():
        result = grader.results.get(key)
        entry = _case(result) if result else _not_selected(key, check.case)
        cases.setdefault(check.requirement, []).append(entry)
        checks.setdefault(check.requirement, []).append(check)
    refused = _refused(grader.results)
    requirements = [
        _requirement(r, cases[r.id], worth[r.id], _count(r, checks[r.id], cases[r.id], refused))
        for r in specification.requirements().values()
        if r.id in worth and (only is None or r.id in only)
    ]
    units = [u for u in specification.units() if any(r["unit"] == u for r in requirements)]
    outcomes = [case["outcome"] for r in requirements for case in r["cases"]]
    withheld = Outcome.SUITE_ERROR in outcomes
    partial = Outcome.NOT_SELECTED in outcomes or only is not None
    implementation = grader.implementation
    made: dict[str, Any] = {
        "format": "cnn-conformance-result",
        "version": VERSION,
        "implementation": implementation.target,
        "problems": implementation.problems,
        "imports": implementation.imports(),
        "not_enforced": implementation.not_enforced(),
        "graded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "conformance": cnn_conformance.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "fixtures": {k: grader.fixtures.manifest.get(k) for k in ("torch", "numpy")},
        },
        "fixtures": {
            "sha256": grader.fixtures.digest,
            "seed": grader.fixtures.manifest.get("seed"),
        },
        "isolation": implementation.isolation,
        "profile": "extended" if set(worth) - set(specification.of_profile("core")) else "core",
        "reveal": "all",
        "partial": partial,
        "withheld": withheld,
        "points": None if withheld else _sum(r["points"] for r in requirements),
        "max_points": _sum(r["max_points"] for r in requirements),
        "units": [_unit(unit, requirements, withheld) for unit in units],
        "requirements": requirements,
        "counts": {str(o): outcomes.count(o) for o in Outcome if o in outcomes},
        "complete": not partial,
    }
    cleaned: dict[str, Any] = without_surrogates(made)
    return cleaned


def _case(result: CaseResult) -> dict[str, Any]:
    entry = {
        "check": result.key,
        "case": result.case,
        "outcome": str(result.outcome),
        "seconds": round(result.seconds, 6),
    }
    if result.share is not None:
        entry["share_of_tolerance"] = result.share
    if result.outcome is not Outcome.PASSED:
        entry |= {"why": result.why, "message": result.message, "prints": result.prints}
        shown = {} if result.compared is None else details(result.compared)
        shown |= {"traceback": result.traceback} if result.traceback else {}
        entry["details"] = _jsonable(shown)
    return entry


def _not_selected(key: str, case: str) -> dict[str, Any]:
    return {"check": key, "case": case, "outcome": str(Outcome.NOT_SELECTED), "seconds": 0.0}


def _refused(results: dict[str, CaseResult]) -> dict[str, frozenset[str]]:
    """Return, for every unit, the options that it refuses in every case that uses them.

    Errors do not tell: another thing may be wrong there, and be refused first.
    """
    asked: dict[tuple[str, str], set[Outcome]] = {}
    for key, result in results.items():
        check = manifest()[key]
        for option in check.uses if check.kind != "error" else ():
            asked.setdefault((result.unit, option), set()).add(result.outcome)
    everywhere = [place for place, came in asked.items() if came == {Outcome.UNSUPPORTED}]
    units = {unit for unit, _ in everywhere}
    return {unit: frozenset(o for u, o in everywhere if u == unit) for unit in units}


def _count(
    requirement: specification.Requirement,
    checks: list[Check],
    cases: list[dict[str, Any]],
    refused: dict[str, frozenset[str]],
) -> list[dict[str, Any]]:
    """Return the cases that count: all but those in which an option is refused, as everywhere.

    They count too where the requirement is about the option, whatever else they use: where each of
    its cases uses it, or `options.ABOUT` says so. So they do where no case is left that was judged.
    """
    about = frozenset.intersection(*(check.uses for check in checks))
    about |= set(options.ABOUT.get(requirement.id, ()))
    not_offered = refused.get(requirement.unit, frozenset())
    left = [
        case
        for check, case in zip(checks, cases, strict=True)
        if case["outcome"] != Outcome.UNSUPPORTED
        or not check.uses & not_offered
        or check.uses & not_offered & about
    ]
    judged = any(case["outcome"] != Outcome.UNSUPPORTED for case in left)
    return left if judged else cases


def _requirement(
    requirement: specification.Requirement,
    cases: list[dict[str, Any]],
    worth: float,
    counted: list[dict[str, Any]],
) -> dict[str, Any]:
    outcomes = {Outcome(case["outcome"]) for case in counted}
    passed = sum(case["outcome"] == Outcome.PASSED for case in counted)
    earned = 0.0 if outcomes & WRONG else worth * (passed / len(counted))
    return {
        "id": requirement.id,
        "unit": requirement.unit,
        "aspect": requirement.aspect,
        "sentence": requirement.sentence,
        "verdict": str(next(outcome for outcome in WORST_FIRST if outcome in outcomes)),
        "points": earned,
        "max_points": worth,
        "cases": cases,
    }


def _unit(unit: str, requirements: list[dict[str, Any]], withheld: bool) -> dict[str, Any]:
    mine = [r for r in requirements if r["unit"] == unit]
    aspects = {}
    for aspect in specification.ASPECTS:
        of_aspect = [r for r in mine if r["aspect"] == aspect]
        if of_aspect:
            aspects[aspect] = {
                "passed": sum(r["verdict"] == Outcome.PASSED for r in of_aspect),
                "requirements": len(of_aspect),
                "points": None if withheld else _sum(r["points"] for r in of_aspect),
                "max_points": _sum(r["max_points"] for r in of_aspect),
            }
    verdicts = {Outcome(r["verdict"]) for r in mine}
    return {
        "unit": unit,
        "verdict": str(next(outcome for outcome in WORST_FIRST if outcome in verdicts)),
        "points": None if withheld else _sum(r["points"] for r in mine),
        "max_points": _sum(r["max_points"] for r in mine),
        "aspects": aspects,
    }


def _sum(values: Iterable[float]) -> float:
    """Return a sum that does not show rounding: a full score is exactly full."""
    return round(math.fsum(values), 6)


def _jsonable(value: Any) -> Any:
    """Return a value with tuples as lists and inf and nan as strings, which JSON has not."""
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
