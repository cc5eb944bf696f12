"""What a run asks for: one of the three profiles, or a course's, read from a TOML file.

The profiles of known courses are the files of `cnn_conformance/profiles`; docs/profiles.md has
their form. Beside units with their points and options, a course has its style and its conventions.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance import units
from cnn_conformance.checks import options
from cnn_conformance.checks.registry import Check, manifest
from cnn_conformance.grading import rubric
from cnn_conformance.implementation import styles
from cnn_conformance.locations import PACKAGE
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.dialect import BadDialect, Dialect, declared
from cnn_conformance.unit import PROFILES

FOLDER = PACKAGE / "profiles"
HELP = "core, extended, full for all units, a course's, such as cs231n, or a .toml file of your own"
KEYS = {"title", "read", "style", "leaves_open", "aspects", "units", "dialect"}


class BadProfile(rubric.BadRubric):
    """There is no such profile, or its file cannot be used; says why."""


@dataclass(frozen=True)
class Course:
    """A profile that a file has.

    Parameters
    ----------
    name : str
        What reports call it.
    title : str
        What it is, in a line.
    read : tuple of str
        Where the list was read.
    style : str
        In which style its students' code is, empty for the specification's interface.
    units : mapping
        The points of each unit that it asks for.
    options : mapping
        The options that it asks for, of each unit.
    leaves_open : frozenset of str
        Requirements that it does not ask for, since it does otherwise or says nothing.
    aspects : mapping
        What the aspects of a unit weigh; those that are not there are not asked for. Where there
        are none, the rubric's hold.
    dialect : mapping
        The conventions that it defines otherwise, as a rubric's table.
    digest : str
        A hash of the file.
    """

    name: str
    title: str
    read: tuple[str, ...]
    style: str
    units: Mapping[str, float] = field(compare=False)
    options: Mapping[str, frozenset[str]] = field(compare=False)
    leaves_open: frozenset[str]
    aspects: Mapping[str, float] = field(compare=False)
    dialect: Mapping[str, Any] = field(compare=False)
    digest: str

    def asks_for(self, check: Check) -> bool:
        """Tell whether a check asks for nothing but what the course asks for."""
        requirement = specification.requirements()[check.requirement]
        return (
            requirement.unit in self.units
            and (not self.aspects or requirement.aspect in self.aspects)
            and requirement.id not in self.leaves_open
            and check.uses <= self.options[requirement.unit]
        )

    def points(
        self, aspects: Mapping[str, float], weights: Mapping[str, float]
    ) -> dict[str, float]:
        """Return the points of every requirement of which a check asks for nothing else.

        Parameters
        ----------
        aspects, weights : mapping
            The rubric's weights of aspects, and of requirements within them where they are not 1.
        """
        asked = {c.requirement for c in manifest().values() if self.asks_for(c)}
        known = [r for r in specification.requirements().values() if r.id in asked]
        worth: dict[str, float] = {}
        for unit, points_of_unit in self.units.items():
            mine = [r for r in known if r.unit == unit]
            worth |= rubric.shared(points_of_unit, mine, self.aspects or aspects, weights)
        return {r.id: worth[r.id] for r in known}


@dataclass(frozen=True)
class Plan:
    """What a run asks for, of a profile and a rubric.

    Parameters
    ----------
    worth : dict
        The points of every requirement that is graded.
    dialect : Dialect
        The conventions that hold: the rubric's, and those of the course that it does not declare.
    course : Course, optional
        The course, if the profile is one's.
    """

    worth: dict[str, float]
    dialect: Dialect
    course: Course | None

    @property
    def style(self) -> str:
        """The style of the course; empty for none."""
        return self.course.style if self.course else ""


def names() -> list[str]:
    """Return the names of all profiles that come with the kit."""
    return [*PROFILES, *sorted(file.stem for file in FOLDER.glob("*.toml"))]


def course(profile: str) -> Course | None:
    """Return the course that a profile names; None for one of the three.

    Parameters
    ----------
    profile : str
        What `--profile` says.

    Raises
    ------
    BadProfile
        If there is none of this name, or its file cannot be used.
    """
    if profile in PROFILES:
        return None
    if profile in names():
        return _read(FOLDER / f"{profile}.toml", profile)
    path = Path(profile)
    if path.suffix != ".toml":
        near = difflib.get_close_matches(profile.lower(), names(), 1)
        guess = f"; did you mean {near[0]}?" if near else "."
        raise BadProfile(
            f"there is no profile {profile}{guess} Expected {', '.join(names())}, or a .toml file "
            "of your own (see docs/profiles.md)"
        )
    return _read(path, path.name)


def plan(profile: str = "core", path: Path = rubric.DEFAULT) -> Plan:
    """Return what a run asks for.

    Parameters
    ----------
    profile : str
        What `--profile` says.
    path : Path
        The rubric. Of its points, those of requirements within an aspect hold for courses too.

    Raises
    ------
    BadRubric
        If the rubric cannot be used; BadProfile if it is the profile.
    """
    asked = course(profile)
    if asked is None:
        return Plan(rubric.points(path, profile), rubric.dialect(path), None)
    tables = rubric.tables(path)
    if tables["bonus"]:
        raise rubric.BadRubric(
            f"{path}: [bonus] is for the profiles {', '.join(PROFILES)}: {profile} has its own"
        )
    worth = asked.points(tables["aspects"], tables["requirements"])
    return Plan(worth, rubric.dialect(path, asked.dialect), asked)


def of_file(profile: str) -> Path | None:
    """Return the file that a profile is, if it is one of the user's own."""
    return None if profile in names() else Path(profile)


