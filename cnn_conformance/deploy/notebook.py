"""An assignment for nbgrader: the template's units as cells, and a check after each.

The checks are practice: they run in the student's own kernel, as all that nbgrader grades does.
What is hidden stays with the grader, who grades the notebooks that come in with
`cnn-conformance batch --nbgrader`, in a sandbox and with a private set.

References
----------
https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cnn_conformance import template, units
from cnn_conformance.grading import profiles, rubric
from cnn_conformance.locations import REFERENCE
from cnn_conformance.oracle import specification

SCHEMA = 3
HEAD = """\
# A convolutional network in numpy

Each unit has a cell for you to write and a cell that checks it. Write the units in this order:
later ones build on earlier ones. A check says what is wrong, and what to look at.
"""
SETUP = """\
try:
    from cnn_conformance import check
except ImportError:
    pass  # while it is graded, in a sandbox
"""
Cell = dict[str, Any]


def assignment(profile: str = "core", path: Path | None = None) -> str:
    """Return the notebook as JSON.

    Parameters
    ----------
    profile : str
        What the course asks for.
    path : Path, optional
        A rubric instead of the default one.
    """
    return book(template.build(REFERENCE), profile, path)


def book(files: Mapping[str, str], profile: str = "core", path: Path | None = None) -> str:
    """Return the notebook of some files: the template's, or others with the same names."""
    stems: dict[str, dict[str, float]] = {}
    for stem, unit, _, worth in worths(profile, path):
        of_stem = stems.setdefault(stem, {})
        of_stem[unit] = of_stem.get(unit, 0.0) + worth
    cells = [_cell("head", HEAD, "markdown", locked=True), _cell("setup", SETUP, locked=True)]
    given = [stem for stem in used(files, stems) if stem not in stems]
    cells += [_cell(f"given-{stem}", flat(files, stem), locked=True) for stem in given]
    for stem in sorted(stems, key=units.taught):
        cells += [*_unit(stem, flat(files, stem), stems[stem], profile)]
    return written(cells)


def worths(profile: str, path: Path | None) -> Iterator[tuple[str, str, str, float]]:
    """Yield for each requirement of units to write: stem, unit, aspect and points."""
    known = specification.requirements()
    for id_, worth in profiles.plan(profile, path or rubric.DEFAULT).worth.items():
        unit = known[id_].unit
        if unit in units.EXPORTED:
            yield units.of(unit).stem, unit, known[id_].aspect, worth


def asking(profile: str) -> str:
    """Return what a call of `check` adds for a profile."""
    return "" if profile == "core" else f", profile={profile!r}"


def written(cells: list[Cell]) -> str:
    """Return the notebook of some cells as JSON."""
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)],
    }
    return json.dumps(notebook, indent=1) + "\n"


def plain(kind: str, source: str) -> Cell:
    """Return a cell: "code", "markdown" or "raw"."""
    cell: Cell = {
        "cell_type": kind,
        "metadata": {},
        "source": source.strip().splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _unit(stem: str, source: str, points: Mapping[str, float], profile: str) -> Iterator[Cell]:
    yield _cell(f"{stem}-title", f"## {', '.join(points)}", "markdown", locked=True)
    yield _cell(stem, source, solution=True)
    for unit, exact in points.items():
        worth = round(exact, 6)
        text = f"result = check({unit}{asking(profile)})\nprint(result)\n{worth:g} * result.share"
        yield _cell(f"{unit}-check", text, locked=True, points=worth)


def _cell(
    name: str,
    source: str,
    kind: str = "code",
    *,
    locked: bool = False,
    solution: bool = False,
    points: float | None = None,
) -> Cell:
    """Return a cell with nbgrader's metadata; one with points is graded."""
    told: Cell = {
        "schema_version": SCHEMA,
        "grade": points is not None,
        "locked": locked,
        "solution": solution,
        "task": False,
        "grade_id": name,
    }
    if points is not None:
        told["points"] = points
    return {"id": name[:64], **plain(kind, source), "metadata": {"nbgrader": told}}


def used(files: Mapping[str, str], stems: Iterable[str]) -> list[str]:
    """Return the files that some files need, with these, each after those that it needs itself."""
    found: dict[str, None] = {}

    def visit(stem: str) -> None:
        if stem in found:
            return
        for node in ast.parse(files[f"{stem}.py"]).body:
            for name in _near(node):
                visit(name)
        found[stem] = None

    for stem in stems:
        visit(stem)
    return list(found)


def _near(node: ast.stmt) -> list[str]:
    """Return the neighbours that a statement imports from."""
    if not isinstance(node, ast.ImportFrom) or node.level != 1:
        return []
    return [node.module] if node.module else [alias.name for alias in node.names]


def _given(node: ast.stmt) -> list[str]:
    """Return the names that a definition or an assignment gives."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def flat(files: Mapping[str, str], stem: str) -> str:
    """Return a file without the imports from its neighbours: a notebook is one module."""
    source = files[f"{stem}.py"]
    body = ast.parse(source).body
    lines = source.splitlines()
    for node in body:
        if _near(node):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (
                (node.end_lineno or node.lineno) - node.lineno + 1
            )
    text = "\n".join(lines).strip()
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    if stem == "checks":  # which others use by its name
        names = [name for node in body for name in _given(node) if not name.startswith("_")]
        given = ", ".join(f"{name}={name}" for name in names)
        text += f"\n\n\nimport types\n\nchecks = types.SimpleNamespace({given})"
    return text
