"""The options that a run of the suite has, in pytest and in `cnn-conformance grade`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from cnn_conformance import language
from cnn_conformance.grading import profiles, reveal
from cnn_conformance.implementation import sandbox, styles
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.parsing import positive


class WrongUsage(ValueError):
    """An option asks for what cannot be; the text names it and says why."""


def add(add_option: Callable[..., object]) -> None:
    """Add what a run of the suite can be told to a parser.

    Parameters
    ----------
    add_option : callable
        `addoption` of pytest, or `add_argument` of argparse: both take the same.
    """
    add_option(
        "--impl",
        metavar="PATH",
        help="the implementation: a package folder, a folder of .py files, a .py file, "
        "a notebook or a dotted name (default: the kit's reference)",
    )
    add_option(
        "--style",
        metavar="NAME",
        default="",
        help=styles.HELP,
    )
    add_option("--golden", metavar="DIR", type=Path, help="grade with a private set of golden data")
    add_option(
        "--profile",
        metavar="NAME",
        default="core",
        help=profiles.HELP,
    )
    add_option("--rubric", metavar="FILE", type=Path, help="a rubric instead of rubric.toml")
    add_option(
        "--expect",
        metavar="FILE",
        type=Path,
        help="expected failures (TOML): only others fail the run, and listed ones that pass",
    )
    add_option("--result", metavar="FILE", type=Path, help="write the result document (JSON)")
    add_option(
        "--report",
        metavar="DIR",
        type=Path,
        help="write report.html, report.md, junit.xml, results.json (Gradescope) and ctrf.json",
    )
    language.add_option(add_option)
    add_option(
        "--full", action="store_true", help="show every failure, and all that is known of it"
    )
    add_option(
        "--visibility",
        action="append",
        default=[],
        metavar="[NAME=]WHEN",
        help="of --report's results.json, as for cnn-conformance report (may be repeated)",
    )
    add_option(
        "--isolation",
        choices=("auto", *sandbox.LEVELS),
        default="auto",
        help="how strictly to confine the implementation (default: as this machine allows)",
    )
    add_option("--require-isolation", choices=sandbox.LEVELS, help="refuse to run below this level")
    add_option(
        "--reveal",
        choices=reveal.LEVELS,
        default="all",
        help="how much of the golden data the reports show (default: all)",
    )
    limits = Limits()
    for name, default, what in (
        ("--call-timeout", limits.call, "CPU seconds for one call, of all its processes together"),
        ("--import-timeout", limits.load, "CPU seconds for the import"),
        (
            "--run-timeout",
            limits.run,
            "CPU seconds for the whole run",
        ),
        (
            "--memory-limit",
            limits.memory / 2**30,
            "GiB of memory, of all its processes together",
        ),
    ):
        add_option(
            name,
            type=positive,
            default=default,
            metavar="N",
            help=f"{what} (default: {default:g})",
        )


def check(options: argparse.Namespace) -> None:
    """Refuse files that could not be written in the end.

    Raises
    ------
    WrongUsage
        With the option, what it says, and what was expected.
    """
    if options.result:
        _check_result(options.result.absolute())
    if options.report:
        _check_report(options.report.absolute())
    if options.visibility:
        _check_visibility(options)


def _check_visibility(options: argparse.Namespace) -> None:
    from cnn_conformance.reports import gradescope  # only here: most runs write no report

    if not options.report:
        raise WrongUsage("--visibility is of results.json, which --report DIR writes: expected it")
    try:
        gradescope.rules(options.visibility)
    except gradescope.BadRule as error:
        raise WrongUsage(str(error)) from error


def _check_result(path: Path) -> None:
    if not path.parent.is_dir():
        raise WrongUsage(f"--result: there is no folder {path.parent}")
    if path.is_dir():
        raise WrongUsage(f"--result: {path} is a folder, expected a file to write")


def _check_report(folder: Path) -> None:
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise WrongUsage(f"--report: {place} is a file, expected a folder")