def absolute(profile: str) -> str:
    """Return what names the same profile in any folder."""
    file = of_file(profile)
    return profile if file is None else str(file.absolute())


def _read(path: Path, name: str) -> Course:
    try:
        return _course(path.read_text("utf-8"), str(path), name)
    except OSError as error:
        raise BadProfile(f"{path}: {error.strerror}") from error
    except rubric.BadRubric as error:
        raise BadProfile(str(error)) from error


@cache
def _course(text: str, path: str, name: str) -> Course:
    """Return what a file says, after a look at each name in it."""
    try:
        table = tomllib.loads(text)
    except ValueError as error:
        raise BadProfile(f"{path}: {error}") from error
    if unknown := table.keys() - KEYS or {"title", "units"} - table.keys():
        raise BadProfile(
            f"{path}: {', '.join(sorted(unknown))}: expected title, units and no others than "
            f"{', '.join(sorted(KEYS))}"
        )
    listed = {unit: _unit(path, unit, entry) for unit, entry in table["units"].items()}
    left = frozenset(table.get("leaves_open", ()))
    if nowhere := left - specification.requirements().keys():
        raise BadProfile(f"{path}: leaves_open: SPEC.md has no {', '.join(sorted(nowhere))}")
    aspects = table.get("aspects", {})
    if not isinstance(aspects, dict):
        raise BadProfile(f"{path}: aspects is {aspects!r}, expected a table of weights")
    rubric.check(path, "aspects", aspects, set(specification.ASPECTS))
    style, dialect = table.get("style", ""), table.get("dialect", {})
    try:
        styles.request(style, drafts=False)
        declared(dialect)
    except styles.NoStyle as error:
        raise BadProfile(f"{path}: style: {error}") from error
    except BadDialect as error:
        raise BadProfile(f"{path}: [dialect] {error}") from error
    return Course(
        name,
        str(table["title"]),
        tuple(table.get("read", ())),
        style,
        {unit: points for unit, (points, _) in listed.items()},
        {unit: asked for unit, (_, asked) in listed.items()},
        left,
        {aspect: float(weight) for aspect, weight in aspects.items()},
        dialect,
        hashlib.sha256(text.encode()).hexdigest(),
    )


def _unit(path: str, unit: str, entry: Any) -> tuple[float, frozenset[str]]:
    """Return the points of a unit, and the options that are asked for: all of them for a number."""
    if unit not in specification.units():
        raise BadProfile(f"{path}: [units] {units.unknown(unit, specification.units())}")
    known = options.of(unit)
    if not isinstance(entry, dict):
        entry = {"points": entry, "options": [*known]}
    if entry.keys() != {"points", "options"} or not isinstance(entry["options"], list):
        raise BadProfile(
            f"{path}: [units] {unit} is {entry!r}, expected points, or a table with points and a "
            "list of options"
        )
    rubric.check(path, "units", {unit: entry["points"]}, {unit})
    for option in entry["options"]:
        if option not in known:
            near = difflib.get_close_matches(str(option), known, 1)
            guess = f"did you mean {near[0]!r}?" if near else f"they are {', '.join(known)}"
            raise BadProfile(f"{path}: {unit} has no option {option!r}; {guess}")
    return float(entry["points"]), frozenset(entry["options"])
