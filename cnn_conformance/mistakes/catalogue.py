"""The register of known mistakes: every row of the `.toml` files in this folder.

    [[mistake]]
    name = "kernel rotated"
    said = "The kernel is rotated by 180° in forward, but not in backward."
    asks = "The specification asks for the cross-correlation (CONV2D-1)."
    look = "Look at the order in which forward goes through the rows and columns of the kernel."
    loses = "1-11 13"
    was = "filters = self.params["weight"].reshape"
    is = "filters = self.params["weight"][:, :, ::-1, ::-1].reshape"

A row says what becomes of a piece of the unit's clear source (`was`, `is`; lists of both for
several pieces), or names the `code` of a class of this folder: a mixin for what goes wrong in many
units alike (`loses` is a table then, by unit or by group of units), or units that are wrong only
together. A row with `shared`, a table of arguments by unit, is a mistake for each of them: that
attribute is kept on the class, and its name stands in the texts for {ARGUMENT}. `unit` is given
where the file has several. A table `[everywhere]` has a `was` and an `is` for all edits of a file:
what they need, and is not the mistake.

A mistake that is written in several ways, with other consequences, has a row for each: `form_of`
names the one that has the words. One that has a number of the author's choice has `CONSTANT` in
its `is` and `{CONSTANT}` in `said`; `constant` has the number that it is tried with, and the
`least` and the `most` that the diagnosis may find.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance import reference, units
from cnn_conformance.mistakes import edits
from cnn_conformance.mistakes.edits import Edit
from cnn_conformance.oracle import specification
from cnn_conformance.reference import clear

FOLDER = Path(__file__).parent
GROUPS = {
    "layers": units.LAYERS,
    "with_dx": units.where(kind="layer", is_random=False, inputs=("x",), constants=()),
    "learning": units.LEARNING,
    "losses": units.LOSSES,
    "adaptive": units.ADAPTIVE,
    "elementwise": units.where(family="elementwise"),
    "images": tuple(name for name in units.LAYERS if units.of(name).takes_images),
}
"""Units for which a habit has one row."""
TEXTS = ("said", "asks", "look")
WAYS = ({"was", "is"}, {"code"}, {"was", "is", "constant"}, {"shared"})


class BadMistake(ValueError):
    """A row is not what it has to be; says which, and why."""


@dataclass(frozen=True)
class Constant:
    """A number of the author's choice.

    Parameters
    ----------
    value : float
        What it is.
    least, most : float
        Between which it may be.
    """

    value: float
    least: float
    most: float


@dataclass(frozen=True)
class Mistake:
    """A known mistake, or a convention that is not the specification's.

    Parameters
    ----------
    name : str
        In words, for example "kernel rotated".
    unit : str
        The unit that is wrong, or "Network" where only the units together are.
    loses : tuple of str
        The requirements that it must lose, and no others, in the order of SPEC.md.
    said, asks, look : str
        For the student: what the code seems to do, what the specification asks, where to look.
    is_a_convention : bool
        Whether it is a choice that other frameworks make.
    edits, needs : tuple of (str, str)
        What it changes in the clear source, where it is an edit; and before, what its file needs.
    constant : Constant or None
        The number that it has, where that is the author's choice.
    make : callable
        Returns the wrong objects by the names under which they are exported, for that number.
    either : tuple of str
        Where another mistake fits alike: the titles of both, of which `said` says that.
    """

    name: str
    unit: str
    loses: tuple[str, ...]
    said: str
    asks: str
    look: str
    is_a_convention: bool
    edits: tuple[edits.Edit, ...] = field(repr=False)
    constant: Constant | None
    make: Callable[[float | None], Mapping[str, object]] = field(compare=False, repr=False)
    needs: tuple[Edit, ...] = field(default=(), repr=False)
    either: tuple[str, ...] = ()

    @property
    def replaces(self) -> Mapping[str, object]:
        """The wrong objects by the names under which they are exported, made anew."""
        return self.make(None if self.constant is None else self.constant.value)

    def with_constant(self, value: float) -> Mistake:
        """Return the same mistake with another number."""
        assert self.constant is not None
        return replace(self, constant=replace(self.constant, value=value))

    @property
    def title(self) -> str:
        """What is said of it, without a full stop."""
        return self.said.replace("{CONSTANT}", self.number).rstrip(".")

    @property
    def number(self) -> str:
        """The number of the author's choice, as it is said; empty where there is none."""
        return "" if self.constant is None else f"{self.constant.value:g}"


class Latest:
    """An attribute that is kept on the class: the latest value holds for all instances."""

    value: Any

    def __set__(self, instance: object, value: object) -> None:
        self.value = value

    def __get__(self, instance: object, owner: type) -> Any:
        return self.value


