"""Telling a module that is not there from one that the sandbox hides. Runs in the grader's process.

The worker hands over where it has looked; what lies there it does not learn. Only whoever reads the
report does, so this is left to those whose own machine it is.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cnn_conformance.implementation.sandbox.visible_paths import Visible

MOST_PROBLEMS, MOST_PLACES = 20, 200
"""How much of what the worker says is looked into: it may say anything."""
MISSING = re.compile(r"ModuleNotFoundError: No module named '([A-Za-z_][\w.]*)'")


def explain(
    problems: Sequence[str], looked: Sequence[str], target: str, visible: Visible
) -> list[str]:
    """Return the problems of imports, each with what to do about it: see `explained`."""
    if not any(MISSING.search(each) for each in problems):
        return list(problems)
    looked = looked[:MOST_PLACES]
    some = [explained(each, looked, target, visible) for each in problems[:MOST_PROBLEMS]]
    return [*some, *problems[MOST_PROBLEMS:]]


def explained(problem: str, looked: Sequence[str], target: str, visible: Visible) -> str:
    """Return the problem of an import, and what to do where the module exists but cannot be read.

    Parameters
    ----------
    problem : str
        What the worker says.
    looked : sequence of str
        Its sys.path.
    target : str
        What `--impl` names.
    visible : Visible
        What the worker may read; of what is hidden from it on purpose nothing is said.
    """
    named = MISSING.search(problem)
    if named is None or not Path(target).exists():
        return problem
    here = Path(target).resolve()
    for place in _places(named[1].split("."), [*looked, str(here.parent)]):
        if any(_within(place, other) or _within(other, place) for other in visible.hidden):
            continue
        if visible.covers(place):
            continue
        folder = here.parent if here.is_file() else here
        return (
            f"{problem}. {place} exists, and cannot be read in the sandbox: put it into {folder} "
            "or below, install it, or grade with --isolation=process"
        )
    return problem


def _places(parts: list[str], looked: Sequence[str]) -> Iterator[Path]:
    """Yield where a module is, or the package that it is in: a folder or a file."""
    for entry in looked:
        if not entry or not Path(entry).is_absolute():
            continue
        place = Path(entry).joinpath(*parts)
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # a name may be anything
            if place.is_dir():
                yield place.resolve()
            elif place.with_suffix(".py").is_file():
                yield place.with_suffix(".py").resolve()


def _within(place: Path, other: Path) -> bool:
    return place == other or other in place.parents
