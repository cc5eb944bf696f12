"""PrairieLearn's `results.json`: a test for each unit, for `<pl-external-grader-results>`.

References
----------
https://prairielearn.readthedocs.io/en/latest/externalGrading/
"""

from __future__ import annotations

import json
from typing import Any

from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import likely, phrases
from cnn_conformance.reports.shares import down

SHOWN = 8
MAX_BYTES = 900_000
"""PrairieLearn takes 1 MB."""


def render(document: dict[str, Any]) -> str:
    """Return the file. A grade that is withheld is not gradable, which costs no attempt."""
    document = phrases.prepared(document)
    if document["withheld"]:
        return broken(" ".join(phrases.states(document)))
    tests = [_test(document, unit) for unit in document["units"] if unit["max_points"]]
    whole = document["max_points"] or 1.0
    result = {
        "gradable": True,
        "score": min(down(document["points"] / whole, 1.0, digits=6), 1.0),
        "message": "\n".join([*phrases.states(document), phrases.tally(document)]),
        "output": "\n".join(document["problems"]),
        "tests": tests,
    }
    text = json.dumps(result, indent=1, allow_nan=False) + "\n"
    if len(text.encode()) > MAX_BYTES:
        for test in tests:
            test["output"] = ""
        text = json.dumps(result, indent=1, allow_nan=False) + "\n"
    return text


def broken(text: str) -> str:
    """Return the file where nothing could be graded."""
    return json.dumps({"gradable": False, "format_errors": [text]}) + "\n"


def _test(document: dict[str, Any], unit: dict[str, Any]) -> dict[str, Any]:
    mine = [r for r in document["requirements"] if r["unit"] == unit["unit"]]
    lost = [r for r in mine if r["verdict"] != Outcome.PASSED]
    told = [likely.joined(each) for each in likely.told(unit)]
    aspects = (
        f"{name}: {aspect['passed']} of {aspect['requirements']}"
        for name, aspect in unit["aspects"].items()
    )
    lines = [f"{r['id']} {r['verdict']}: {r['sentence']}" for r in lost[:SHOWN]]
    lines += [f"and {len(lost) - SHOWN} more"] if len(lost) > SHOWN else []
    return {
        "name": unit["unit"],
        "description": ", ".join(aspects),
        "points": unit["points"],
        "max_points": unit["max_points"],
        "message": " ".join(told) or str(unit["verdict"]),
        "output": "\n".join(lines),
    }
