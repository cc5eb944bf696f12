"""What `--impl` names, found without importing any of it. Runs in the grader's process."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from cnn_conformance.locations import KIT_REFERENCE, REFERENCE


class NoTarget(ValueError):
    """There is no such implementation; the text is for the user."""


def known(target: str | None) -> str:
    """Return a target as the rest of the kit takes it: the path of the kit's reference for none.

    Raises
    ------
    NoTarget
        If there is no file, folder or module of this name.
    """
    if target is None:
        here = Path(KIT_REFERENCE)
        return KIT_REFERENCE if here.resolve() == REFERENCE else str(REFERENCE)
    if place_of(target) is not None:
        return target
    if target == KIT_REFERENCE:
        return str(REFERENCE)
    if not target:
        raise NoTarget("expected a path or a dotted name, got nothing")
    raise NoTarget(f"there is no file, folder or module {target}")


def place_of(target: str) -> Path | None:
    """Return the folder or the file of an implementation, None if there is no such thing.

    Parameters
    ----------
    target : str
        A path, or a dotted name that is looked for in the working directory and in `sys.path`.
    """
    try:
        path = Path(target)
        if target and path.exists():
            return path.resolve()
    except (OSError, ValueError):  # too long for a path, or with a NUL in it
        return None
    return _module(target.split("."), [os.getcwd(), *sys.path])


def _module(names: Sequence[str], search_path: Sequence[str]) -> Path | None:
    """Return where a dotted name is: its packages are looked through, and not imported."""
    path: Sequence[str] | None = search_path
    spec = None
    for depth in range(len(names)):
        if path is None or not names[depth].isidentifier():
            return None
        spec = PathFinder.find_spec(".".join(names[: depth + 1]), path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    if spec is None:
        return None
    if path:
        return Path(next(iter(path))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None
