"""Removing a folder that code nobody trusts has filled: however deep it is, whatever its modes are.

`shutil.rmtree` goes down by recursion before Python 3.13, and stops at a folder that may not be
read. Nothing here raises: what cannot be removed is left where it is.
"""

from __future__ import annotations

import contextlib
import os

FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
OWN = 0o700


def remove(folder: str) -> None:
    """Remove a folder and all that is in it; links are removed, and not followed.

    However deep it is, two folders at most are open at a time, and no path is longer than a name.
    """
    with contextlib.suppress(OSError):
        _empty(*_enter(folder))
        os.rmdir(folder)


def _empty(here: int, folders: list[str]) -> None:
    """Remove the folders in an open folder, and close it."""
    above: list[tuple[str, tuple[int, int], list[str]]] = []  # name, identity of parent, its rest
    try:
        while folders or above:
            if folders:
                name = folders.pop()
                with contextlib.suppress(OSError):
                    inner, within = _enter(name, here)
                    above.append((name, _identity(here), folders))
                    os.close(here)
                    here, folders = inner, within
            else:
                name, parent, folders = above.pop()
                up = os.open("..", FLAGS, dir_fd=here)
                os.close(here)
                here = up
                if _identity(here) != parent:
                    return  # somebody has moved it meanwhile: nothing elsewhere is to be removed
                with contextlib.suppress(OSError):
                    os.rmdir(name, dir_fd=here)
    finally:
        os.close(here)


def _identity(folder: int) -> tuple[int, int]:
    found = os.fstat(folder)
    return found.st_dev, found.st_ino


def _enter(name: str, within: int | None = None) -> tuple[int, list[str]]:
    """Open a folder, after it was made readable, and clear it: see `_clear`."""
    with contextlib.suppress(OSError):
        os.chmod(name, OWN, dir_fd=within)
    opened = os.open(name, FLAGS, dir_fd=within)
    try:
        return opened, _clear(opened)
    except OSError:
        os.close(opened)
        raise


def _clear(folder: int) -> list[str]:
    """Remove from a folder what is none itself; return the names of those that are."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(entry.name, dir_fd=folder)
    return folders
