"""Options of other plugins that a run of the suite cannot have, or that mislead."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

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


def check(options: argparse.Namespace) -> None:
    """Refuse what would end in a result that is not true.

    Raises
    ------
    pytest.UsageError
        With the option, what it says, and what was expected.
    """
    for name, (flag, why) in UNTRUE.items():
        value = getattr(options, name, None)
        if value and value != UNUSED.get(name):
            raise pytest.UsageError(f"{flag}: not supported by the suite: {why}")


def notes(options: argparse.Namespace) -> list[str]:
    """Return what a user of other plugins should know."""
    measured: Any = getattr(options, "cov_source", None)
    if measured and options.isolation != "none":
        return [
            "--cov sees this process only: to measure the coverage of an implementation that you "
            "trust, add --isolation=none"
        ]
    return []