@cache
def catalogue() -> tuple[Mistake, ...]:
    """Return all mistakes, unit by unit in the order of SPEC.md, then by name.

    Raises
    ------
    BadMistake
        If a row is not what it has to be.
    """
    found = [mistake for file in sorted(FOLDER.glob("*.toml")) for mistake in read(file)]
    names = [(mistake.unit, mistake.name) for mistake in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadMistake(f"there are two mistakes called {twice[0][0]}: {twice[0][1]}")
    order = specification.units()
    return tuple(sorted(found, key=lambda each: (order.index(each.unit), each.name)))


def read(file: Path) -> Iterator[Mistake]:
    """Yield the mistakes of a file, several for a row that is about several units."""
    content = tomllib.loads(file.read_text("utf-8"))
    everywhere = _changes(content.get("everywhere", {}))
    by_name = {row.get("name"): row for row in content["mistake"]}
    for row in content["mistake"]:
        if original := row.pop("form_of", None):
            if original not in by_name:
                raise BadMistake(f"{file.name}: {row.get('name')} is a form of no row: {original}")
            row |= {text: by_name[original][text] for text in TEXTS}
        _demand_row(file, row)
        if "shared" in row:
            for unit, arguments in row["shared"].items():
                for argument in arguments.split():
                    yield _mistake(_of_argument(row, argument), unit, row["loses"])
        elif isinstance(row["loses"], str):
            unit = row.get("unit") or next(u.name for u in units.ROWS if u.stem == file.stem)
            yield _mistake(row, unit, row["loses"], everywhere)
        else:
            for unit, loses in _by_unit(row["loses"]).items():
                yield _mistake(row, unit, loses)


def _demand_row(file: Path, row: dict[str, Any]) -> None:
    where = f"{file.name}: {row.get('name', 'a row without a name')}"
    if missing := [key for key in ("name", *TEXTS, "loses") if not row.get(key)]:
        raise BadMistake(f"{where} has no {', '.join(missing)}")
    given = row.keys() - {"name", *TEXTS, "loses", "unit", "convention"}
    if given not in WAYS:
        raise BadMistake(
            f"{where} has {', '.join(sorted(given))}: expected was and is, code, or shared"
        )


def _of_argument(row: dict[str, Any], argument: str) -> dict[str, Any]:
    """Return the row of a shared argument."""
    texts = {text: row[text].replace("{ARGUMENT}", argument) for text in ("name", *TEXTS)}
    return {**row, **texts, "shared": argument}


def _by_unit(loses: dict[str, str]) -> dict[str, str]:
    """Return what is lost by unit.

    What is said of a unit goes before what is said of its group; an empty text takes it out.
    """
    grouped = {unit: loses[name] for name in loses if name in GROUPS for unit in GROUPS[name]}
    own = {name: lost for name, lost in loses.items() if name not in GROUPS}
    return {unit: lost for unit, lost in {**grouped, **own}.items() if lost}


def _mistake(
    row: dict[str, Any], unit: str, loses: str, everywhere: tuple[edits.Edit, ...] = ()
) -> Mistake:
    changes = _changes(row)

    def make(constant: float | None) -> Mapping[str, object]:
        if changes:
            return {unit: edits.edited(unit, row["name"], everywhere + changes, constant)}
        if "shared" in row:
            own = {row["shared"]: Latest()}
            return {unit: type(row["name"], (getattr(clear, unit),), own)}
        module, _, name = row["code"].rpartition(".")
        made = getattr(importlib.import_module(f"{__package__}.{module}"), name)
        if unit == units.NETWORK:
            parts = {name: value for name, value in vars(made).items() if name in units.UNITS}
            return {name: _anew(value) for name, value in parts.items()}
        return {unit: type(name, (made, getattr(clear, unit)), {})}

    said, asks, look = (" ".join(row[t].split()).replace("{ID}", unit.upper()) for t in TEXTS)
    return Mistake(
        name=row["name"],
        unit=unit,
        loses=ids(unit, loses),
        said=said,
        asks=asks,
        look=look,
        is_a_convention=row.get("convention", False),
        edits=changes,
        constant=Constant(**row["constant"]) if "constant" in row else None,
        make=make,
        needs=everywhere,
    )


def _changes(row: dict[str, Any]) -> tuple[edits.Edit, ...]:
    return tuple(zip(_listed(row.get("was")), _listed(row.get("is")), strict=True))


def _anew(part: object) -> object:
    """Return a class of its own, so that what is kept on it is not what earlier runs have kept."""
    return type(part.__name__, (part,), {}) if isinstance(part, type) else part


def _listed(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


def ids(unit: str, text: str) -> tuple[str, ...]:
    """Return the requirements that a text such as "1-3 20 NETWORK-1" means, in order.

    Raises
    ------
    BadMistake
        If one of them is not in SPEC.md.
    """
    try:
        return specification.ids(unit, text)
    except specification.BadSpecification as error:
        raise BadMistake(str(error)) from error


def control() -> dict[str, object]:
    """Return the units of the reference, none of which is wrong."""
    return {unit: getattr(reference, unit) for unit in units.EXPORTED}


def units_of(mistake: Mistake) -> dict[str, object]:
    """Return the reference's units with those of a mistake in place of its own."""
    return {**control(), **mistake.replaces}
