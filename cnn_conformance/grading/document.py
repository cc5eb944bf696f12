"""The one result document: everything that any report shows. Its form is `schema.json`.

A requirement is met if all its cases passed. If one of them is wrong it earns nothing; cases that
are missing, unsupported, blocked or not selected leave their share of its points unearned. But an
option that a unit refuses costs only what is about it (`refusals`).
"""

from __future__ import annotations

import math
import platform
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np

import cnn_conformance
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import refusals
from cnn_conformance.grading.profiles import Course
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.comparison import details
from cnn_conformance.oracle.dialect import requirements_of
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
    grader: Grader,
    worth: dict[str, float],
    only: Collection[str] | None = None,
    course: Course | None = None,
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
    course : Course, optional
        The course that asks for them. What its profile leaves out is not in the document.
    """
    grader.results.update(refusals.settled(grader.results))
    cases: dict[str, list[dict[str, Any]]] = {}
    for key, check in manifest().items():
        if course is not None and not course.asks_for(check):
            continue
        result = grader.results.get(key)
        entry = _case(result) if result else _not_selected(key, check.case)
        cases.setdefault(check.requirement, []).append(entry)
    refused = refusals.blamed(grader.results)
    dialect = grader.fixtures.dialect
    requirements = [
        _requirement(r, cases[r.id], worth[r.id], refused)
        for r in requirements_of(dialect).values()
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
        "style": implementation.style,
        "assumptions": list(implementation.assumptions),
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
        "profile": course.name if course else specification.least_profile(worth),
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
    if implementation.notes:
        made["notes"] = implementation.notes
    if dialect.conventions:
        made["dialect"] = dialect.shown()
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


def _requirement(
    requirement: specification.Requirement,
    cases: list[dict[str, Any]],
    worth: float,
    refused: dict[str, frozenset[str]],
) -> dict[str, Any]:
    came = [Outcome(case["outcome"]) for case in cases]
    keys = [case["check"] for case in cases]
    outcomes = refusals.counted(requirement, keys, came, refused)
    passed = outcomes.count(Outcome.PASSED)
    earned = 0.0 if WRONG.intersection(outcomes) else worth * (passed / len(outcomes))
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
