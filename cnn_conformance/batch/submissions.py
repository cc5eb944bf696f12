"""Finding what is to be graded: folders, files, archives, or a table that names them.

Each item of a class becomes one submission, whatever it is: one that can be graded, or one with the
reason why it cannot. No item keeps the others from being found.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from cnn_conformance.batch import archives
from cnn_conformance.implementation import careful_reading, notebooks
from cnn_conformance.implementation.careful_reading import Entry, Refused

MAX_FILES = 5_000
MAX_BYTES = 256 << 20
MAX_ITEMS = 10_000
MAX_SHOWN_FILES = 3
MAX_FILE_NAME = 80
IGNORED = ("__pycache__", "__MACOSX", ".git", ".DS_Store", "Thumbs.db", "desktop.ini")
UNFINISHED = ".part"
SOURCES = (".py", notebooks.SUFFIX)
EXPECTED = (
    "expected a folder, a .py file, a notebook (.ipynb), or an archive (.zip, .tar, .tar.gz, "
    ".tar.bz2, .tar.xz)"
)
INSTEAD = {
    **dict.fromkeys(
        (".7z", ".rar", ".zst", ".z", ".lz", ".lzma", ".arj", ".cab"),
        "an archive that Python's library does not open: a .zip or a .tar.gz is wanted",
    ),
}
"""What is wanted in place of some kinds of file."""


class BadSubmissions(ValueError):
    """There is nothing that could be graded; the text is for the user."""


class _Problem(ValueError):
    """A submission has nothing that could earn points; says why."""


class _NotGraded(ValueError):
    """The kit does not grade such a thing; says why, and what is wanted instead."""


@dataclass(frozen=True)
class Submission:
    """What one person has handed in. At most one of the three reasons is given.

    Parameters
    ----------
    name : str
        Whose it is: the name of the folder or file, or what a table says. Bytes of a file's name
        that are no UTF-8 are written as escapes in it.
    target : Path
        What `--impl` would name.
    digest : str
        A hash of all files.
    problem : str
        Why there is nothing in it that could earn points.
    not_graded : str
        Why the kit does not grade it.
    error : str
        What went wrong on the grader's machine.
    """

    name: str
    target: Path
    digest: str
    problem: str = ""
    not_graded: str = ""
    error: str = ""


@dataclass(frozen=True)
class _Item:
    """An entry of a class: its name, and where it is; what is below `folder` nobody vouches for."""

    name: str
    folder: Path
    path: PurePosixPath

    @property
    def place(self) -> Path:
        return self.folder / self.path


def find(source: Path, work: Path) -> list[Submission]:
    """Return all submissions, sorted by name: one for each item.

    Parameters
    ----------
    source : Path
        A folder, in which everything but hidden files is an item; or a CSV file with the columns
        `name` and `path`, the latter relative to it.
    work : Path
        A folder for what is unpacked. A single file is copied to a folder of its own there, so that
        it cannot import its neighbours.

    Raises
    ------
    BadSubmissions
        If there are none, or the table cannot be used.
    """
    items = _of_table(source) if source.is_file() else _of_folder(source)
    if not items:
        raise BadSubmissions(
            f"{source}: found nothing: expected a folder of folders, .py files and archives, or a "
            "CSV file with the columns name and path"
        )
    return [_submission(item, work) for item in sorted(items, key=lambda item: item.name)]


def single(path: Path, work: Path) -> Submission:
    """Return what one folder or file is as a submission; one file alone in a folder is that file.

    Parameters
    ----------
    path : Path
        Where a course's system has put it.
    work : Path
        A folder for what is unpacked.
    """
    path = Path(os.path.abspath(path))
    try:
        inside = [e for e in careful_reading.listing(path) if is_item(e.path.name)]
    except (OSError, Refused):  # it is said below
        inside = []
    if len(inside) == 1 and inside[0].kind == "file":
        return _submission(_Item(path.name, path, inside[0].path), work)
    return _submission(_Item(path.name, path.parent, PurePosixPath(path.name)), work)


def is_item(name: str) -> bool:
    """Tell whether something in a class's folder is an item, rather than the system's own."""
    return not name.startswith(".") and name not in IGNORED


def plain(name: str) -> str:
    """Return a name that is one for a file, whatever it was."""
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name).lstrip(".") or "_"
    return safe.encode()[:MAX_FILE_NAME].decode(errors="ignore")


# --- items ---------------------------------------------------------------------------------------


def _of_folder(folder: Path) -> list[_Item]:
    if not folder.is_dir():
        raise BadSubmissions(f"{folder}: there is no such folder or file")
    try:
        entries = careful_reading.listing(folder, max_entries=MAX_ITEMS)
    except Refused as error:
        raise BadSubmissions(f"{folder}: {error}") from error
    entries = [entry for entry in entries if is_item(entry.path.name)]
    names = _distinct([_names_of(entry) for entry in entries])
    return [_Item(name, folder, e.path) for name, e in zip(names, entries, strict=True)]


def _names_of(entry: Entry) -> list[str]:
    """Return what an item may be called, the shortest first."""
    name = entry.path.name
    if entry.kind != "file" or not _suffix(name):
        return [_shown(name)]
    return [_shown(name[: -len(_suffix(name))]), _shown(name)]


def _suffix(name: str) -> str:
    """Return the ending of a file that is graded; empty for any other."""
    return archives.suffix_of(name) or next((e for e in SOURCES if name.lower().endswith(e)), "")


def _distinct(choices: Sequence[list[str]]) -> list[str]:
    """Return a name for each item: its shortest that no other has."""
    names = [each[0] for each in choices]
    for _ in choices:
        twice = {name for name, count in Counter(names).items() if count > 1}
        longer = [
            each[-1] if name in twice else name for name, each in zip(names, choices, strict=True)
        ]
        if longer == names:
            break
        names = longer
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):  # two names of which one is written as the other is
        seen[name] += 1
        names[place] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def _shown(name: str) -> str:
    """Return a file's name as text, with escapes for what is no UTF-8 in it."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _of_table(table: Path) -> list[_Item]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadSubmissions(f"{table}: cannot be read: {error}") from error
    lines: dict[str, int] = {}
    items = []
    for number, row in enumerate(rows, start=2):
        name, path = (row.get("name") or "").strip(), (row.get("path") or "").strip()
        if not (name and path):
            raise BadSubmissions(f"{table}, line {number}: expected a name and a path, got {row}")
        if lines.setdefault(name, number) != number:
            raise BadSubmissions(
                f"{table}, line {number}: the name {name!r} is in line {lines[name]} too"
            )
        items.append(_item(name, table.parent, path))
    return items


