"""Arrays in `.npz` files: never with pickles, and never half written."""

import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .interfaces import Array

StrPath = str | os.PathLike[str]
"""What names a file."""


def read(path: StrPath) -> dict[str, Array]:
    """Return the arrays of a file by name.

    Raises
    ------
    ValueError
        If it cannot be read, is damaged, or holds anything but plain arrays.
    """
    try:
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path}: not a readable .npz file of arrays: {error}") from error


def write(path: StrPath, arrays: Mapping[str, Array]) -> None:
    """Write arrays to a file; an existing file is replaced once the new one is complete."""
    part = Path(f"{os.fspath(path)}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # no name is "allow_pickle"
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
