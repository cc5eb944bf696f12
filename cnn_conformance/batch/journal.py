"""What has been graded, line by line: written at once, and read again after an interruption."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cnn_conformance.outcomes import Outcome
from cnn_conformance.texts import without_surrogates

Entry = dict[str, Any]
VERSION = 1
"""Of the lines; those of another are passed over."""
LARGE = 1e15


class NotKept(Exception):
    """A grade cannot be written to the journal; says why."""


class Journal:
    """A file with one line of JSON for each grade, the latest of a submission being valid.

    Parameters
    ----------
    path : Path
        The file. Whatever cannot be used in it, such as a line that a kill has cut off or one of
        another version, is passed over: its submission is graded again. `passed_over` counts them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries: dict[str, Entry] = {}
        self.passed_over = 0
        if path.exists():
            for line in path.read_bytes().splitlines():
                entry = _read(line)
                if entry is None:
                    self.passed_over += 1
                else:
                    self.entries[entry["name"]] = entry

    def append(self, entry: Entry) -> None:
        """Write a grade; it has reached the disk when this returns.

        Raises
        ------
        NotKept
            If it has not. The grades before are still there.
        """
        entry = without_surrogates({"version": VERSION, **entry})
        text = json.dumps(entry, allow_nan=False)
        try:
            with self._path.open("ab+", buffering=0) as file:
                if file.seek(0, os.SEEK_END) and _last_byte(file.fileno()) != b"\n":
                    text = f"\n{text}"  # after a line that was cut off
                _write(file.fileno(), f"{text}\n".encode())
                os.fsync(file.fileno())
        except OSError as error:
            raise NotKept(f"{self._path}: {error.strerror or error}") from error
        self.entries[entry["name"]] = entry


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _last_byte(descriptor: int) -> bytes:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1)


def _read(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or entry.get("version") != VERSION:
        return None
    return entry if _fits(entry, COMMON) and any(_fits(entry, kind) for kind in KINDS) else None


# --- what a line has to have ---------------------------------------------------------------------


def _fits(entry: Entry, fields: Mapping[str, Callable[[Any], bool]]) -> bool:
    return all(name in entry and is_right(entry[name]) for name, is_right in fields.items())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and -LARGE < value < LARGE


def _are_points(value: Any) -> bool:
    return value is None or _is_number(value)


def _are_units(value: Any) -> bool:
    unit = {"points": _are_points, "max_points": _is_number, "verdict": _is_verdict}
    return isinstance(value, dict) and all(
        isinstance(each, dict) and _fits(each, unit) for each in value.values()
    )


def _is_verdict(value: Any) -> bool:
    return isinstance(value, str) and value in set(Outcome)


COMMON = {"name": _is_text, "digest": _is_text, "key": _is_text}
GRADED = {
    "points": _are_points,
    "max_points": _is_number,
    "withheld": lambda value: isinstance(value, bool),
    "isolation": _is_text,
    "graded_at": _is_text,
    "units": _are_units,
    "seconds": _is_number,
    **dict.fromkeys(("problems", "notices", "lost", "passed", "diagnoses", "wrong"), _are_texts),
}
KINDS = ({"error": _is_text}, {"not_graded": _is_text}, GRADED)
