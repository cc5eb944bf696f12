"""What a requirement is worth: `rubric.toml`, or a grader's own."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cnn_conformance.implementation.imports import Policy, covers
from cnn_conformance.locations import KIT_REFERENCE, SUITE
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.dialect import BadDialect, Dialect, declared
from cnn_conformance.unit import PROFILES, Profile

DEFAULT = SUITE / "rubric.toml"
TABLES: dict[str, str] = {"core": "units", "extended": "extended", "full": "full"}
"""Which table has the points for what a profile adds."""
LATE = {"per_day": 1.0, "most": 1.0, "free_days": 1e6}
"""The keys of `late`, and the largest number of each."""
LISTS = ("allowed", "reported", "forbidden")
MOST_POINTS = 1e9
NEEDED = ("numpy", "cnn_conformance")
"""What a worker itself imports, beside the standard library."""


class BadRubric(Exception):
    """The rubric cannot be used; says why."""


def points(path: Path = DEFAULT, profile: str = "core") -> dict[str, float]:
    """Return the points of every requirement that is graded.

    Parameters
    ----------
    path : Path
        A toml file with the tables `units` (points of each unit for what the core profile asks of
        it), `extended` and `full` (the same for what these profiles add), of which what they do not
        name is not graded, `aspects` (weights) and `requirements`
        (weights other than 1, by id). One of these is enough: the units are those of the default
        rubric where there is no `units`, the weights where there is neither of their tables. A unit
        that core does not have may stand in `units`, too: then it is graded in every profile, for
        what the first profile that has it asks. So is a unit in `bonus`, whose points count on top
        (see `totals`).
    profile : {"core", "extended", "full"}
        Which requirements are graded: those of the profiles up to this one.

    Raises
    ------
    BadRubric
        If a table of the file, whichever it is, cannot be used.
    """
    table = _read(path)
    requirements, first = specification.requirements(), _first_profiles()
    groups: dict[tuple[str, str], float] = {}
    for each in PROFILES[: PROFILES.index(profile) + 1]:
        named = table[TABLES[each]] | (table["bonus"] if each == "core" else {})
        groups |= {
            (unit, first[unit] if each == "core" else each): float(value)
            for unit, value in named.items()
        }
    worth: dict[str, float] = {}
    for (unit, group), points_of_unit in groups.items():
        mine = [r for r in requirements.values() if (r.unit, r.profile) == (unit, group)]
        worth |= shared(points_of_unit, mine, table["aspects"], table["requirements"])
    return {id_: worth[id_] for id_ in requirements if id_ in worth}


def shared(
    points_of_unit: float,
    mine: Sequence[specification.Requirement],
    aspects: Mapping[str, float],
    weights: Mapping[str, float],
) -> dict[str, float]:
    """Return how the points of a unit are shared among requirements.

    Parameters
    ----------
    points_of_unit : float
        What they are worth together.
    mine : sequence of Requirement
        Those that are asked for.
    aspects, weights : mapping
        The weights of aspects, and of requirements within them where they are not 1.
    """
    of = {r.id: float(weights.get(r.id, 1.0)) for r in mine}
    sums = {r.aspect: sum(of[q.id] for q in mine if q.aspect == r.aspect) for r in mine}
    shares = {a: float(aspects.get(a, 0.0)) if sums[a] else 0.0 for a in sums}
    if "backward" not in shares and shares.get("forward"):
        shares["forward"] += float(aspects.get("backward", 0.0))
    total = sum(shares.values())
    worth = {}
    for r in mine:
        share = shares[r.aspect] / total * of[r.id] / sums[r.aspect] if total else 0.0
        worth[r.id] = points_of_unit * (share if share > 0 else 0.0)
    return worth


def imports(path: Path = DEFAULT) -> Policy:
    """Return what code under test may import: the table `imports` of a rubric.

    Parameters
    ----------
    path : Path
        A toml file whose table `imports` may have the lists `allowed`, `reported` and `forbidden`
        of names of modules. The table of the default rubric holds where there is none. The kit's
        reference is forbidden, unless it is in one of the others.

    Raises
    ------
    BadRubric
        If a table of the file, whichever it is, cannot be used.
    """
    table = _read(path)["imports"]
    if not table and path != DEFAULT:
        return imports()
    lists = {name: tuple(modules) for name, modules in table.items()}
    if not any(KIT_REFERENCE in modules for modules in lists.values()):
        lists["forbidden"] = (*lists.get("forbidden", ()), KIT_REFERENCE)
    return Policy(**lists)


def tables(path: Path) -> dict[str, dict[str, Any]]:
    """Return all tables of a rubric; where it has them not, the default's, or else empty ones.

    Raises
    ------
    BadRubric
        If a table of the file, whichever it is, cannot be used.
    """
    return _read(path)


def dialect(path: Path = DEFAULT, course: Mapping[str, Any] | None = None) -> Dialect:
    """Return the conventions that a rubric declares in its table `dialect`.

    Parameters
    ----------
    path : Path
        The rubric.
    course : mapping, optional
        What a course declares: it holds where the rubric says nothing.

    Raises
    ------
    BadRubric
        If a table of the file, whichever it is, cannot be used.
    """
    table = _read(path)["dialect"]
    return declared(course or {}, table) if table or course else Dialect()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadRubric(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadRubric(f"{path}: {error}") from error
    known = (
        *TABLES.values(), "bonus", "total", "aspects", "requirements", "imports", "dialect", "late",
    )  # fmt: skip
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            guess = f"; did you mean {near[0]}?" if near else "."
            raise BadRubric(f"{path}: there is no table {name}{guess} Known are {', '.join(known)}")
    if not table:
        raise BadRubric(f"{path}: expected a table, for example [units], got none")
    for name, entries in table.items():
        if not isinstance(entries, dict):
            raise BadRubric(f"{path}: {name} is {entries!r}, expected a table")
    _check(path, table)
    usual = _read(DEFAULT) if path != DEFAULT else {}
    is_weighted = "aspects" in table or "requirements" in table
    kept = {name: usual.get(name, {}) for name in ("units", "aspects")}
    kept |= {} if is_weighted else {"requirements": usual.get("requirements", {})}
    return {**{name: {} for name in known}, **kept, **table}


def _order(requirement: specification.Requirement) -> int:
    return PROFILES.index(requirement.profile)


def _first_profiles() -> dict[str, Profile]:
    """Return the first profile that asks for each unit."""
    ordered = sorted(specification.requirements().values(), key=_order, reverse=True)
    return {requirement.unit: requirement.profile for requirement in ordered}


def _check(path: Path, table: dict[str, dict[str, Any]]) -> None:
    """Refuse a file of which any table cannot be used, whatever of it a run needs."""
    requirements, first = specification.requirements(), _first_profiles()
    for group, name in TABLES.items():
        known = {r.unit for r in requirements.values() if r.profile == group}
        check(path, name, table.get(name, {}), set(first) if group == "core" else known)
    check(path, "bonus", table.get("bonus", {}), set(first))
    for name in ("units", "bonus"):
        for unit in table.get(name, ()):
            other = "units" if first[unit] == "core" else TABLES[first[unit]]
            if name != other and unit in table.get(other, ()):
                raise BadRubric(
                    f"{path}: {unit} is in [{name}] and in [{other}], expected one of them"
                )
    check(path, "aspects", table.get("aspects", {}), set(specification.ASPECTS))
    check(path, "requirements", table.get("requirements", {}), set(requirements))
    _check_keys(path, "total", table.get("total", {}), {"most": MOST_POINTS})
    _check_keys(path, "late", table.get("late", {}), LATE)
    if "late" in table and "per_day" not in table["late"]:
        raise BadRubric(f"{path}: [late] has no per_day, expected {', '.join(LATE)}")
    _check_imports(path, table.get("imports", {}))
    try:
        declared(table.get("dialect", {}))
    except BadDialect as error:
        raise BadRubric(f"{path}: [dialect] {error}") from error


def _check_imports(path: Path, table: dict[str, Any]) -> None:
    """Refuse other lists than of modules, and those that forbid what has to be there."""
    for name, modules in table.items():
        if name not in LISTS:
            raise BadRubric(f"{path}: [imports] has {name}, expected {', '.join(LISTS)}")
        if not isinstance(modules, list) or not all(
            isinstance(m, str) and all(part.isidentifier() for part in m.split("."))
            for m in modules
        ):
            raise BadRubric(
                f"{path}: [imports] {name} is {modules!r}, expected a list of names of modules"
            )
    for name in table.get("forbidden", ()):
        if name in NEEDED:
            raise BadRubric(
                f"{path}: [imports] forbids {name}, without which nothing can be graded"
            )
        for other in (*table.get("allowed", ()), *table.get("reported", ())):
            if covers(name, other):
                raise BadRubric(
                    f"{path}: [imports] forbids {name}, and what is in it: {other} cannot be in "
                    "another list"
                )


def check(path: Path | str, name: str, table: dict[str, Any], known: set[str]) -> None:
    """Refuse a table of a file that names what is not known, or has other than numbers >= 0.

    Raises
    ------
    BadRubric
        With the file, the table and what is wrong.
    """
    for key, value in table.items():
        if key not in known:
            raise BadRubric(f"{path}: [{name}] names {key}, which SPEC.md does not have")
        _check_number(path, name, key, value)


def _check_keys(path: Path, name: str, table: dict[str, Any], most: dict[str, float]) -> None:
    """Refuse a table that has other keys, or a number above the largest of its key."""
    for key, value in table.items():
        if key not in most:
            raise BadRubric(f"{path}: [{name}] has {key}, expected {', '.join(most)}")
        _check_number(path, name, key, value, most[key])


def _check_number(
    path: Path | str, name: str, key: str, value: Any, most: float = MOST_POINTS
) -> None:
    """Refuse an entry of a table that is no number from 0 up to another one."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= most:
        range_ = ">= 0" if most == MOST_POINTS else f"from 0 to {most:g}"
        raise BadRubric(f"{path}: [{name}] {key} is {value!r}, expected a number {range_}")
