"""Grades as tables, for spreadsheets, Canvas and nbgrader."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cnn_conformance.reports import phrases

Entry = dict[str, Any]
FORMULAS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""How a formula begins, also in the wide forms that some programs take for the same."""
CANVAS_IDS = ("SIS Login ID", "SIS User ID", "ID", "Student")
CANVAS_FIRST = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
CANVAS_DOWNLOAD = re.compile(r"^[^_]+(?:_late)?_(\d+)_\d+_", re.IGNORECASE)
"""How Canvas names a file that it hands to an instructor: name, user, attachment."""
LATE = re.compile(r"\blate\b", re.IGNORECASE)
"""A column of Canvas's that says who was late."""


class Kind(StrEnum):
    """What there is of a submission: points; none, as of a kind that is not graded; none yet."""

    GRADED = "graded"
    NOT_GRADED = "not graded"
    WITHHELD = "withheld"


class BadExport(ValueError):
    """A file of Canvas's that is not one; the text is for the user."""


def kind(entry: Entry) -> Kind:
    """Return what there is of a submission."""
    if "not_graded" in entry:
        return Kind.NOT_GRADED
    return Kind.GRADED if entry.get("points") is not None else Kind.WITHHELD


def cell(value: object) -> str:
    """Return what is written into a cell, where no text is a formula."""
    text = phrases.cleaned(re.sub(r"[\t\r\n]+", " ", str(value)))
    return f"'{text}" if text.lstrip().startswith(FORMULAS) and not _is_number(text) else text


def one_line(text: str) -> str:
    """Return a text of anybody's in one line."""
    return " ".join(phrases.cleaned(text).split())


def generic(entries: Sequence[Entry], units: Sequence[str]) -> str:
    """Return a table with a row for each submission and a column for each unit."""
    was_late = ["late_days", "late_cost", "final_points"] if any(map(_late, entries)) else []
    last = ["isolation", "graded_at", "remark"]
    rows: list[list[object]] = [
        ["name", "points", "max_points", "percent", *was_late, *units, *last]
    ]
    for entry in entries:
        mine = entry.get("units", {})
        points = entry.get("points")
        most = entry.get("max_points")
        share = "" if points is None or not most else round(100 * points / most, 2)
        row = [entry["name"], *_points(entry), share]
        if was_late:
            row += [_blank(_late(entry).get(key)) for key in ("days", "cost")]
            row.append(_blank(final(entry)))
        row += [_blank(mine.get(unit, {}).get("points")) for unit in units]
        rows.append([*row, entry.get("isolation", ""), entry.get("graded_at", ""), remark(entry)])
    return _table(rows)


def nbgrader(entries: Sequence[Entry], assignment: str) -> str:
    """Return the columns of nbgrader's own export, for those that have a grade."""
    rows: list[list[object]] = [["assignment", "student_id", "raw_score", "late_submission_penalty",
                                 "score", "max_score"]]  # fmt: skip
    for entry in entries:
        if entry.get("points") is not None:
            points, most = _points(entry)
            cost = _late(entry).get("cost", 0.0)
            rows.append([assignment, entry["name"], points, cost, final(entry), most])
    return _table(rows)


def final(entry: Entry) -> float | None:
    """Return the points of a submission without what being late costs; None for none yet."""
    points = entry.get("points")
    return None if points is None else round(float(points) - _late(entry).get("cost", 0.0), 6)


def _late(entry: Entry) -> dict[str, float]:
    """Return how late somebody was, and what that costs; nothing for in time."""
    told: dict[str, float] = entry.get("late", {})
    return told


@dataclass(frozen=True)
class CanvasTable:
    """A table for Canvas's import.

    Parameters
    ----------
    text : str
        The table.
    nobody : list of str
        Submissions that are nobody's in the export.
    absent : list of str
        Students of the export without a submission.
    """

    text: str
    nobody: list[str]
    absent: list[str]


def canvas(entries: Sequence[Entry], export: Path, column: str) -> CanvasTable:
    """Return a table for Canvas's import, who is not in it, and whose submission is missing.

    Parameters
    ----------
    entries : sequence of dict
        Those that have no grade are left out.
    export : Path
        What the instructor has exported from Canvas. Its students are the only ones: no id is made
        up. A submission is a student's if its name is their login, id or name, or if it is named as
        Canvas names files that it hands out. Columns that say who was late are kept.
    column : str
        The assignment's column in the export, with its id, for example `CNN (1234)`.

    Raises
    ------
    BadExport
        If the export cannot be read, or has not that column.
    """
    try:
        with export.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = list(reader.fieldnames or ())
            students = [row for row in reader if (row.get("ID") or "").strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadExport(f"{export}: cannot be read: {error}") from error
    missing = [name for name in ("Student", "ID") if name not in names]
    if missing or column not in names:
        wanted = ", ".join(missing) or column
        raise BadExport(f"{export}: expected the column {wanted}, found {', '.join(names)}")
    first = [name for name in CANVAS_FIRST if name in names]
    late = [name for name in names if LATE.search(name) and name != column]
    rows: list[list[object]] = [[*first, column, *late]]
    nobody, there = [], set()
    for entry in entries:
        theirs = _student(entry["name"], students)
        if theirs is None:
            nobody.append(entry["name"])
            continue
        there.add(theirs["ID"])
        if entry.get("points") is not None:
            told = [theirs[name] for name in first], [theirs[name] for name in late]
            rows.append([*told[0], final(entry), *told[1]])
    absent = [s["Student"] for s in students if s["ID"] not in there and not _is_test(s)]
    return CanvasTable(_table(rows), nobody, absent)


def _is_test(student: dict[str, str]) -> bool:
    """Tell whether a row is the student that Canvas makes to try things."""
    return student["Student"].strip().casefold() in ("student, test", "test student")


def _student(name: str, students: Iterable[dict[str, str]]) -> dict[str, str] | None:
    """Return whose submission it is, or None where that is nobody or more than one."""
    downloaded = CANVAS_DOWNLOAD.match(name)
    students = list(students)
    for key in CANVAS_IDS:
        wanted = downloaded[1] if downloaded and key == "ID" else name
        found = [s for s in students if (s.get(key) or "").strip().casefold() == wanted.casefold()]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def remark(entry: Entry) -> str:
    """Return in one line what a grader should know of a grade."""
    if "not_graded" in entry:
        return f"not graded: {entry['not_graded']}"
    if "error" in entry:
        return f"not graded, by a mistake of the grader: {entry['error']}"
    if entry.get("withheld"):
        return "withheld: the suite made a mistake"
    lines = [*entry.get("problems", ()), *entry.get("notices", ())]
    if late := _late(entry):
        days, cost = f"{late['days']:g}", f"{late['cost']:.2f}"
        lines.insert(0, f"{days} day{'s' * (days != '1')} late, which costs {cost} points")
    if "grade_again" in entry:
        lines.insert(
            0, f"an earlier grade, as it could not be graded again: {entry['grade_again']}"
        )
    return "; ".join(" ".join(line.split()) for line in lines)[:500]


def _points(entry: Entry) -> tuple[object, object]:
    return _blank(entry.get("points")), _blank(entry.get("max_points"))


def _blank(value: object) -> object:
    return "" if value is None else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _table(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
