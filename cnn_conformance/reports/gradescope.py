"""Gradescope's `results.json`: a test for each requirement, or for each unit.

Fields: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from cnn_conformance.language import t
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import likely, markdown, phrases
from cnn_conformance.reports.lateness import Lateness

SHOWN = 5
"""How many of a unit's failures are told in its test."""
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")


class BadRule(ValueError):
    """A rule of visibility says what cannot be; the text is for the user."""


def rules(texts: Iterable[str]) -> dict[str, str]:
    """Return what `--visibility` says: of all ("*"), or of a requirement, a unit or an aspect.

    Raises
    ------
    BadRule
        If one of them names nothing, or no visibility.
    """
    found = {}
    known = {"*", *specification.units(), *specification.requirements(), *specification.ASPECTS}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if value not in VISIBILITIES:
            raise BadRule(f"--visibility: expected one of {', '.join(VISIBILITIES)}, got {value!r}")
        if equals and name not in known:
            raise BadRule(
                f"--visibility: {name!r} is neither a requirement nor a unit nor an aspect"
            )
        found[name or "*"] = value
    return found


def render(
    document: dict[str, Any],
    visibility: Mapping[str, str] | None = None,
    leaderboard: bool = False,
    by: str = "requirement",
    late: Lateness | None = None,
) -> str:
    """Return the file. A grade that is withheld has no score, which is not a score of 0.

    Parameters
    ----------
    document : dict
        The result document.
    visibility : mapping, optional
        One of VISIBILITIES by the id of a requirement, the name of a unit, or an aspect; "*" is for
        the rest. The first of these that is there decides.
    leaderboard : bool
        Whether the points go on a leaderboard.
    by : {"requirement", "unit"}
        What a test is: a requirement, or what is visible alike of a unit.
    late : Lateness, optional
        When it was handed in.
    """
    document = phrases.prepared(document)
    rules = {"*": "visible", **(visibility or {})}
    states = [markdown.notice(text) for text in phrases.states(document)]
    problems = [markdown.fenced(problem) for problem in document["problems"]]
    said = [late.said] if late is not None and late.said else []
    result: dict[str, Any] = {
        "output": "\n\n".join([*said, *states, *problems, phrases.tally(document)]),
        "output_format": "md",
        "visibility": rules["*"],
        "stdout_visibility": "hidden",
    }
    if late is not None:
        result["extra_data"] = asdict(late)
    if not document["withheld"]:
        result["score"] = document["points"]
        made = _by_unit if by == "unit" else _tests
        result["tests"] = made(document, rules)
        if leaderboard:
            result["leaderboard"] = [
                {"name": "points", "value": document["points"], "order": "desc"}
            ]
    return json.dumps(result, indent=1, allow_nan=False) + "\n"


def broken(text: str) -> str:
    """Return the file where nothing could be graded: without a score, it is an error of the run."""
    return json.dumps({"output": text, "stdout_visibility": "hidden", "tests": []}) + "\n"


def _visible(requirement: dict[str, Any], rules: Mapping[str, str]) -> str:
    names = (requirement["id"], requirement["unit"], requirement["aspect"], "*")
    return next(rules[name] for name in names if name in rules)


def _by_unit(document: dict[str, Any], rules: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a test for what is visible alike of each unit; points add up to the unit's."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    worthless = {unit["unit"] for unit in document["units"] if not unit["max_points"]}
    for requirement in document["requirements"]:
        if requirement["unit"] in worthless:  # the rubric does not ask for it
            continue
        key = requirement["unit"], _visible(requirement, rules)
        groups.setdefault(key, []).append(requirement)
    split = Counter(unit for unit, _ in groups)
    diagnoses = {unit["unit"]: likely.told(unit) for unit in document["units"]}
    tests: list[dict[str, Any]] = []
    for (unit, visible), mine in groups.items():
        lost = [r for r in mine if r["verdict"] != Outcome.PASSED]
        aspects = list(dict.fromkeys(r["aspect"] for r in mine))
        parts = [markdown.looks_like(each) for each in diagnoses.get(unit, ())] if lost else []
        parts += [_aspect(aspect, mine) for aspect in aspects]
        parts += [f"### {r['id']}\n\n{_output(document, r)}" for r in lost[:SHOWN]]
        parts += [t("And {count} more.", count=len(lost) - SHOWN)] if len(lost) > SHOWN else []
        tests.append(
            {
                "name": unit if split[unit] == 1 else f"{unit} ({', '.join(aspects)})",
                "number": str(len(tests) + 1),
                "score": round(math.fsum(r["points"] for r in mine), 6),
                "max_score": round(math.fsum(r["max_points"] for r in mine), 6),
                "status": "failed" if lost else "passed",
                "output": "\n\n".join(parts),
                "output_format": "md",
                "tags": [unit, *aspects],
                "visibility": visible,
            }
        )
    return tests


def _aspect(aspect: str, mine: list[dict[str, Any]]) -> str:
    """Return how much of an aspect is met, in a line."""
    of_it = [r for r in mine if r["aspect"] == aspect]
    passed = sum(r["verdict"] == Outcome.PASSED for r in of_it)
    return f"{t(aspect)}: {t('{count} of {of}', count=passed, of=len(of_it))}"


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
                "name": f"{requirement['id']} {t(requirement['sentence'])}",
                "number": f"{place}.{numbers[unit]}",
                "score": requirement["points"],
                "max_score": requirement["max_points"],
                "status": "passed" if passed else "failed",
                "output": "" if passed else _output(document, requirement),
                "output_format": "md",
                "tags": [unit, requirement["aspect"], requirement["verdict"]],
                "visibility": _visible(requirement, rules),
            }
        )
    return tests


def _output(document: dict[str, Any], requirement: dict[str, Any]) -> str:
    if "expected" in requirement:
        return f"{t('Expected:')} {markdown.inline(requirement['expected'])}"
    if phrases.is_loud(requirement):
        return markdown.failure(document, requirement)
    case = next(c for c in requirement["cases"] if c["outcome"] == requirement["verdict"])
    message = case.get("message", "")
    if not message:
        return t("not selected")
    return f"{t(requirement['verdict'])}\n\n{markdown.fenced(message)}"
