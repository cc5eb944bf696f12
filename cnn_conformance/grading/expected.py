"""Known deviations: the failures that a list expects, and whether the list is still true.

    [[expected]]
    unit = "Conv2D"
    requirement = "CONV2D-36"        # or: mistake = "kernel rotated"
    reason = "The course divides the bias gradient by N."

A known mistake stands for all requirements that it loses, and a row that names only a unit for all
of a unit that is not there. What fails as listed does not fail the run, but its points stay lost.
A listed failure that passes, and a failure that is not listed, fail the run. No row is needed for
what the rubric gives no points for, nor for what is blocked where something that is expected fails
in its unit, or where it is a network.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cnn_conformance import units
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome

KEYS = ("unit", "requirement", "mistake", "reason")
UNJUDGED = (Outcome.MISSING, Outcome.NOT_STARTED, Outcome.UNSUPPORTED, Outcome.BLOCKED)
"""Verdicts of a unit that is not there; some of its requirements may wait for others."""


class BadList(Exception):
    """A list of expected failures cannot be used; says which row, what came and what to do."""


@dataclass(frozen=True)
class Row:
    """What one row expects.

    Parameters
    ----------
    unit : str
        The unit that fails.
    ids : tuple of str
        The requirements that are expected to fail.
    reason : str
        Why this is accepted.
    requirement, mistake : str
        What the row names beside the unit: one of them, or neither for a unit that is not there.
    """

    unit: str
    ids: tuple[str, ...]
    reason: str
    requirement: str = ""
    mistake: str = ""


def read(path: Path) -> list[Row]:
    """Return the rows of a list.

    Raises
    ------
    BadList
        If the file cannot be read, or a row is not what it has to be.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadList(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadList(f"{path}: {error}") from error
    entries = table.get("expected", [])
    tables = isinstance(entries, list) and all(isinstance(each, dict) for each in entries)
    if table.keys() - {"expected"} or not tables:
        raise BadList(f"{path}: expected [[expected]] tables and nothing else")
    rows: list[Row] = []
    for number, entry in enumerate(entries, start=1):
        try:
            rows.append(_row(entry, rows))
        except BadList as error:
            raise BadList(f"{path}: row {number}: {error}") from error
    return rows


def _row(entry: dict[str, Any], before: Sequence[Row]) -> Row:
    for key, value in entry.items():
        if key not in KEYS:
            raise BadList(f"{key} is not a key; the keys are {', '.join(KEYS)}")
        if not isinstance(value, str) or not value.strip():
            raise BadList(f"{key} is {value!r}, expected a text")
    row = _named(**{key: entry.get(key, "") for key in KEYS[:3]})
    if "reason" not in entry:
        raise BadList(f"{_name(row)} has no reason: say why this failure is accepted")
    for other in before:
        if (twice := _twice(row, other)) is not None:
            raise BadList(twice)
    return Row(row.unit, row.ids, " ".join(entry["reason"].split()), row.requirement, row.mistake)


def _named(unit: str, requirement: str, mistake: str) -> Row:
    """Return a row with the requirements that it is about, and no reason yet."""
    known = specification.requirements()
    if requirement and mistake:
        raise BadList(f"has both requirement ({requirement}) and mistake ({mistake}): name one")
    if requirement:
        if requirement not in known:
            raise BadList(f"unknown requirement {requirement!r}{_meant(requirement, known)}")
        of = known[requirement].unit
        if unit and unit != of:
            raise BadList(f"{requirement} belongs to {of}, not to {unit}: correct the unit")
        return Row(of, (requirement,), "", requirement)
    if not unit:
        raise BadList("has neither requirement nor unit: say what is expected to fail")
    if unit not in specification.units():
        raise BadList(f"unknown unit {unit!r}{_meant(unit, specification.units())}")
    if not mistake:
        return Row(unit, tuple(id_ for id_, r in known.items() if r.unit == unit), "")
    from cnn_conformance.mistakes import catalogue  # it takes time, and most lists need none

    mine = {each.name: each for each in catalogue() if each.unit == unit}
    if mistake not in mine:
        raise BadList(f"{unit} has no known mistake {mistake!r}{_meant(mistake, mine)}")
    return Row(unit, mine[mistake].loses, "", mistake=mistake)


def _meant(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _twice(row: Row, other: Row) -> str | None:
    """Return what is wrong where two rows expect the same; two mistakes may lose the same."""
    if row.mistake and other.mistake:
        same = (row.unit, row.mistake) == (other.unit, other.mistake)
        return f"{_name(row)} is listed twice: drop one of the rows" if same else None
    if both := [id_ for id_ in row.ids if id_ in other.ids]:
        if row.ids == other.ids:
            return f"{_name(row)} is listed twice: drop one of the rows"
        return f"{both[0]} belongs to {_name(row)} and to {_name(other)}: drop one of the rows"
    return None


def _name(row: Row) -> str:
    if row.requirement:
        return row.requirement
    return f"the mistake {row.mistake!r} of {row.unit}" if row.mistake else row.unit


def apply(document: dict[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    """Return a result document that says which failures are expected.

    Parameters
    ----------
    document : dict
        The whole result document; it is not changed.
    rows : sequence of Row
        The list.

    Returns
    -------
    dict
        The document with `expected`: what is `listed`, each with what `fails` and what `passes`;
        what is `unlisted`; and whether all is as the list says, `held`. A requirement that fails
        as listed has the reason in its own `expected`.
    """
    verdicts = {r["id"]: Outcome(r["verdict"]) for r in document["requirements"]}
    verdicts = {id_: v for id_, v in verdicts.items() if v is not Outcome.NOT_SELECTED}
    listed: list[dict[str, Any]] = []
    reasons: dict[str, str] = {}
    for row in rows:
        mine = {id_: verdicts[id_] for id_ in row.ids if id_ in verdicts}
        passing = [id_ for id_, verdict in mine.items() if _is_gone(row, verdict)]
        failing = [id_ for id_ in mine if id_ not in passing]
        if not (row.requirement or row.mistake) and passing:
            failing = []  # the unit is there now, and its failures are not what was expected
        reasons = dict.fromkeys(failing, row.reason) | reasons
        named = {key: value for key, value in asdict(row).items() if value and key != "ids"}
        listed.append({**named, "fails": failing, "passes": passing})
    failing_units = {
        specification.requirements()[id_].unit
        for id_ in reasons
        if verdicts[id_] is not Outcome.BLOCKED
    }
    worthless = {r["id"] for r in document["requirements"] if not r["max_points"]}
    unlisted = [
        id_
        for id_, verdict in verdicts.items()
        if verdict is not Outcome.PASSED
        and id_ not in worthless
        and id_ not in reasons
        and not (verdict is Outcome.BLOCKED and _may_wait(id_, failing_units))
    ]
    requirements = [
        {**r, "expected": reasons[r["id"]]} if r["id"] in reasons else r
        for r in document["requirements"]
    ]
    stale = any(each["passes"] for each in listed)
    held = not (unlisted or stale or document["withheld"])
    return {
        **document,
        "requirements": requirements,
        "expected": {"held": held, "listed": listed, "unlisted": unlisted},
    }


def _is_gone(row: Row, verdict: Outcome) -> bool:
    """Tell whether a verdict shows that a row is no longer true."""
    if row.requirement or row.mistake:
        return verdict is Outcome.PASSED
    return verdict not in UNJUDGED


def _may_wait(id_: str, failing_units: Collection[str]) -> bool:
    """Tell whether something that is blocked may wait for a failure that is expected."""
    unit = specification.requirements()[id_].unit
    return unit in failing_units or (unit == units.NETWORK and bool(failing_units))
