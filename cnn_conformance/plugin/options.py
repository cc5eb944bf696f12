"""The options that a run of the suite has, and what is wrong with their values."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from cnn_conformance.grading import profiles, reveal
from cnn_conformance.implementation import sandbox, styles
from cnn_conformance.implementation.limits import Limits

LARGEST_LIMIT = 1e6
ONE_PROCESS = "the checks build on each other, in one process"
ONCE = "every check counts once"
UNTRUE = {
    "numprocesses": ("-n", ONE_PROCESS),
    "tx": ("--tx", ONE_PROCESS),
    "workers": ("--workers", ONE_PROCESS),
    "tests_per_worker": ("--tests-per-worker", ONE_PROCESS),
    "forked": ("--forked", ONE_PROCESS),
    "count": ("--count", ONCE),
    "reruns": ("--reruns", ONCE),
    "flake_finder_enable": ("--flake-finder", ONCE),
}
"""Options of other plugins under which a result would not be what it says, and why."""
UNUSED = {"count": 1}
"""Values that such an option has where nobody has given it, other than nothing."""


def add(parser: pytest.Parser) -> None:
    """Add the suite's options to pytest's."""
    group = parser.getgroup("conformance")
    group.addoption(
        "--impl",
        metavar="PATH",
        help="the implementation: a package folder, a folder of .py files, a .py file, "
        "a notebook or a dotted name (default: the kit's reference)",
    )
    group.addoption(
        "--style",
        metavar="NAME",
        default="",
        help=styles.HELP,
    )
    group.addoption(
        "--golden", metavar="DIR", type=Path, help="grade with a private set of golden data"
    )
    group.addoption(
        "--profile",
        metavar="NAME",
        default="core",
        help=profiles.HELP,
    )
    group.addoption("--rubric", metavar="FILE", type=Path, help="a rubric instead of rubric.toml")
    group.addoption(
        "--expect",
        metavar="FILE",
        type=Path,
        help="expected failures (TOML): only others fail the run, and listed ones that pass",
    )
    group.addoption("--result", metavar="FILE", type=Path, help="write the result document (JSON)")
    group.addoption(
        "--report",
        metavar="DIR",
        type=Path,
        help="write report.html, report.md, junit.xml, results.json (Gradescope) and ctrf.json",
    )
    group.addoption(
        "--isolation",
        choices=("auto", *sandbox.LEVELS),
        default="auto",
        help="how strictly to confine the implementation (default: as this machine allows)",
    )
    group.addoption(
        "--require-isolation", choices=sandbox.LEVELS, help="refuse to run below this level"
    )
    group.addoption(
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
        group.addoption(
            name,
            type=_positive,
            default=default,
            metavar="N",
            help=f"{what} (default: {default:g})",
        )


def check(options: argparse.Namespace) -> None:
    """Refuse what would end in no result, or in one that is not true.

    Raises
    ------
    pytest.UsageError
        With the option, what it says, and what was expected.
    """
    for name, (flag, why) in UNTRUE.items():
        value = getattr(options, name, None)
        if value and value != UNUSED.get(name):
            raise pytest.UsageError(f"{flag}: not supported by the suite: {why}")
    if options.result:
        _check_result(options.result.absolute())
    if options.report:
        _check_report(options.report.absolute())


def notes(options: argparse.Namespace) -> list[str]:
    """Return what a user of other plugins should know."""
    measured: Any = getattr(options, "cov_source", None)
    if measured and options.isolation != "none":
        return [
            "--cov sees this process only: to measure the coverage of an implementation that you "
            "trust, add --isolation=none"
        ]
    return []


def _check_result(path: Path) -> None:
    if not path.parent.is_dir():
        raise pytest.UsageError(f"--result: there is no folder {path.parent}")
    if path.is_dir():
        raise pytest.UsageError(f"--result: {path} is a folder, expected a file to write")


def _check_report(folder: Path) -> None:
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise pytest.UsageError(f"--report: {place} is a file, expected a folder")


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LARGEST_LIMIT:
        raise argparse.ArgumentTypeError(
            f"expected a number above 0 and up to {LARGEST_LIMIT:g}, got {text}"
        )
    return value
