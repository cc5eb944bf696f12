"""The cases: what goes in and what should come out, read from the fixtures.

The text of a case stands in `<stem>.toml`, its arrays in `<stem>.npz`; `manifest.json` proves that
neither was changed.
"""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.oracle.dialect import Dialect


class BadFixtures(Exception):
    """The fixtures cannot be trusted or read; says which file and why."""


class Stored(Mapping[str, Array]):
    """The arrays of a case, read when they are asked for: most runs look at a part of them.

    Parameters
    ----------
    file : npz file
        Where they are.
    keys : dict
        By name what they are called there.
    """

    def __init__(self, file: Mapping[str, Array], keys: dict[str, str]) -> None:
        self._file = file
        self._keys = keys
        self._read: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._read:
            self._read[name] = self._file[self._keys[name]]
            self._read[name].flags.writeable = False
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


@dataclass(frozen=True, eq=False)
class Case:
    """One case of a unit.

    Parameters
    ----------
    id, why : str
        Its name, and which mistake would show here.
    unit : str
        The unit that it checks.
    requirement : dict
        Which requirement each output decides.
    args, options
        Positional and keyword arguments of the constructor.
    table : dict
        Everything that the toml file says of the case.
    arrays : mapping
        The stored arrays by name; an output's bound is `name.bound`.
    dialect : mapping
        The conventions that the rubric declares, by name.
    """

    id: str
    why: str
    unit: str
    requirement: dict[str, str] = field(default_factory=dict)
    args: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    table: dict[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)
    dialect: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def get(self, name: str) -> Array | None:
        """Return a stored array, None if there is none of the name."""
        return self.arrays.get(name)

    def bound(self, name: str) -> float:
        """Return the largest sum over a tensor that rounding can act on."""
        return float(self.arrays[f"{name}.bound"])

    @property
    def params(self) -> dict[str, Array]:
        """The parameters of a layer's case."""
        return {name: self.arrays[name] for name in units.PARAMETERS if name in self.arrays}


@dataclass(frozen=True)
class Unit:
    """The fixtures of one unit: its cases, the errors that it has to raise, and its laws."""

    name: str
    cases: dict[str, Case]
    errors: dict[str, Case]
    laws: dict[str, Case]

    def of(self, kind: str) -> dict[str, Case]:
        """Return the cases of a kind: "case", "error" or "law"."""
        return {"case": self.cases, "error": self.errors, "law": self.laws}[kind]


class Fixtures:
    """A folder of golden data.

    Parameters
    ----------
    folder : Path
        The committed set, or a private one.
    dialect : Dialect, optional
        The conventions that the rubric declares: none unless given.

    Raises
    ------
    BadFixtures
        If a file is missing, unreadable, or not the one that the manifest names, or if the set was
        computed for other conventions.
    """

    def __init__(self, folder: Path, dialect: Dialect | None = None) -> None:
        self.folder = folder
        self.dialect = dialect or Dialect()
        try:
            text = (folder / "manifest.json").read_text("utf-8")
            self.manifest: dict[str, Any] = json.loads(text)
            self.hashes: dict[str, str] = dict(self.manifest["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadFixtures(f"{folder}: no readable manifest.json ({error})") from error
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self._units: dict[str, Unit] = {}
        self._demand_dialect()

    def _demand_dialect(self) -> None:
        """Demand a set that PyTorch has computed for the conventions that need it."""
        has, asked = self.manifest.get("with", {}), self.dialect.computed
        if has == asked:
            return
        if not asked:
            made_for = ", ".join(f"{name} = {value}" for name, value in has.items())
            raise BadFixtures(
                f"{self.folder} was computed with {made_for}, which the rubric does not declare: "
                "declare it in the table [dialect] (--rubric), or use another --golden"
            )
        needed = ", ".join(f"{name} = {value}" for name, value in asked.items())
        raise BadFixtures(
            f"the rubric declares {needed}, and {self.folder} was not computed with exactly that: "
            f"{self.dialect.command()}, then --golden=DIR"
        )

    def unit(self, stem: str) -> Unit:
        """Return the fixtures of one unit."""
        if stem not in self._units:
            self._units[stem] = self._read(stem)
        return self._units[stem]

    def _read(self, stem: str) -> Unit:
        table = parsed(self._bytes(f"{stem}.toml"))
        stored = np.load(io.BytesIO(self._bytes(f"{stem}.npz")), allow_pickle=False)
        keys: dict[str, dict[str, str]] = {}
        for key in stored.files:
            case, name = key.split("/", 1)
            keys.setdefault(case, {})[name] = key
        unit = str(table["unit"])
        cases = [
            _case(unit, entry, Stored(stored, keys.get(entry["id"], {}))) for entry in table["case"]
        ]
        for case in cases:
            if not case.arrays:
                raise BadFixtures(f"{stem}.npz has no arrays for the case {case.id}")
        errors, laws = (
            {entry["id"]: _case(unit, entry, {}) for entry in table.get(kind, ())}
            for kind in ("error", "law")
        )
        made = Unit(unit, {case.id: case for case in cases}, errors, laws)
        return made if not self.dialect.conventions else self._as_declared(made)

    def _as_declared(self, unit: Unit) -> Unit:
        from cnn_conformance.oracle.conversions import converted  # which knows cases

        values = self.dialect.values
        tables = (
            {id_: converted(case, values) for id_, case in unit.of(kind).items()}
            for kind in ("case", "error", "law")
        )
        return Unit(unit.name, *tables)

    def _bytes(self, name: str) -> bytes:
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise BadFixtures(f"{self.folder / name}: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != self.hashes.get(name):
            raise BadFixtures(
                f"{self.folder / name} is not the file that manifest.json names: its hash differs. "
                "Restore it, or run fixtures/generate.py (with --stamp if only texts were edited)"
            )
        return content


@cache
def fixtures(folder: Path) -> Fixtures:
    """Return a folder of golden data, read once."""
    return Fixtures(folder)


@cache
def parsed(content: bytes) -> dict[str, Any]:
    """Return the table of a toml file: of the kit's own, checks are made, too."""
    return tomllib.loads(content.decode("utf-8"))


def _case(unit: str, entry: dict[str, Any], arrays: Mapping[str, Array]) -> Case:
    requirement = entry["requirement"]
    return Case(
        id=entry["id"],
        why=entry["why"],
        unit=unit,
        requirement=requirement if isinstance(requirement, dict) else {},
        args=tuple(_argument(value) for value in entry.get("arguments", ())),
        options={key: _argument(value) for key, value in entry.get("options", {}).items()},
        table=entry,
        arrays=arrays,
    )


def _argument(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
