"""The command line of `cnn-conformance batch`."""

from __future__ import annotations

import os
from pathlib import Path

from cnn_conformance import language
from cnn_conformance.grading import profiles, reveal
from cnn_conformance.implementation import sandbox, styles
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.parsing import Parser, positive, whole


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser(
        "batch",
        "Grade a class: every submission in a sandbox of its own. After an interruption, the same "
        "command continues.",
    )
    add, limits = made.add_argument, Limits()
    add(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="a folder of folders, .py files, notebooks and archives, or a CSV file with name and "
        "path",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="where the results go")
    add(
        "--jobs",
        type=whole,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many to grade at a time (default: %(default)s)",
    )
    add(
        "--regrade",
        action="store_true",
        help="grade again what has changed: a submission, the golden data, the rubric, the suite",
    )
    add("--scheduler", metavar="ADDRESS", help="grade on a dask cluster (extra: cluster)")
    add("--style", default="", metavar="NAME", help=styles.HELP)
    add("--profile", default="core", metavar="NAME", help=profiles.HELP)
    add("--rubric", type=Path, metavar="FILE", help="a rubric instead of rubric.toml")
    add("--expect", type=Path, metavar="FILE", help="failures that are expected of everybody")
    add("--golden", type=Path, metavar="DIR", help="a private set")
    add("--reveal", choices=reveal.LEVELS, default="all", help="what the pages show")
    language.add_option(add, "the pages")
    add("--isolation", choices=("auto", *sandbox.LEVELS), default="auto")
    add("--require-isolation", choices=sandbox.LEVELS, help="refuse to run below this level")
    for name, default, what in (
        ("--call-timeout", limits.call, "a call"),
        ("--import-timeout", limits.load, "the import"),
        ("--run-timeout", limits.run, "a submission"),
    ):
        add(
            name,
            type=positive,
            default=default,
            metavar="N",
            help=f"CPU seconds for {what} (default: {default:g})",
        )
    add(
        "--memory-limit",
        type=positive,
        default=limits.memory / 2**30,
        metavar="N",
        help="GiB of memory for a submission, of all its processes together (default: %(default)g)",
    )
    add(
        "--canvas",
        type=Path,
        metavar="EXPORT.csv",
        help="write canvas.csv for the students in this Canvas export",
    )
    add("--canvas-assignment", metavar="TITLE", help="the export's column, such as 'CNN (1234)'")
    add(
        "--template",
        type=Path,
        metavar="DIR",
        help="what was given to all, which is not compared (default: the kit's template)",
    )
    add(
        "--late",
        type=Path,
        metavar="FILE.csv",
        help="who was late: name, and late_days, late_hours or late_seconds; the rubric's [late] "
        "says what that costs",
    )
    add("--nbgrader", metavar="ASSIGNMENT", help="write nbgrader.csv for an assignment")
    return made
