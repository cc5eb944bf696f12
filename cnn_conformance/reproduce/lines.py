"""Statements of a script before they are text: pieces of Python, and names that come later.

A name is a key: `("object", 3)` for what is kept under a number, `("value", 7)` for the reply to an
entry of the tape, `("constant", 0)` for an array. So two statements can be compared but for their
names, and folded into a loop.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Use:
    """The place of a name that is read."""

    key: Key


@dataclass(frozen=True)
class Define:
    """The place of a name that is given a value."""

    key: Key


Piece = str | Use | Define
Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Statement:
    """One statement, or a loop, of one or more lines.

    Parameters
    ----------
    pieces : tuple
        Text, and the places of names.
    kind : {"assign", "store", "call", "loop"}
        Whether it gives one name a value, changes something, or only calls.
    """

    pieces: Pieces
    kind: str = "call"

    def uses(self) -> list[Key]:
        """Return the names that are read."""
        return [piece.key for piece in self.pieces if isinstance(piece, Use)]

    def defines(self) -> list[Key]:
        """Return the names that are given a value."""
        return [piece.key for piece in self.pieces if isinstance(piece, Define)]

    def renamed(self, names: Mapping[Key, Key]) -> Statement:
        """Return the same with some names exchanged."""
        return Statement(renamed(self.pieces, names), self.kind)


def renamed(pieces: Pieces, names: Mapping[Key, Key]) -> Pieces:
    """Return pieces with some names exchanged."""
    return tuple(
        piece if isinstance(piece, str) else type(piece)(names.get(piece.key, piece.key))
        for piece in pieces
    )


def shape(statement: Statement) -> tuple[object, ...]:
    """Return what two statements have in common that differ in their names only."""
    return tuple(p if isinstance(p, str) else type(p) for p in statement.pieces)


def indented(pieces: Pieces) -> Pieces:
    """Return pieces that may stand within a loop or a function."""
    return tuple(p.replace("\n", "\n    ") if isinstance(p, str) else p for p in pieces)


def plural(name: str) -> str:
    """Return the name of several."""
    return f"{name}es" if name.endswith("s") else f"{name}s"


def joined(separator: str, parts: Iterable[Pieces]) -> Pieces:
    """Return pieces with a separator between them."""
    result: list[Piece] = []
    for place, part in enumerate(parts):
        result += [separator] * (place > 0)
        result += part
    return tuple(result)


def filled(template: str, parts: list[Pieces]) -> Pieces:
    """Return a template with pieces in place of each `{}`."""
    result: list[Piece] = []
    left = iter(parts)
    for text, name, _, _ in string.Formatter().parse(template):
        result += [text] if text else []
        result += next(left) if name is not None else ()
    return tuple(result)


@dataclass
class Names:
    """New names, and how they are best called.

    Parameters
    ----------
    hints : dict
        For each new name one that it is to be like, a suffix, and a word to use instead.
    """

    hints: dict[Key, tuple[Key, str, str]] = field(default_factory=dict)

    def new(self, kind: str, like: Key, word: str = "", suffix: str = "") -> Key:
        """Return a new name."""
        key = (kind, len(self.hints))
        self.hints[key] = (like, suffix, word)
        return key


@dataclass
class Constants:
    """The arrays that a script is given, each once.

    Parameters
    ----------
    known : mapping
        Names for arrays, where they have some.
    """

    known: Mapping[str, Array]
    arrays: list[Array] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    _same: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def key(self, array: Array, hint: str = "", always: bool = False) -> Key:
        """Return the key of an array, and call it as hinted where it has no name, or always."""
        array = np.asarray(array)
        content = (array.shape, array.dtype.str, array.tobytes())
        if content not in self._same:
            self._same[content] = len(self.arrays)
            self.arrays.append(array)
            name = hint if always else self._known(array) or hint
            self.hints.append(name or "a")
        return ("constant", self._same[content])

    def _known(self, array: Array) -> str:
        for name, value in self.known.items():
            if value.shape != array.shape or not value.ndim:
                continue
            if np.array_equal(value.astype(array.dtype), array):
                *numbers, last = name.split(".")
                words = [last, *numbers] if name[0].isdigit() else [*numbers, last]
                return "_".join(words)
        return ""


def literal(value: Any, constants: Constants, hint: str = "") -> Pieces:
    """Return a constant as it stands in a script."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, np.ndarray):
        return (Use(constants.key(value, hint)),)
    if isinstance(value, float) and not np.isfinite(value):
        return (f"float('{value}')",)
    return (repr(value),)
