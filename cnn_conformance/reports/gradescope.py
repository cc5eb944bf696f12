"""Gradescope's `results.json`: a test for each requirement.

Fields: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import markdown, phrases

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")


def render(
    document: dict[str, Any],
    visibility: Mapping[str, str] | None = None,
    leaderboard: bool = False,
) -> str:
    """Return the file. A grade that is withheld has no score, which is not a score of 0.

    Parameters
    ----------
    document : dict
        The result document.
    visibility : mapping, optional
        One of VISIBILITIES by the id of a requirement or the name of a unit; "*" is for the rest.
    leaderboard : bool
        Whether the points go on a leaderboard.
    """
    document = phrases.prepared(document)
    rules = {"*": "visible", **(visibility or {})}
    states = [markdown.notice(text) for text in phrases.states(document)]
    problems = [markdown.fenced(problem) for problem in document["problems"]]
    result: dict[str, Any] = {
        "output": "\n\n".join([*states, *problems, phrases.tally(document)]),
        "output_format": "md",
        "visibility": rules["*"],
        "stdout_visibility": "hidden",
    }
    if not document["withheld"]:
        result["score"] = document["points"]
        result["tests"] = _tests(document, rules)
        if leaderboard:
            result["leaderboard"] = [
                {"name": "points", "value": document["points"], "order": "desc"}
            ]
    return json.dumps(result, indent=1, allow_nan=False) + "\n"


def _tests(document: dict[str, Any], rules: Mapping[str, str]) -> list[dict[str, Any]]:
    units = [unit["unit"] for unit in document["units"]]
    numbers = dict.fromkeys(units, 0)
    tests = []
    for requirement in document["requirements"]:
        unit = requirement["unit"]
        numbers[unit] = numbers.get(unit, 0) + 1
        passed = requirement["verdict"] == Outcome.PASSED
        place = units.index(unit) + 1 if unit in units else 0
        tests.append(
            {
                "name": f"{requirement['id']} {requirement['sentence']}",
                "number": f"{place}.{numbers[unit]}",
                "score": round(requirement["points"], 6),
                "max_score": round(requirement["max_points"], 6),
                "status": "passed" if passed else "failed",
                "output": "" if passed else _output(document, requirement),
                "output_format": "md",
                "tags": [unit, requirement["aspect"], requirement["verdict"]],
                "visibility": rules.get(requirement["id"], rules.get(unit, rules["*"])),
            }
        )
    return tests


def _output(document: dict[str, Any], requirement: dict[str, Any]) -> str:
    if "expected" in requirement:
        return f"Expected: {markdown.inline(requirement['expected'])}"
    if phrases.is_loud(requirement):
        return markdown.failure(document, requirement)
    case = next(c for c in requirement["cases"] if c["outcome"] == requirement["verdict"])
    message = case.get("message", "")
    return f"{requirement['verdict']}\n\n{markdown.fenced(message)}" if message else "not selected"
