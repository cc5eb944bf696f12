"""Implementations in `correct/` that are right, each in a style of its own: none may lose a point.

Every file was written from the contract, not from the reference. What they have in common, where
their style does not concern it, is in `correct/plain.py`. What each is graded for is said in
`correct/catalogue.toml`.
"""

from __future__ import annotations

import time
import tomllib
from dataclasses import dataclass, field
from functools import cache

import pytest

from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import document, rubric
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome
from tests import ROOT
from tests.grade import grade, loaded

FOLDER = ROOT / "tests" / "correct"
ALL_UNITS = frozenset(r.unit for r in specification.of_profile("core").values()) - {"Network"}
MOST_OF_THE_TOLERANCE = 0.5
MOST_SECONDS = 15.0
PRECISION = {"60": "float64", "61": "float32", "62": "float64", "63": "float32"}


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of an implementation."""

    profiles: list[str]
    refuses: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    isolation: str = "none"
    library: str = ""

    def marks(self):
        return [getattr(pytest.mark, self.library)] if self.library else []


CATALOGUE = {
    name: Entry(**table)
    for name, table in tomllib.loads((FOLDER / "catalogue.toml").read_text("utf-8")).items()
}


def listed(*profiles, refuses=None):
    """Return what is graded in a profile: all, or what refuses something there, or nothing."""
    return pytest.mark.parametrize(
        ("name", "profile"),
        [
            pytest.param(name, profile, marks=entry.marks(), id=f"{name}-{profile}")
            for name, entry in CATALOGUE.items()
            for profile in entry.profiles
            if profile in profiles and refuses in (None, profile in entry.refuses)
        ],
    )


@dataclass(frozen=True)
class Came:
    """What came of grading one implementation in one profile."""

    cases: list[CaseResult]
    document: dict
    seconds: float
    units: frozenset[str]

    def largest_shares(self):
        """Return the largest share of the tolerance that was used, by dtype."""
        shares = dict.fromkeys(PRECISION.values(), 0.0)
        for requirement in self.document["requirements"]:
            dtype = PRECISION.get(requirement["id"].rsplit("-", 1)[1])
            for case in requirement["cases"] if dtype else ():
                shares[dtype] = max(shares[dtype], case.get("share_of_tolerance", 0.0))
        return shares

    def not_among(self, *outcomes):
        return [
            f"{case.outcome} {case.key}: {case.message}"
            for case in self.cases
            if case.outcome not in outcomes
        ]


@cache
def run(name):
    """Return the grader of an implementation after its run, and how long that took."""
    entry = CATALOGUE[name]
    path = FOLDER / name
    target = path if path.is_dir() else path.with_suffix(".py")
    asked = {id_ for profile in entry.profiles for id_ in specification.of_profile(profile)}
    keys = [key for key, check in manifest().items() if check.requirement in asked]
    started = time.monotonic()
    return grade(target, keys, isolation=entry.isolation, run=600.0), time.monotonic() - started


@cache
def graded(name, profile):
    """Return what came of an implementation in a profile; it is run once for all of them."""
    came, seconds = run(name)
    asked = specification.of_profile(profile)
    cases = [case for case in came.results.values() if case.requirement in asked]
    made = document.build(came.grader, rubric.points(profile=profile))
    return Came(cases, made, seconds, came.grader.implementation.units)


@listed("core", refuses=False)
def test_a_correct_implementation_loses_nothing(name, profile, record_property):
    result = graded(name, profile)
    record_property("seconds", result.seconds)
    assert result.not_among(Outcome.PASSED) == []
    assert result.document["points"] == result.document["max_points"]
    assert result.document["problems"] == []


@listed("extended", "full")
def test_correct_units_of_the_other_profiles_lose_nothing(name, profile):
    result = graded(name, profile)
    assert result.not_among(Outcome.PASSED, Outcome.MISSING, Outcome.UNSUPPORTED) == []
    units = [u for u in result.document["units"] if u["unit"] in result.units]
    assert units
    lose = {unit["unit"] for unit in units if unit["points"] < unit["max_points"]}
    assert lose == set(CATALOGUE[name].refuses.get(profile, {}))


@listed("core", refuses=True)
def test_what_is_unsupported_is_all_that_is_lost(name, profile):
    result = graded(name, profile)
    assert result.not_among(Outcome.PASSED, Outcome.UNSUPPORTED) == []
    assert 0.75 < result.document["points"] / result.document["max_points"] < 1


@listed("core", refuses=True)
def test_every_aspect_can_be_judged_without_what_is_unsupported(name, profile):
    for unit in graded(name, profile).document["units"]:
        for aspect, part in unit["aspects"].items():
            assert part["points"] > 0, f"{unit['unit']}, {aspect}"


@listed("core", "extended", "full")
def test_what_is_refused_is_what_the_catalogue_says(name, profile):
    refuses = CATALOGUE[name].refuses.get(profile, {})
    begins = {(unit, begin) for unit, texts in refuses.items() for begin in texts}
    came = {
        (case.unit, case.finding.root().text.partition("unsupported: ")[2])
        for case in graded(name, profile).cases
        if case.outcome is Outcome.UNSUPPORTED
    }
    assert {
        (unit, text)
        for unit, text in came
        if not any(unit in (u, "Network") and text.startswith(begin) for u, begin in begins)
    } == set()
    assert {
        (unit, begin)
        for unit, begin in begins
        if not any(unit == u and text.startswith(begin) for u, text in came)
    } == set()


@listed("core", "extended", "full")
def test_a_correct_implementation_uses_less_than_half_of_the_tolerance(
    name, profile, record_property
):
    for dtype, share in graded(name, profile).largest_shares().items():
        record_property(f"share_{dtype}", share)
        assert 0 < share < MOST_OF_THE_TOLERANCE, dtype


def test_pure_python_loops_are_graded_in_time():
    assert graded("seven_loops", "core").seconds < MOST_SECONDS


def found(target):
    """Return the units and the problems of an implementation, imported in a worker."""
    implementation = loaded(target)
    return implementation.units & ALL_UNITS, implementation.problems


def test_files_beside_an_empty_init_are_looked_through(tmp_path):
    for path in (FOLDER / "loose_files").glob("*.py"):
        text = path.read_text().replace("from common import", "from .common import")
        (tmp_path / path.name).write_text(text)
    (tmp_path / "__init__.py").touch()
    assert found(tmp_path) == (ALL_UNITS, [])


def test_a_name_that_cannot_be_made_costs_no_other(tmp_path):
    (tmp_path / "lazy.py").write_text(
        "def __getattr__(name):\n"
        "    if name == 'MSE':\n"
        "        raise ImportError('its library is absent')\n"
        "    return dict\n"
    )
    units, problems = found(tmp_path / "lazy.py")
    assert units == ALL_UNITS - {"MSE"}
    assert [problem.rpartition(": ")[2] for problem in problems] == ["its library is absent"]
    assert found(tmp_path)[0] == units


def test_the_catalogue_names_all_that_is_there():
    there = (path for path in FOLDER.iterdir() if path.suffix in ("", ".py"))
    assert {path.stem for path in there if not path.name.startswith((".", "__"))} == set(CATALOGUE)