def _item(name: str, folder: Path, path: str) -> _Item:
    """Return an item of a table: no link is followed below the table's folder."""
    folder = Path(os.path.abspath(folder))
    place = Path(os.path.abspath(folder / path))
    if not (place.is_relative_to(folder) and place != folder):
        folder = place.parent
    return _Item(name, folder, PurePosixPath(place.relative_to(folder)))


# --- from an item to a submission ----------------------------------------------------------------


def _submission(item: _Item, work: Path) -> Submission:
    """Return an item as a submission, with the reason where it cannot be graded."""
    found = Submission(item.name, item.place, "")
    try:
        digest = _digest(item)
        found = replace(found, digest=digest)
        return replace(found, target=_target(item, work / f"{plain(item.name)}-{digest[:12]}"))
    except _NotGraded as error:
        return replace(found, not_graded=str(error))
    except archives.BadArchive as error:
        return replace(found, problem=f"the archive was not opened: {error}")
    except (_Problem, Refused) as error:
        return replace(found, problem=str(error))
    except OSError as error:
        what = f"{error.filename}: " if error.filename not in (None, item.path.name) else ""
        return replace(found, error=f"{item.place}: {what}{error.strerror or error}")
    except Exception as error:  # of whatever kind: it must not cost the others their grades
        return replace(found, error=f"{item.place}: {type(error).__name__}: {error}")


def _target(item: _Item, own: Path) -> Path:
    """Return what is graded of an item; copies and unpacks files into a folder of its own."""
    if _entry(item).kind == "folder":
        return _inside(item.place)
    name = item.path.name
    if archives.suffix_of(name):
        _fill(own, lambda folder: _unpack(item, folder / "unpacked"))
        return _inside(own / "unpacked")
    stem = PurePosixPath(name).stem
    copied = f"{stem if stem == plain(stem) else plain(stem)}{_suffix(name)}"
    _fill(own, lambda folder: (folder / copied).write_bytes(_content(item)))
    return own / copied


