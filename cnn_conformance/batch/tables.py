"""What a batch writes in the end: gradebooks, the page of the class, and whose code is alike."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cnn_conformance import template
from cnn_conformance.batch import class_report, gradebook, late, likeness, results
from cnn_conformance.batch.gradebook import one_line
from cnn_conformance.batch.grading import PAGE, RESULT
from cnn_conformance.batch.journal import Entry
from cnn_conformance.batch.submissions import Submission
from cnn_conformance.grading import profiles, rubric
from cnn_conformance.locations import REFERENCE

SHOWN = 5
"""How many groups of like code, or absent students, are named on the terminal."""


def write(
    entries: Sequence[Entry],
    submissions: Sequence[Submission],
    places: dict[str, str],
    out: Path,
    options: argparse.Namespace,
) -> bool:
    """Write the tables and the page of the class; tell whether that was possible.

    Parameters
    ----------
    entries : sequence of dict
        What came of each submission.
    submissions : sequence of Submission
        These themselves.
    places : dict
        The folder of each one's result, by name.
    out : Path
        Where to write.
    options : Namespace
        Those of the command.
    """
    if options.late:
        late_by = late.table(options.late)
        entries = late.applied(entries, late_by, late.policy(options.rubric or rubric.DEFAULT))
        if unknown := sorted(set(late_by) - {entry["name"] for entry in entries}):
            print(f"in {options.late}, but without a submission: {_some(unknown)}")
    units = class_report.units_of(entries)
    pages = {name: f"{place}/{PAGE}" for name, place in places.items()}
    pages = {name: page for name, page in pages.items() if (out / page).exists()}
    title = options.submissions.name
    dialect = profiles.plan(options.profile, options.rubric or rubric.DEFAULT).dialect
    alike = _alike(submissions, options)
    files: dict[str, Callable[[], str]] = {
        "gradebook.csv": lambda: gradebook.generic(entries, units),
        "class.html": lambda: class_report.render(entries, pages, title, dialect, alike),
        "alike.csv": lambda: likeness.table(alike),
    }
    if options.nbgrader:
        files["nbgrader.csv"] = lambda: gradebook.nbgrader(entries, options.nbgrader)
    if options.canvas:
        table = gradebook.canvas(entries, options.canvas, options.canvas_assignment)
        files["canvas.csv"] = lambda: table.text
        if table.nobody:
            print(f"not in {options.canvas}: {', '.join(map(one_line, table.nobody))}")
        if table.absent:
            print(f"no submission from {_some(table.absent)}")
    written = []
    for name, text in files.items():
        try:
            results.write(out / name, text())
            written.append(name)
        except OSError as error:
            why = error.strerror or error
            print(f"{out / name} cannot be written and is unchanged: {why}", file=sys.stderr)
    if written:
        print(
            f"written: {', '.join(written)}, and {RESULT} and {PAGE} of each submission, in {out}"
        )
    return len(written) == len(files)


def _alike(submissions: Sequence[Submission], options: argparse.Namespace) -> list[likeness.Alike]:
    """Return whose code is alike, and say so."""
    if options.template:
        given = likeness.of_folder(options.template)
    else:
        files = template.build(REFERENCE)
        given = likeness.of_texts(text for name, text in files.items() if name.endswith(".py"))
    found = likeness.find(submissions, given)
    for each in found[:SHOWN]:
        print(f"to look at: {_some(each.names)} have {each.how} code")
    if len(found) > SHOWN:
        print(f"and {len(found) - SHOWN} more, see alike.csv")
    return found


def _some(names: Sequence[str]) -> str:
    """Return names for a line."""
    shown = [one_line(name) for name in names[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
