"""The dialect of a rubric: conventions that a course defines otherwise, and judges as it does.

`conventions.toml` is the list of all that can be declared; `conversions` says what becomes of the
golden data, `mistakes.dialect` what code with a convention looks like.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance.oracle import specification

LIST = Path(__file__).with_name("conventions.toml")
NUMBER = "number"
"""The value of a convention for which any number above 0 can be declared."""


class BadDialect(ValueError):
    """A rubric declares what is no convention; says what came and what was expected."""


@dataclass(frozen=True)
class Convention:
    """One way of doing something that is not the specification's.

    Parameters
    ----------
    name : str
        The unit and what it is about, such as "ReLU.at_zero".
    value, plain : object
        What it is, and what it is in the specification.
    said, otherwise : str
        In a sentence: what is so, and what is so in the specification.
    says : dict
        The sentences of the requirements that it changes, by id.
    loses : tuple of str
        The requirements that an implementation with the specification's convention loses.
    is_computed : bool
        Whether PyTorch has to compute golden data for it.
    row : dict
        Everything that the list says of it.
    """

    name: str
    value: Any
    plain: Any
    said: str
    otherwise: str
    says: Mapping[str, str] = field(compare=False)
    loses: tuple[str, ...]
    is_computed: bool
    row: Mapping[str, Any] = field(compare=False, repr=False)

    @property
    def unit(self) -> str:
        """The unit that it is about."""
        return self.name.partition(".")[0]

    def with_number(self, number: float) -> Convention:
        """Return the same convention with a number."""
        return _convention(self.row, number)


@dataclass(frozen=True)
class Dialect:
    """The conventions that a rubric declares; none for the specification itself."""

    conventions: tuple[Convention, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """What is declared, by name."""
        return {each.name: each.value for each in self.conventions}

    @property
    def computed(self) -> dict[str, Any]:
        """What PyTorch has to compute golden data for, by name."""
        return {each.name: each.value for each in self.conventions if each.is_computed}

    @property
    def sentences(self) -> dict[str, str]:
        """The sentences that take the place of the specification's, by the requirement's id.

        Where two conventions change the same one, both stand there.
        """
        found: dict[str, list[str]] = {}
        for each in self.conventions:
            for id_, sentence in each.says.items():
                found.setdefault(id_, []).append(sentence)
        together = {
            id_: "As declared: " + " ".join(c.said for c in self.conventions if id_ in c.says)
            for id_, sentences in found.items()
            if len(sentences) > 1
        }
        return {id_: sentences[0] for id_, sentences in found.items()} | together

    def of(self, unit: str) -> tuple[Convention, ...]:
        """Return the conventions of one unit."""
        return tuple(each for each in self.conventions if each.unit == unit)

    def shown(self) -> list[dict[str, Any]]:
        """Return what a result document says of the dialect."""
        return [{"name": e.name, "value": e.value, "said": e.said} for e in self.conventions]

    def command(self) -> str:
        """Return how to make the golden data that this dialect needs."""
        words = " ".join(f"--with {_word(name, value)}" for name, value in self.computed.items())
        return f"python fixtures/generate.py {words} --out DIR"


@cache
def conventions() -> tuple[Convention, ...]:
    """Return all conventions that can be declared, with the number that is tried of any."""
    rows = tomllib.loads(LIST.read_text("utf-8"))["convention"]
    return tuple(_convention(each, each.get("tried")) for row in rows for each in _by_unit(row))


def _by_unit(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a row for each unit that it is about."""
    yield row
    first, _, about = row["name"].partition(".")
    for unit, loses in row.get("also", {}).items():
        said = row["said"].replace(first, unit)
        yield {**row, "name": f"{unit}.{about}", "said": said, "loses": loses}


def _convention(row: Mapping[str, Any], number: float | None) -> Convention:
    value = row["value"] if number is None else number
    unit = row["name"].partition(".")[0]
    says = {id_: text for key, text in row["says"].items() for id_ in specification.ids(unit, key)}
    shown = f"{value:g}" if isinstance(value, (int, float)) else str(value)
    return Convention(
        name=row["name"],
        value=value,
        plain=row["plain"],
        said=row["said"].replace("{VALUE}", shown),
        otherwise=row["otherwise"],
        says={id_: text.replace("{VALUE}", shown) for id_, text in says.items()},
        loses=specification.ids(unit, row["loses"]),
        is_computed=row["golden"] == "computed",
        row=row,
    )


def declared(*tables: Mapping[str, Any]) -> Dialect:
    """Return the dialect of a table such as {"ReLU": {"at_zero": 1}} or {"ReLU.at_zero": 1}.

    Of several tables, a later one has precedence.

    Raises
    ------
    BadDialect
        If it names no convention, or no value that one can have.
    """
    found = []
    for name, value in {name: v for table in tables for name, v in _flat(table)}.items():
        rows = [each for each in conventions() if each.name == name]
        if not rows:
            known = sorted({each.name for each in conventions()})
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"they are {', '.join(known)}"
            raise BadDialect(f"{name} is not a convention that can be declared; {hint}")
        if not _is(value, rows[0].plain):
            found.append(_chosen(rows, name, value))
    order = {each.name: place for place, each in enumerate(conventions())}
    return Dialect(tuple(sorted(found, key=lambda each: order[each.name])))


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value


def _chosen(rows: list[Convention], name: str, value: Any) -> Convention:
    if rows[0].row["value"] == NUMBER:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 < value < math.inf:
            raise BadDialect(f"{name} is {value!r}, expected a number above 0")
        return rows[0].with_number(float(value))
    for each in rows:
        if _is(value, each.value):
            return each
    values = ", ".join(repr(each.value) for each in rows)
    raise BadDialect(
        f"{name} is {value!r}, expected {values}, or {rows[0].plain!r} as in the specification"
    )


def _is(value: Any, other: Any) -> bool:
    return not isinstance(value, bool) and bool(value == other)


def parse(words: list[str]) -> Dialect:
    """Return the dialect of words such as "ReLU.at_zero=1", as on a command line.

    Raises
    ------
    BadDialect
        If a word is of another form, or names no convention.
    """
    table: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name in table:
            problem = "is given twice" if equals else "has no value"
            raise BadDialect(f"{name} {problem}; expected UNIT.CONVENTION=VALUE, each once")
        try:
            table[name] = float(text)
        except ValueError:
            table[name] = text
    return declared(table)


def _word(name: str, value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else value
    return f"{name}={text}"


def requirements_of(dialect: Dialect) -> dict[str, specification.Requirement]:
    """Return all requirements by id, with the sentences that hold in a dialect."""
    sentences = dialect.sentences
    return {
        id_: (
            specification.Requirement(r.id, r.unit, r.aspect, sentences[id_], r.profile)
            if id_ in sentences
            else r
        )
        for id_, r in specification.requirements().items()
    }
