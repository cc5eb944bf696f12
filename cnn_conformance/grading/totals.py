"""Points on top, and how many are given at most: the tables `bonus` and `total` of a rubric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn_conformance.grading import rubric

Document = dict[str, Any]


@dataclass(frozen=True)
class Totals:
    """What becomes of the points of the units.

    Parameters
    ----------
    bonus : tuple of str
        The units whose points count on top: they are no part of the maximum.
    most : float
        How many points are given at most.
    """

    bonus: tuple[str, ...] = ()
    most: float = math.inf


def read(path: Path) -> Totals:
    """Return what a rubric says.

    Raises
    ------
    BadRubric
        If a table of the file, whichever it is, cannot be used.
    """
    tables = rubric.tables(path)
    return Totals(tuple(tables["bonus"]), float(tables["total"].get("most", math.inf)))


def apply(document: Document, totals: Totals) -> Document:
    """Return a document whose points and maximum are as a rubric says; as it was without that.

    Parameters
    ----------
    document : dict
        The result document, whose units have their own points.
    totals : Totals
        What the rubric says.
    """
    units = document["units"]
    bonus = [unit["unit"] for unit in units if unit["unit"] in totals.bonus]
    if not bonus and not totals.most < math.inf:
        return document
    asked = [unit["max_points"] for unit in units if unit["unit"] not in bonus]
    total: dict[str, Any] = {
        "points": document["points"],
        "max_points": document["max_points"],
        "bonus": bonus,
    }
    given = document["points"]
    if totals.most < math.inf:
        total["most"] = totals.most
        given = None if given is None else min(given, totals.most)
    most = min(round(math.fsum(asked), 6), totals.most)
    return {**document, "points": given, "max_points": most, "total": total}
