"""Reading a stranger's folder: regular files alone, never through a link, and only so much.

A submission may hold links to anywhere, pipes that never speak, devices that never end, millions of
files, or folders in folders thousands deep. So every part of a path is opened from the folder
above it, and not followed where it is a link; only what turns out to be a regular file is read, up
to a limit. The folder that a caller names is their own word: it may be a link.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cnn_conformance.implementation import folders
from cnn_conformance.implementation.folders import Folder

MAX_ENTRIES = 20_000
MAX_DEPTH = 64
LINK_ERRORS = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR)
"""What opening a link without following it ends in, on one system or another."""
KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


class Refused(ValueError):
    """Something in a folder is not read, for what it is; the text names it and says why."""


@dataclass(frozen=True)
class Entry:
    """Something in a folder.

    Parameters
    ----------
    path : PurePosixPath
        Where, below the folder that was named.
    kind : str
        "file", "folder", "link", or another of `KINDS`.
    size, mtime_ns : int
        Bytes, and when it was changed.
    """

    path: PurePosixPath
    kind: str
    size: int
    mtime_ns: int


def kind_of(status: os.stat_result) -> str:
    """Return in a word what something is."""
    return KINDS.get(stat.S_IFMT(status.st_mode), "special file")


def look(folder: Path, path: str | PurePosixPath) -> Entry | None:
    """Return what is at a path below a folder, a link itself and not what it points to.

    Raises
    ------
    Refused
        If a folder on the way is a link or none.
    OSError
        If it cannot be looked at; not where there is nothing: that is None.
    """
    path = PurePosixPath(path)
    try:
        with _opened_folder(folder, path.parent) as parent:
            return _entry(path, parent.status(path.name))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return None
        raise


def listing(
    folder: Path, inside: str | PurePosixPath = "", max_entries: int = MAX_ENTRIES, before: int = 0
) -> list[Entry]:
    """Return what is in a folder, or in one below it, sorted by name.

    Raises
    ------
    Refused
        If it is a link or no folder, or holds more than `max_entries`, of which there have been
        some `before`.
    OSError
        If it cannot be read.
    """
    inside = PurePosixPath(inside)
    with _opened_folder(folder, inside) as opened:
        names = sorted(islice(opened.names(), max_entries - before + 1))
        if before + len(names) > max_entries:
            raise Refused(f"more than {max_entries:,} files and folders")
        entries = []
        for name in names:
            try:
                status = opened.status(name)
            except FileNotFoundError:  # it has gone since
                continue
            entries.append(_entry(inside / name, status))
        return entries


def walk(
    folder: Path,
    inside: str | PurePosixPath = "",
    skip: Callable[[Entry], bool] = lambda entry: False,
    max_entries: int = MAX_ENTRIES,
) -> Iterator[Entry]:
    """Yield everything in a folder: what is in it by name, then what is in each folder below.

    Parameters
    ----------
    folder : Path
        A folder.
    inside : str or PurePosixPath
        Where to begin below it.
    skip : callable
        Tells of an entry that neither it nor what is in it is wanted.
    max_entries : int
        How much there may be.

    Raises
    ------
    Refused
        If there is more, or a folder `MAX_DEPTH` levels down.
    OSError
        If a folder cannot be read.
    """
    start = PurePosixPath(inside)
    seen = 0
    waiting = [start]
    while waiting:
        entries = listing(folder, waiting.pop(), max_entries, seen)
        seen += len(entries)
        wanted = [entry for entry in entries if not skip(entry)]
        yield from wanted
        inner = [entry.path for entry in wanted if entry.kind == "folder"]
        if inner and len(inner[0].parts) - len(start.parts) > MAX_DEPTH:
            raise Refused(f"folders more than {MAX_DEPTH} levels deep")
        waiting += reversed(inner)


def open_file(folder: Path, path: str | PurePosixPath) -> BinaryIO:
    """Open a regular file below a folder to be read.

    Raises
    ------
    Refused
        If it is no regular file, or it or a folder on the way is a link.
    OSError
        If it cannot be opened.
    """
    path = PurePosixPath(path)
    with _opened_folder(folder, path.parent) as parent:
        # A look before, as to open a device may be to do something with it.
        _demand_file(parent.status(path.name), path)
        with _links_refused(f"{path} is a link"):
            file = parent.open_file(path.name)
    return _opened(file, path)


def read(folder: Path, path: str | PurePosixPath, max_bytes: int) -> bytes:
    """Return what is in a regular file below a folder.

    Raises
    ------
    Refused
        As `open_file`, or if it has more than `max_bytes`.
    OSError
        If it cannot be read.
    """
    with open_file(folder, path) as file:
        return _bounded(file, path, max_bytes)


def read_through_links(path: Path, max_bytes: int) -> bytes:
    """Return what is in a regular file, wherever links lead to it: within a sandbox, or one's own.

    Raises
    ------
    Refused
        If there is no regular file, or it has more than `max_bytes`.
    OSError
        If it cannot be read.
    """
    _demand_file(os.stat(path), path)
    with _opened(os.open(path, folders.FILE), path) as file:
        return _bounded(file, path, max_bytes)


def _entry(path: PurePosixPath, status: os.stat_result) -> Entry:
    return Entry(path, kind_of(status), status.st_size, status.st_mtime_ns)


@contextmanager
def _opened_folder(folder: Path, inside: PurePosixPath) -> Iterator[Folder]:
    """Open a folder below another, however long the path to it is."""
    with folders.opened(folder) as opened:
        for part in inside.parts:
            with _links_refused(f"{inside} is a link or no folder, or behind one"):
                opened.enter(part)
        yield opened


@contextmanager
def _links_refused(what: str) -> Iterator[None]:
    """Turn what opening a link ends in into a refusal."""
    try:
        yield
    except OSError as error:
        if error.errno in LINK_ERRORS:
            raise Refused(f"{what}: links are not followed") from error
        raise


def _demand_file(status: os.stat_result, path: PurePosixPath | Path) -> None:
    kind = kind_of(status)
    if kind == "link":
        raise Refused(f"{path} is a link: links are not followed")
    if kind != "file":
        raise Refused(f"{path} is a {kind}, expected a file")


def _opened(descriptor: int, path: PurePosixPath | Path) -> BinaryIO:
    try:
        _demand_file(os.fstat(descriptor), path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _bounded(file: BinaryIO, path: str | PurePosixPath | Path, max_bytes: int) -> bytes:
    data = file.read(max_bytes + 1) if os.fstat(file.fileno()).st_size <= max_bytes else None
    if data is None or len(data) > max_bytes:
        size = f"{max_bytes >> 20} MiB" if max_bytes >= 1 << 20 else f"{max_bytes} bytes"
        raise Refused(f"{path} has more than {size}")
    return data
