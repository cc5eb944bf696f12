"""Classroom 50's `result.json`, schema `classroom50/result/v1`: a test for each unit.

The format counts whole numbers, so points are given in hundredths. Who submitted what is no part of
the result document; Classroom 50's runner sets it in the environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import phrases
from cnn_conformance.reports.shares import added_up

SCHEMA = "classroom50/result/v1"
VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "owner": "USERNAME",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}


class NoResult(Exception):
    """There is no result in this format; says why."""


def render(document: dict[str, Any], environment: Mapping[str, str]) -> str:
    """Return the file.

    Parameters
    ----------
    document : dict
        The result document.
    environment : mapping
        The variables that Classroom 50's runner sets.

    Raises
    ------
    NoResult
        If the grade is withheld, because the format has no result without a score, or if a
        variable is not set.
    """
    document = phrases.prepared(document)
    if document["withheld"]:
        raise NoResult("the grade is withheld, and classroom50 has no result without a score")
    absent = [name for name in VARIABLES.values() if not environment.get(name)]
    if absent:
        raise NoResult(f"classroom50 needs {', '.join(absent)} in the environment")
    about = {field: environment[name] for field, name in VARIABLES.items()}
    worth = added_up(document["units"], document, 2)
    tests = [_test(unit, *points) for unit, points in zip(document["units"], worth, strict=True)]
    moment = datetime.fromisoformat(document["graded_at"]).astimezone(UTC)
    graded_at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    result = {
        "schema": SCHEMA,
        **about,
        "assignment_type": environment.get("MODE") or "individual",
        "review": environment.get("REVIEW_URL") or about["commit"],
        "datetime": graded_at,
        "graded_at": graded_at,
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return json.dumps(result, indent=1, allow_nan=False) + "\n"


def _test(unit: dict[str, Any], points: float | None, most: float) -> dict[str, Any]:
    return {
        "test-name": unit["unit"],
        "passed": unit["verdict"] == Outcome.PASSED,
        "score": round(100 * (points or 0.0)),
        "max-score": round(100 * most),
        "message": f"{points:.2f} / {most:.2f} points ({unit['verdict']})",
    }
