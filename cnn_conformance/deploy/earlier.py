"""What an earlier deploy wrote into the same folder, and what of it is no longer asked for.

The settings have a table `written`: each file that was written beside them, and a hash of what was
in it. Only a file that is still as it was written is removed.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

TABLE = "written"


class NotOurs(ValueError):
    """A file is in the way that no deploy wrote as it is; says which, and what to do."""


def record(files: Mapping[str, bytes]) -> str:
    """Return the table of the settings that says what is written.

    Parameters
    ----------
    files : mapping
        What is in each file, by its name below the folder.
    """
    lines = [f'{json.dumps(name)} = "{_digest(data)}"' for name, data in sorted(files.items())]
    return "\n".join(["", f"[{TABLE}]", *lines, ""])


def left(out: Path, settings: str, wanted: Collection[str], used: Collection[str]) -> list[Path]:
    """Return the files of an earlier deploy that are no part of this one.

    Parameters
    ----------
    out : Path
        The folder.
    settings : str
        The name below it of the file that has the table.
    wanted : collection of str
        What is written now.
    used : collection of str
        What the system would use if it were there, whoever wrote it.

    Raises
    ------
    NotOurs
        If such a file is not as an earlier deploy wrote it, or the table cannot be read.
    """
    table = dict.fromkeys(used, "") | _table(out / settings)
    found = [name for name in table if name not in wanted and (out / name).exists()]
    for name in found:
        place = out / name
        inside = place.resolve().is_relative_to(out.resolve()) and not place.is_symlink()
        if not inside or not place.is_file() or _digest(place.read_bytes()) != table[name]:
            raise NotOurs(
                f"{place} is no part of what is asked for, and not as an earlier deploy wrote it: "
                "ask for it too, or move it elsewhere"
            )
    return [out / name for name in found]


def remove(places: Collection[Path], out: Path) -> None:
    """Remove files, and the folders below another one that are empty then."""
    for place in places:
        place.unlink()
        for folder in place.parents:
            if folder == out or any(folder.iterdir()):
                break
            folder.rmdir()


def _table(settings: Path) -> dict[str, str]:
    """Return what the settings of an earlier deploy say that it wrote; nothing where none are."""
    if not settings.exists():
        return {}
    try:
        table = tomllib.loads(settings.read_text("utf-8")).get(TABLE, {})
    except ValueError as error:
        raise NotOurs(f"{settings}: {error}; move it elsewhere to deploy here") from error
    return {str(name): str(digest) for name, digest in dict(table).items()}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
