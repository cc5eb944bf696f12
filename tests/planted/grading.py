"""Grading for the kit's own tests: here or in a worker, as a whole or some checks only."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import document, rubric
from cnn_conformance.implementation.imports import Policy
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Fixtures

PLANTED = Path(__file__).resolve().parent
FIXTURES = Fixtures(GOLDEN)
STEMS = {"fit": "training", "evaluate": "training", "predict": "training"}


@cache
def one_case_each() -> dict[str, list[str]]:
    """Return for every stem one key for each of its tests: the check on its first case."""
    first: dict[tuple[str, str], str] = {}
    for key, check in manifest().items():
        first.setdefault((check.stem, key.partition("[")[0]), key)
    stems: dict[str, list[str]] = {}
    for (stem, _), key in first.items():
        stems.setdefault(stem, []).append(key)
    return stems


def checks_of(unit: str) -> list[str]:
    """Return the keys of all checks of a unit."""
    units = {r.id: r.unit for r in specification.requirements().values()}
    return [key for key, check in manifest().items() if units[check.requirement] == unit]


def grade(
    implementation: Implementation, keys: Iterable[str] | None = None, fixtures: Fixtures = FIXTURES
) -> Grader:
    """Run some checks (or all) on an implementation, and end it."""
    grader = Grader(implementation, fixtures)
    try:
        for key in manifest() if keys is None else keys:
            grader.run(key)
    finally:
        implementation.end()
    return grader


def objects(units: Mapping[str, Any]) -> Implementation:
    """Return units that are at hand as an implementation in this process."""
    return Implementation("planted", specification.units(), "none", objects=units)


def in_worker(
    target: Path | str, isolation: str = "process", policy: Policy | None = None, **limits: float
) -> Implementation:
    """Return what a path names, in a process of its own unless told otherwise."""
    given = Limits(**limits)  # type: ignore[arg-type]
    return Implementation(str(target), specification.units(), isolation, given, policy=policy)


def rubric_that_allows_the_reference(folder: Path) -> Path:
    """Write the default rubric with one change; planted implementations build on the reference."""
    text = rubric.DEFAULT.read_text("utf-8")
    changed = text.replace('forbidden = ["reference"]', "").replace(
        "allowed = [", 'allowed = ["reference", '
    )
    assert changed != text
    file = folder / "allows.toml"
    file.write_text(changed, "utf-8")
    return file


def build(grader: Grader) -> dict[str, Any]:
    """Return the result document."""
    return document.build(grader, rubric.points())


def outcomes(grader: Grader) -> dict[str, str]:
    """Return the outcome of every check that ran."""
    return {key: str(result.outcome) for key, result in grader.results.items()}


def not_passed(grader: Grader) -> dict[str, CaseResult]:
    """Return the results of the checks that did not pass."""
    return {key: r for key, r in grader.results.items() if r.outcome != "passed"}
