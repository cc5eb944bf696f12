"""Open folders: what is in one is reached from there, and not through a link.

Where the system has descriptors of folders, a path may change meanwhile and leads nowhere else.
Windows has none: there, a look before each step has to do. Nothing is confined there either.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

FILE = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
    FILE |= getattr(os, _name, 0)
"""Without waiting: a named pipe that took a file's place meanwhile has nobody at its other end."""
HAS_DESCRIPTORS = os.open in os.supports_dir_fd


class Folder(Protocol):
    """An open folder."""

    def names(self) -> Iterator[str]:
        """Yield the names of what is in it."""

    def status(self, name: str) -> os.stat_result:
        """Return what is known of something in it, of a link itself and not what it points to."""

    def open_file(self, name: str) -> int:
        """Open a file in it to be read; a link is an OSError."""

    def enter(self, name: str) -> None:
        """Go on to a folder in it; a link is an OSError."""

    def close(self) -> None:
        """Close it."""


class Descriptor:
    """A folder by its descriptor, however long the path to it is.

    Parameters
    ----------
    path : Path
        Where it is; this may be a link.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)

    def names(self) -> Iterator[str]:
        """Yield the names of what is in it."""
        with os.scandir(self._descriptor) as found:
            for entry in found:
                yield entry.name

    def status(self, name: str) -> os.stat_result:
        """Return what is known of something in it."""
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def open_file(self, name: str) -> int:
        """Open a file in it to be read."""
        return os.open(name, FILE | os.O_NOFOLLOW, dir_fd=self._descriptor)

    def enter(self, name: str) -> None:
        """Go on to a folder in it."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        inner = os.open(name, flags, dir_fd=self._descriptor)
        os.close(self._descriptor)
        self._descriptor = inner

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)


class Named:
    """A folder by its path.

    Parameters
    ----------
    path : Path
        Where it is; this may be a link.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise _error(errno.ENOTDIR, path)

    def names(self) -> Iterator[str]:
        """Yield the names of what is in it."""
        with os.scandir(self._path) as found:
            for entry in found:
                yield entry.name

    def status(self, name: str) -> os.stat_result:
        """Return what is known of something in it."""
        return os.lstat(self._path / name)

    def open_file(self, name: str) -> int:
        """Open a file in it to be read."""
        if stat.S_ISLNK(self.status(name).st_mode):
            raise _error(errno.ELOOP, self._path / name)
        return os.open(self._path / name, FILE)

    def enter(self, name: str) -> None:
        """Go on to a folder in it."""
        if not stat.S_ISDIR(self.status(name).st_mode):
            raise _error(errno.ENOTDIR, self._path / name)
        self._path /= name

    def close(self) -> None:
        """Do nothing: nothing is open."""


@contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """Open a folder, and close it at the end."""
    folder = Descriptor(path) if HAS_DESCRIPTORS else Named(path)
    try:
        yield folder
    finally:
        folder.close()


def _error(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))
