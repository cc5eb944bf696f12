"""Finding what is to be graded: folders, files, archives, or a table that names them."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cnn_conformance.batch.archives import BadArchive, unpack

MOST_FILES = 5_000
MOST_BYTES = 256 << 20
IGNORED = ("__pycache__", "__MACOSX", ".git", ".DS_Store")


class BadSubmissions(ValueError):
    """There is nothing that could be graded; the text is for the user."""


@dataclass(frozen=True)
class Submission:
    """What one person has handed in.

    Parameters
    ----------
    name : str
        Whose it is: the name of the folder or file, or what a table says.
    target : Path
        What `--impl` would name.
    digest : str
        A hash of all files.
    problem : str
        Why it cannot be graded, or nothing.
    """

    name: str
    target: Path
    digest: str
    problem: str = ""


def find(source: Path, work: Path) -> list[Submission]:
    """Return all submissions, sorted by name.

    Parameters
    ----------
    source : Path
        A folder of folders, `.py` files and `.zip` files; or a CSV file with the columns `name` and
        `path`, the latter relative to it.
    work : Path
        A folder for what is unpacked. A single file is copied to a folder of its own there, so that
        it cannot import its neighbours.

    Raises
    ------
    BadSubmissions
        If there are none.
    """
    entries = list(_of_table(source) if source.is_file() else _of_folder(source))
    if not entries:
        raise BadSubmissions(
            f"{source}: expected a folder of folders, .py files and .zip files, or a CSV file "
            "with the columns name and path; found none of them"
        )
    twice = {name for name, _ in entries if sum(other == name for other, _ in entries) > 1}
    named = [(place.name if name in twice else name, place) for name, place in entries]
    if len({name for name, _ in named}) < len(named):
        raise BadSubmissions(f"{source}: two submissions have the same name")
    return [_submission(name, place, work) for name, place in sorted(named)]


def _of_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    if not folder.is_dir():
        raise BadSubmissions(f"{folder}: there is no such folder or file")
    for place in sorted(folder.iterdir()):
        if place.name.startswith(".") or place.name in IGNORED:
            continue
        if place.is_dir() or place.suffix.lower() in (".py", ".zip"):
            yield (place.name if place.is_dir() else place.stem), place


def _of_table(table: Path) -> Iterator[tuple[str, Path]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadSubmissions(f"{table}: cannot be read: {error}") from error
    for number, row in enumerate(rows, start=2):
        name, path = (row.get("name") or "").strip(), (row.get("path") or "").strip()
        if not (name and path):
            raise BadSubmissions(f"{table}, line {number}: expected a name and a path, got {row}")
        yield name, table.parent / path


def _submission(name: str, place: Path, work: Path) -> Submission:
    try:
        digest = _digest(place)
        own = work / f"{plain(name)}-{digest[:12]}"
        if place.suffix.lower() == ".zip":
            _fill(own, lambda folder: unpack(place, folder / "unpacked"))
            place = own / "unpacked"
        elif place.is_file():
            copied = place
            _fill(own, lambda folder: shutil.copyfile(copied, folder / copied.name))
            place = own / place.name
        target = _descend(place) if place.is_dir() else place
    except BadArchive as error:
        return Submission(name, place, digest, f"the archive was not opened: {error}")
    except OSError as error:
        return Submission(name, place, "", f"cannot be read: {error.strerror or error}")
    if target.is_dir() and not any(target.rglob("*.py")):
        return Submission(name, target, digest, "there is no Python file in it")
    return Submission(name, target, digest)


def _fill(folder: Path, write: Callable[[Path], object]) -> None:
    """Make a folder and fill it; one that is there is complete, as it gets its name at the end."""
    if folder.exists():
        return
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    write(unfinished)
    unfinished.rename(folder)


def _descend(folder: Path) -> Path:
    """Return the folder that has the files, where others hold nothing but it."""
    while True:
        inside = [place for place in folder.iterdir() if place.name not in IGNORED]
        if len(inside) != 1 or not inside[0].is_dir() or (inside[0] / "__init__.py").exists():
            return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder
        folder = inside[0]


def _digest(place: Path) -> str:
    """Return a hash of the names and contents of all files.

    Raises
    ------
    OSError
        If a file cannot be read, or there is too much.
    """
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    files = [file for file in files if not any(part in IGNORED for part in file.parts)]
    found = hashlib.sha256()
    if len(files) > MOST_FILES or sum(file.stat().st_size for file in files) > MOST_BYTES:
        raise OSError(f"more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB")
    if not files and not place.exists():
        raise OSError(f"there is no {place}")
    for file in files:
        name = str(file.relative_to(place)) if place.is_dir() else file.name
        data = file.read_bytes()
        found.update(f"{len(name)} {name} {len(data)} ".encode(errors="surrogateescape") + data)
    return found.hexdigest()


def plain(name: str) -> str:
    """Return a name that is one for a file, whatever it was."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:80].lstrip(".") or "_"
