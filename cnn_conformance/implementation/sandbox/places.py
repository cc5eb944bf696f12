"""Which files the code under test may see: Python, the worker's own code, and the submission."""

from __future__ import annotations

import importlib.machinery
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from cnn_conformance import locations
from cnn_conformance.locations import PACKAGE

NEEDED = ("__init__.py", "arrays.py", "locations.py", "implementation")
"""What the worker imports of this suite: neither cases nor mistakes nor points."""
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt")
INSTALLATIONS = ("site-packages", "dist-packages")
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")


def readable(target: str, hidden: Iterable[Path]) -> list[Path]:
    """Return the files and folders that a worker may read.

    Parameters
    ----------
    target : str
        What `--impl` names.
    hidden : iterable of Path
        What it must not see, wherever it lies: golden data, rubrics, results.
    """
    secret = {place.resolve() for place in hidden} | {PACKAGE}
    found = [Path(place) for place in (*SYSTEM, *SETTINGS)]
    pythons = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]]
    found += [*pythons, *(place.resolve() for place in pythons)]
    found += [Path(entry) for entry in sys.path if _is_library(Path(entry), secret)]
    found = [seen for place in found for seen in _without(place, secret)]
    found += [*(PACKAGE / name for name in NEEDED), locations.REFERENCE]
    found += [seen for place in _submission(target) for seen in _without(place, secret)]
    return _outermost(found)


def listable(target: str) -> list[Path]:
    """Return the folders whose names, and no contents, are needed to import a submission."""
    inside = _submission(target)
    return inside if Path(target).is_file() else [place.parent for place in inside]


def _is_library(entry: Path, secret: Collection[Path]) -> bool:
    """Tell whether modules are installed in an entry of sys.path, rather than that work goes on."""
    if entry.name in INSTALLATIONS:
        return True
    here = entry.resolve()
    working = {*secret, Path.cwd(), *_homes()}
    return not any(here == place or here in place.parents for place in working)


def _submission(target: str) -> list[Path]:
    """Return where a submission and what it imports are."""
    path = Path(target)
    if path.is_dir():
        return [path.resolve()]
    if path.exists():
        return [path.resolve().parent]
    top = target.partition(".")[0]
    spec = importlib.machinery.PathFinder.find_spec(top, ["", *sys.path])
    if spec is None:
        return []
    if spec.submodule_search_locations:
        return [Path(place).resolve() for place in spec.submodule_search_locations]
    return [Path(spec.origin).resolve()] if spec.origin else []


def _without(place: Path, secret: Collection[Path]) -> Iterator[Path]:
    """Return a place, or what is in it but for what is secret.

    Of a home only Python files are given, and folders that have some: it is where people keep
    everything else too. So it is with the folder for temporary files, and what is above them.
    """
    inside = place.resolve()
    if inside in secret or not inside.exists():
        return
    is_home = any(inside == home or inside in home.parents for home in _homes())
    if not is_home and not any(inside in other.parents for other in secret):
        yield place
        return
    if not inside.is_dir():
        return
    for entry in sorted(inside.iterdir()):
        if not (is_home and _is_foreign(entry)):
            yield from _without(entry, secret)


def _homes() -> list[Path]:
    return [Path.home().resolve(), Path(tempfile.gettempdir()).resolve()]


def _is_foreign(entry: Path) -> bool:
    if entry.name.startswith("."):
        return True
    return entry.suffix != ".py" and not (entry.is_dir() and any(entry.glob("*.py")))


def _outermost(places: Sequence[Path]) -> list[Path]:
    """Leave out what is in another place of the list, and what does not exist."""
    kept: list[Path] = []
    for place in sorted(set(places), key=lambda p: len(p.parts)):
        if place.exists() and not any(other in place.parents for other in kept):
            kept.append(place)
    return kept
