"""Which files the code under test may see: Python, the worker's own code, and the submission.

What it must not see is left out of these. A rubric's forbidden modules are among that, with all
that was installed together with them, and so are all parts of the kit that a worker does without.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cnn_conformance.implementation.imports import CLOSED, Policy
from cnn_conformance.implementation.sandbox import installed
from cnn_conformance.implementation.target import place_of
from cnn_conformance.locations import GOLDEN, KIT_REFERENCE, PACKAGE, REFERENCE, SUITE

NEEDED = (
    *("__init__.py", "arrays.py", "locations.py", "unit.py", "units.py"),
    *("implementation", "adapt", "rows"),
)
"""What a worker imports of the kit: neither cases nor mistakes nor points."""
SYSTEM = ("/usr", "/usr/local")
TOP = ("/lib", "/lib32", "/lib64", "/bin")
PREFIX = ("bin", "lib", "lib32", "lib64", "share", "pyvenv.cfg")
"""What Python and the libraries below it need of where they are installed. Beside it may lie other
environments, archives of packages, sources."""
MODULES = ("lib*/py*/site-packages", "lib*/py*/dist-packages", "lib*/py*")
INSTALLATIONS = ("site-packages", "dist-packages")
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
ENGINE = ("cnn_conformance", "conformance", "fixtures")
"""What is no implementation, even if a target is given by that name."""
DEPTH_OF_CLONES, MOST_FOLDERS = 2, 500
"""How far the folders of a submission are searched for a clone of the kit."""


@dataclass(frozen=True)
class Visible:
    """What a process may read.

    Parameters
    ----------
    shown : tuple of Path
        Files and folders, the latter with what is in them.
    links : tuple of Path
        Links to what is in these, such as /lib.
    hidden : frozenset of Path
        What is not to be read though a folder that holds it is shown; unless it is, or is in, a
        place that is shown for itself.
    """

    shown: tuple[Path, ...]
    links: tuple[Path, ...]
    hidden: frozenset[Path]

    def covers(self, place: Path) -> bool:
        """Tell whether a place can be read."""
        place = place.resolve()
        shown = {each.resolve() for each in self.shown}
        nearest = next((p for p in (place, *place.parents) if p in shown or p in self.hidden), None)
        return nearest in shown

    def covered(self) -> list[Path]:
        """Return the outermost paths at which something hidden would be seen."""
        found: list[Path] = []
        for place in self.shown:
            real = place.resolve()
            if real not in self._above:
                continue
            inside = {h for h in self.hidden if real in h.parents and h.exists()}
            tops = (h for h in inside if not inside & set(h.parents))
            found += [place / h.relative_to(real) for h in tops]
        return found

    def pieces(self) -> tuple[list[Path], list[Path]]:
        """Return what is to be allowed where nothing within it can be denied.

        Returns
        -------
        readable : list of Path
            Files and folders that hold nothing hidden.
        listable : list of Path
            Folders that do: their names may be read, as a search for modules needs them.
        """
        readable: list[Path] = []
        listable: list[Path] = []
        todo = list(dict.fromkeys(place.resolve() for place in self.shown))
        for here in todo:  # which grows meanwhile
            if here not in self._above:
                readable.append(here)
                continue
            listable.append(here)
            entries = (entry for entry in _entries(here) if not entry.is_symlink())
            todo += [entry for entry in entries if entry not in self.hidden]
        return readable, listable

    @cached_property
    def _above(self) -> set[Path]:
        return {parent for place in self.hidden for parent in place.parents}


def visible(target: str, hidden: Iterable[Path] = (), policy: Policy = CLOSED) -> Visible:
    """Return what a worker may read.

    Parameters
    ----------
    target : str
        What `--impl` names.
    hidden : iterable of Path
        What it must not see, wherever it lies: golden data, rubrics, results.
    policy : Policy
        Which modules it may have. `reference` is the kit's own too, unless that is the target.
    """
    submission = _submission(target)
    kit = _kit([PACKAGE.parent, Path.cwd(), *_search_path(), *_folders(submission)])
    kit |= {PACKAGE, GOLDEN, SUITE, REFERENCE}
    secret = {place.resolve() for place in hidden}
    libraries = [entry for entry in _search_path() if _is_library(entry, secret | kit)]
    entries = {entry.resolve() for entry in (*libraries, *_entries_of_modules(submission))}
    kit |= _kit(entries)
    secret |= kit - {place for place in submission if _is_implementation(place, target)}
    secret |= _forbidden(policy, entries)
    shown = [Path(place) for place in (*TOP, *SETTINGS)]
    shown += [prefix / part for prefix in _prefixes() for part in PREFIX]
    shown += [*libraries, *(PACKAGE / name for name in NEEDED)]
    if KIT_REFERENCE not in policy.forbidden or REFERENCE not in secret:
        shown += [REFERENCE, PACKAGE / KIT_REFERENCE]
    shown += [seen for place in submission for seen in _inside(place, secret)]
    shown = _outermost(shown, secret)
    links = [place for place in shown if place.is_symlink() and _is_beside(place, shown)]
    others = [place for place in shown if place not in links]
    return Visible(tuple(others), tuple(links), frozenset(secret))


def listable(target: str) -> list[Path]:
    """Return the folders whose names, and no contents, are needed to import a submission."""
    inside = _submission(target)
    return inside if Path(target).is_file() else [place.parent for place in inside]


def _kit(folders: Iterable[Path]) -> set[Path]:
    """Return the parts of the kit, of this or any other version, that lie in some folders."""
    return {part.resolve() for folder in folders for part in installed.kit(folder)}


def _forbidden(policy: Policy, entries: Iterable[Path]) -> set[Path]:
    """Return what provides the forbidden modules; those of Python's own, it needs itself."""
    library = sys.stdlib_module_names
    names = [name for name in policy.forbidden if name.partition(".")[0] not in library]
    kept = (*policy.allowed, *policy.reported)
    found = (place for entry in entries for place in installed.provides(entry, names, kept))
    return {place.resolve() for place in found}