def _entry(item: _Item) -> Entry:
    """Return what an item is.

    Raises
    ------
    _NotGraded
        If the kit grades no such thing.
    FileNotFoundError
        If it is not there, which is a mistake of whoever has named it.
    """
    entry = careful_reading.look(item.folder, item.path)
    if entry is None:
        raise FileNotFoundError(errno.ENOENT, "there is no such file or folder")
    if entry.kind == "link":
        raise _NotGraded(f"a link, which is not followed: {EXPECTED}")
    suffix = entry.path.suffix.lower()
    if entry.kind == "folder" or (entry.kind == "file" and _suffix(entry.path.name)):
        return entry
    what = f"a {_shown(suffix)} file" if suffix else "a file without an ending"
    if entry.kind != "file":
        what = f"a {entry.kind}"
    raise _NotGraded(INSTEAD.get(suffix, f"{what}: {EXPECTED}"))


def _unpack(item: _Item, folder: Path) -> None:
    with careful_reading.open_file(item.folder, item.path) as archive:
        archives.unpack(archive, item.path.name, folder)


def _content(item: _Item) -> bytes:
    return careful_reading.read(item.folder, item.path, MAX_BYTES)


def _fill(folder: Path, write: Callable[[Path], object]) -> None:
    """Make a folder and fill it; one that is there is complete, as it gets its name at the end."""
    if folder.exists():
        return
    unfinished = folder.with_name(folder.name + UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        write(unfinished)
        unfinished.rename(folder)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError) and error.filename is None:  # as of a disk that is full
            error.filename = str(unfinished)
        raise


def _inside(folder: Path) -> Path:
    """Return the folder that has the files, where others hold nothing but it.

    Raises
    ------
    _Problem, _NotGraded
        If there is no Python file and no notebook in it.
    """
    files = [e.path for e in _walk(folder) if e.kind in ("file", "link")]
    if not any(path.suffix in SOURCES for path in files):
        if not files:
            raise _Problem("it contains neither a Python file nor a notebook")
        shown = ", ".join(_shown(str(path)) for path in files[:MAX_SHOWN_FILES])
        more = f" and {len(files) - MAX_SHOWN_FILES} more" if len(files) > MAX_SHOWN_FILES else ""
        raise _NotGraded(f"it contains neither a Python file nor a notebook, only {shown}{more}")
    while True:
        below = [e for e in careful_reading.listing(folder) if e.path.name not in IGNORED]
        if len(below) != 1 or below[0].kind != "folder":
            return folder
        folder = folder / below[0].path
        if careful_reading.look(folder, "__init__.py") is not None:
            return folder


def _walk(folder: Path, inside: str | PurePosixPath = "") -> Iterator[Entry]:
    return careful_reading.walk(folder, inside, lambda entry: entry.path.name in IGNORED)


def _digest(item: _Item) -> str:
    """Return a hash of the names and contents of all files of an item.

    Raises
    ------
    Refused
        If there is too much.
    OSError
        If a file cannot be read.
    """
    found = hashlib.sha256()
    inside = item.path
    if _entry(item).kind == "folder":
        entries = sorted(_walk(item.folder, item.path), key=lambda entry: entry.path.parts)
        entries = [entry for entry in entries if entry.kind != "folder"]
    else:
        entries, inside = [_entry(item)], item.path.parent
    if len(entries) > MAX_FILES:
        raise Refused(f"more than {MAX_FILES:,} files")
    left = MAX_BYTES
    for entry in entries:
        data = _hashed(item.folder, entry, left)
        left -= len(data)
        name = os.fsencode(str(entry.path.relative_to(inside)))
        found.update(b"%d %s %d " % (len(name), name, len(data)) + data)
    return found.hexdigest()


def _hashed(folder: Path, entry: Entry, left: int) -> bytes:
    """Return what stands for an entry in a hash: a file's contents, or else only what it is."""
    if entry.kind != "file":
        return entry.kind.encode()
    try:
        return careful_reading.read(folder, entry.path, left)
    except Refused as error:
        if entry.size > left:
            raise Refused(f"more than {MAX_BYTES >> 20} MiB") from error
        raise
