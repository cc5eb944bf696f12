"""What being late costs: who was late is a table, what that costs is the rubric's `[late]`.

The points of the code stay as they are, in every report; the gradebooks have both.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn_conformance.grading import rubric

Entry = dict[str, Any]
SECONDS = {"late_days": 86_400.0, "late_hours": 3_600.0, "late_seconds": 1.0}
"""The columns that may say how late somebody was, and their units."""
DAY = 86_400.0


class BadLate(ValueError):
    """The table cannot be used, or nothing says what it costs; the text is for the user."""


@dataclass(frozen=True)
class Policy:
    """What a day costs.

    Parameters
    ----------
    per_day : float
        The share of the points earned that each begun day costs.
    most : float
        The share that is lost at most.
    free_days : float
        Days that cost nothing.
    """

    per_day: float
    most: float = 1.0
    free_days: float = 0.0

    def share(self, seconds: float) -> float:
        """Return the share of the points that somebody loses."""
        days = math.ceil(max(0.0, seconds / DAY - self.free_days))
        return min(self.most, days * self.per_day)


def policy(path: Path) -> Policy:
    """Return the policy of a rubric.

    Raises
    ------
    BadLate
        If it has none.
    BadRubric
        If a table of the file, whichever it is, cannot be used.
    """
    table = rubric.tables(path)["late"]
    if not table:
        raise BadLate(
            f"{path}: expected a table [late] with per_day, and if you like most and free_days, "
            "got none"
        )
    return Policy(**{key: float(value) for key, value in table.items()})


def table(path: Path) -> dict[str, float]:
    """Return how many seconds late each submission is that is named in a table.

    Raises
    ------
    BadLate
        If it cannot be read, or lacks a column, or has what is no time.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = list(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadLate(f"{path}: cannot be read: {error}") from error
    column = next((name for name in SECONDS if name in names), None)
    if "name" not in names or column is None:
        raise BadLate(
            f"{path}: expected the columns name and one of {', '.join(SECONDS)}, found "
            f"{', '.join(names) or 'none'}"
        )
    found: dict[str, float] = {}
    for number, row in enumerate(rows, start=2):
        name, text = (row["name"] or "").strip(), (row[column] or "").strip()
        try:
            value = float(text or 0)
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf:
            raise BadLate(f"{path}, line {number}: {column} is {text!r}, expected a number >= 0")
        if found.setdefault(name, value * SECONDS[column]) != value * SECONDS[column]:
            raise BadLate(f"{path}, line {number}: {name!r} is there with another {column} too")
    return found


def applied(entries: Sequence[Entry], late: dict[str, float], by: Policy) -> list[Entry]:
    """Return the results with what being late costs, where somebody was; they are not changed."""
    found = []
    for entry in entries:
        seconds = late.get(entry["name"], 0.0)
        cost = by.share(seconds) * (entry.get("points") or 0.0)
        told = {"late": {"days": round(seconds / DAY, 4), "cost": round(cost, 6)}}
        found.append({**entry, **told} if seconds else entry)
    return found
