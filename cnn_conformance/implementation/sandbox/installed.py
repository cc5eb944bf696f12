"""What of the files that modules are installed in provides a module, and where the kit itself is.

Nothing is imported: a module is found by the names of files, the rest of what was installed with it
by the lists that installers leave beside it.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

COMPANIONS = {"jax": ("jaxlib",), "numba": ("llvmlite",)}
"""Distributions that compute what another, which does not contain them, is known for."""
SUITE_MARK = Path("conformance", "SPEC.md")
WHEEL_MARK = Path("cnn_conformance", "suite")
PARTS = ("conformance", "cnn_conformance", "fixtures", "reference", "student_template")
"""What a clone, or an older version of the kit that is installed, has on its top level."""
PARTS_OF_CLONE = ("tests", "examples", "benchmarks", "docs", "build", "dist", ".git")
TOP = re.compile(rb"^([A-Za-z_]\w*)(?:[/\n]|\.(?!pth,))", re.MULTILINE)
"""The first part of a path in a list of files, but for what is read when Python starts."""


def kit(folder: Path) -> list[Path]:
    """Return what in a folder belongs to the kit: nothing if it is neither a clone nor holds one.

    Whatever else lies there stays, such as the file of a user who works in a clone.
    """
    if (folder / SUITE_MARK).is_file():
        is_clone = (folder / "pyproject.toml").is_file()
        return [folder / name for name in (*PARTS, *(PARTS_OF_CLONE if is_clone else ()))]
    return [folder / WHEEL_MARK.parent] if (folder / WHEEL_MARK).exists() else []


def provides(entry: Path, modules: Collection[str], kept: Collection[str] = ()) -> set[Path]:
    """Return what provides some modules in an entry of the search path: files and folders.

    Parameters
    ----------
    entry : Path
        A folder, or an archive, in which modules are looked for.
    modules : collection of str
        Names, dotted ones too. Of a module on the top level everything counts that was installed
        with it.
    kept : collection of str
        Modules that do not, even if they were.
    """
    if not entry.is_dir():
        return {entry} if modules and _tops_of_archive(entry) & set(modules) else set()
    wanted = {name for name in modules if "." not in name}
    wanted |= {other for name in wanted for other in COMPANIONS.get(name, ())}
    names = _listed(entry)
    tops = wanted & {name.partition(".")[0] for name in names}
    found = set()
    for metadata in _distributions(entry, names, wanted, tops):
        found.add(metadata)
        own = {match[1].decode() for match in TOP.finditer(_list_of_files(metadata))} - set(kept)
        tops |= {top for top in own if _is_package(entry / top)}
    found |= {place for top in tops for place in _files_of(entry, top)}
    for name in modules:
        if "." in name and name.partition(".")[0] not in tops:
            *above, last = name.split(".")
            found.update(_files_of(entry.joinpath(*above), last))
    return found


def _distributions(
    entry: Path, names: Collection[str], wanted: Collection[str], tops: Collection[str]
) -> list[Path]:
    """Return the metadata of distributions that have the name of a module, or provide one.

    Parameters
    ----------
    entry : Path
        An entry of the search path.
    names : collection of str
        Its files.
    wanted : collection of str
        Modules.
    tops : collection of str
        Those of them that are there.
    """
    labels = {
        name: _normalized(name.partition("-")[0].removesuffix(".egg-info"))
        for name in names
        if name.endswith((".dist-info", ".egg-info", ".egg"))
    }
    normalized = {_normalized(name) for name in wanted}
    found = [entry / name for name, label in labels.items() if label in normalized]
    unclear = [top for top in tops if _normalized(top) not in labels.values()]
    if unclear:  # as cv2, which opencv-python provides
        lines = [f"\n{top}{end}".encode() for top in unclear for end in "/.\n"]
        listed = {entry / name: _list_of_files(entry / name) for name in labels}
        found += [m for m, text in listed.items() if any(line in text for line in lines)]
    return found


def _files_of(folder: Path, name: str) -> Iterator[Path]:
    """Yield a module in a folder: its folder, source, compiled code and shared libraries."""
    for place in (folder, folder / "__pycache__"):
        yield from (place / each for each in _listed(place) if _is_file_of(name, each))


def _is_file_of(module: str, name: str) -> bool:
    return name == module or (name.startswith(f"{module}.") and not name.endswith(".pth"))


def _listed(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):  # not there, or not to be read by anyone here
        return os.listdir(folder)
    return []


def _is_package(place: Path) -> bool:
    """Tell whether a folder is one distribution's own, rather than shared with others."""
    return (place / "__init__.py").exists() or not place.is_dir()


def _list_of_files(metadata: Path) -> bytes:
    """Return the files that a distribution has installed, or only its modules, a line each."""
    for name in ("RECORD", "top_level.txt"):
        with contextlib.suppress(OSError):
            return b"\n" + (metadata / name).read_bytes()
    return b""


def _tops_of_archive(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    import zipfile  # only here: it takes a moment, and few have an archive on their path

    with (
        contextlib.suppress(OSError, zipfile.BadZipFile, ValueError),
        zipfile.ZipFile(file) as opened,
    ):
        return {re.split(r"[/.]", name, maxsplit=1)[0] for name in opened.namelist()}
    return set()


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