def _prefixes() -> list[Path]:
    """Return where this Python is installed, and the environment that it runs in."""
    places = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]]
    return [*map(Path, SYSTEM), *places, *(place.resolve() for place in places)]


def _entries_of_modules(submission: Iterable[Path]) -> list[Path]:
    """Return the folders in which modules are installed, in a submission's environment too."""
    found = [entry for prefix in _prefixes() for each in MODULES for entry in prefix.glob(each)]
    return found + [entry for place in submission for entry in place.glob(f"*/{MODULES[0]}")]


def _search_path() -> list[Path]:
    return [Path(entry) for entry in sys.path if entry]


def _is_library(entry: Path, secret: Collection[Path]) -> bool:
    """Tell whether modules are installed in an entry of sys.path, rather than that work goes on."""
    if entry.name in INSTALLATIONS:
        return True
    here = entry.resolve()
    if any(here == place or here in place.parents for place in (Path.cwd(), *_homes())):
        return False
    is_clear = not any(here == place or here in place.parents for place in secret)
    return is_clear or any(entry.glob("*.dist-info"))


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
    if not spec.submodule_search_locations:
        return [Path(spec.origin).resolve()] if spec.origin else []
    found = [Path(place).resolve() for place in spec.submodule_search_locations]
    place = place_of(target)  # as cnn_conformance.reference is in the kit's own package
    is_reference = place is not None and REFERENCE in (place, *place.parents)
    return [*found, REFERENCE] if is_reference else found


def _is_implementation(part: Path, target: str) -> bool:
    """Tell whether a part of the kit is what is to be graded; a link does not make it that."""
    path = Path(target)
    is_link = path.is_symlink() and path.absolute() != PACKAGE / KIT_REFERENCE
    return part.name not in ENGINE and not is_link


def _folders(submission: Iterable[Path]) -> Iterator[Path]:
    """Yield the folders of a submission in which a clone of the kit may lie, up to a number."""
    todo = [(place, 0) for place in submission]
    for folder, depth in todo:  # which grows meanwhile
        yield folder
        if depth < DEPTH_OF_CLONES and len(todo) < MOST_FOLDERS:
            below = [entry for entry in _entries(folder) if entry.is_dir()]
            todo += [(entry, depth + 1) for entry in below if not entry.is_symlink()]


def _entries(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):  # not a folder, or not to be read: neither for a worker
        return sorted(folder.iterdir())
    return []


def _inside(place: Path, secret: Collection[Path]) -> Iterator[Path]:
    """Yield a place, or of a home what is in it.

    Of a home only Python files are given, and folders that have some: it is where people keep
    everything else too. So it is with the folder for temporary files, and what is above them.
    """
    if place in secret:
        return
    if not any(place == home or place in home.parents for home in _homes()):
        yield place
        return
    for entry in _entries(place):
        leads_out = entry.is_symlink() and place not in entry.resolve().parents
        if not (_is_foreign(entry) or leads_out):
            yield from _inside(entry, secret)


def _homes() -> list[Path]:
    return [Path.home().resolve(), Path(tempfile.gettempdir()).resolve()]


def _is_foreign(entry: Path) -> bool:
    if entry.name.startswith("."):
        return True
    return entry.suffix != ".py" and not (entry.is_dir() and any(entry.glob("*.py")))


def _is_beside(link: Path, places: Collection[Path]) -> bool:
    """Tell whether a link leads to, or into, one of some places."""
    real = link.resolve()
    return any(real == place or place in real.parents for place in places if place != link)


def _outermost(places: Collection[Path], secret: Collection[Path]) -> list[Path]:
    """Leave out what does not exist, and what another place of the list shows already."""
    kept: list[Path] = []
    known: dict[Path, bool] = dict.fromkeys(secret, False)
    for place in sorted(set(places), key=lambda p: len(p.parts)):
        nearest = next((parent for parent in place.parents if parent in known), None)
        if place.exists() and not (nearest is not None and known[nearest]):
            kept.append(place)
            known[place] = True
    return kept
