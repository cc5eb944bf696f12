"""What has been graded, line by line: written at once, and read again after an interruption."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """A file with one line of JSON for each grade, the latest of a submission being valid.

    Parameters
    ----------
    path : Path
        The file. Whatever cannot be read in it, such as a line that a kill has cut off, is passed
        over: its submission is graded again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries: dict[str, Entry] = {}
        if path.exists():
            for line in path.read_bytes().splitlines():
                entry = _read(line)
                if entry is not None:
                    self.entries[entry["name"]] = entry

    def append(self, entry: Entry) -> None:
        """Write a grade; it has reached the disk when this returns."""
        text = json.dumps(entry, allow_nan=False)
        with self._path.open("ab+") as file:
            if file.seek(0, os.SEEK_END) and _last_byte(file.fileno()) != b"\n":
                file.write(b"\n")  # after a line that was cut off
            file.write(text.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.entries[entry["name"]] = entry


def _last_byte(descriptor: int) -> bytes:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1)


def _read(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    known = isinstance(entry, dict) and isinstance(entry.get("name"), str) and "key" in entry
    return entry if known else None
