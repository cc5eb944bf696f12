"""Statements that repeat become loops: a tape is long, a script is short.

Blocks of statements that are the same but for their names are one iteration each. A name that
differs from one to the next becomes the loop's variable; one that an iteration takes from the
iteration before it is carried; one that is wanted of every iteration is collected in a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cnn_conformance.reproduce.lines import (
    Constants,
    Define,
    Key,
    Names,
    Piece,
    Pieces,
    Statement,
    Use,
    indented,
    joined,
    plural,
    renamed,
    shape,
)

LONGEST = 40
"""Statements of one iteration."""


@dataclass
class Folded:
    """Statements, and what names of theirs have become.

    Parameters
    ----------
    statements : list of Statement
        What is left.
    became : dict
        For names of single iterations where their values are now.
    counts : dict
        How many values are collected in each list.
    """

    statements: list[Statement]
    became: dict[Key, Pieces] = field(default_factory=dict)
    counts: dict[Key, int] = field(default_factory=dict)

    def resolved(self, pieces: Pieces) -> Pieces:
        """Return pieces in which names that have become something else are exchanged."""
        result: list[Piece] = []
        for piece in pieces:
            known = self.became.get(piece.key) if isinstance(piece, Use) else None
            result += [piece] if known is None else self.resolved(known)
        return tuple(result)


class Folding:
    """Folds statements, given which names are wanted at the end."""

    def __init__(
        self,
        constants: Constants,
        names: Names,
        statements: list[Statement],
        wanted: Pieces,
        close: bool = False,
    ) -> None:
        self.close = close
        self.constants, self.names = constants, names
        self.folded = Folded(list(statements))
        self.wanted = wanted

    def fold(self, least: int, longest: int = LONGEST) -> Folded:
        """Fold what repeats at least so many times, the shortest blocks first."""
        size = 1
        while size <= min(longest, len(self.folded.statements) // least):
            if not self._fold_once(size, least):
                size += 1
        return self.folded

    def _fold_once(self, size: int, least: int) -> bool:
        statements = self.folded.statements
        for start in range(len(statements) - least * size + 1):
            count = self._count(start, size)
            while count >= least:
                end = start + count * size
                blocks = [statements[i : i + size] for i in range(start, end, size)]
                became = dict(self.folded.became)
                made = self._loop(blocks, statements[end:])
                if made is not None and _lines(made) < _lines(statements[start:end]):
                    rest = [
                        Statement(self.folded.resolved(s.pieces), s.kind) for s in statements[end:]
                    ]
                    self.folded.statements = [*statements[:start], *made, *rest]
                    self.wanted = self.folded.resolved(self.wanted)
                    return True
                self.folded.became = became
                count -= 1
        return False

    def _count(self, start: int, size: int) -> int:
        """Return how many blocks from here on have the same texts."""
        statements = self.folded.statements
        first = [shape(s) for s in statements[start : start + size]]
        count = 1
        while [
            shape(s) for s in statements[start + count * size : start + (count + 1) * size]
        ] == first:
            count += 1
        return count

    def _loop(
        self, blocks: list[list[Statement]], later: Sequence[Statement]
    ) -> list[Statement] | None:
        count = len(blocks)
        made = [[key for s in block for key in s.defines()] for block in blocks]
        places = [{key: place for place, key in enumerate(keys)} for keys in made]
        everything = set().union(*places)
        if len(everything) != sum(map(len, places)):
            return None
        columns = zip(*([key for s in block for key in s.uses()] for block in blocks), strict=True)
        canonical = made[-1]
        names: list[Key] = []
        items: dict[tuple[Key, ...], Key] = {}
        carried: dict[Key, Key] = {}
        seen: set[Key] = set()
        for column in columns:
            inside = {places[i].get(key) for i, key in enumerate(column)}
            before = {places[i].get(key) for i, key in enumerate(column[1:])}
            if len(inside) == 1 and None not in inside:
                names.append(canonical[inside.pop() or 0])
            elif len(set(column)) == 1 and column[0] not in everything:
                names.append(column[0])
            elif None not in before and len(before) == 1 and column[0] not in everything:
                name = canonical[before.pop() or 0]
                if carried.setdefault(name, column[0]) != column[0]:
                    return None
                names.append(name)
            elif not everything & set(column):
                names.append(self._item(items, column))
            else:
                return None
            seen.add(names[-1])
        body, left = [], iter(names)
        for statement in blocks[-1]:
            pieces = [
                Use(next(left)) if isinstance(piece, Use) else piece for piece in statement.pieces
            ]
            body.append(Statement(tuple(pieces), statement.kind))
        uses_later = {key for s in later for key in s.uses()}
        uses_later |= {piece.key for piece in self.wanted if isinstance(piece, Use)}
        return self._written(body, items, carried, made, uses_later, count)

    def _item(self, items: dict[tuple[Key, ...], Key], column: tuple[Key, ...]) -> Key:
        """Return the loop's variable for a name that differs from one iteration to the next."""
        if column not in items:
            items[column] = self.names.new("item", column[0])
        return items[column]

    def _written(
        self,
        body: list[Statement],
        items: dict[tuple[Key, ...], Key],
        carried: dict[Key, Key],
        made: list[list[Key]],
        uses_later: set[Key],
        count: int,
    ) -> list[Statement]:
        """Return the statements before a loop, and the loop."""
        before: list[Statement] = []
        for name, first in carried.items():
            place = made[-1].index(name)
            is_collected = any(keys[place] in uses_later for keys in made[:-1])
            if first[0] == "value" and first not in uses_later and not is_collected:
                self.folded.became[name] = (Use(first),)
                body = [Statement(renamed(s.pieces, {name: first}), s.kind) for s in body]
            else:
                before.append(Statement((Define(name), " = ", Use(first)), "assign"))
        collected: dict[Key, Key] = {}
        for place, key in enumerate(made[-1]):
            if any(keys[place] in uses_later for keys in made[:-1]):
                collected[key] = self.names.new("list", key, suffix="s")
                self.folded.counts[collected[key]] = count
                for i, keys in enumerate(made):
                    self.folded.became[keys[place]] = (Use(collected[key]), f"[{i}]")
        if self.close:
            body = merged(body, set(collected))
        header = self._header(items, count)
        if len(body) == 1 and len(collected) == 1 and body[0].kind == "assign" and not carried:
            (list_,) = collected.values()
            value = body[0].pieces[2:]
            return [Statement((Define(list_), " = ", "[", *value, " ", *header, "]"), "assign")]
        before += [Statement((Define(k), " = ", "[]"), "assign") for k in collected.values()]
        lines: list[Pieces] = []
        for statement in body:
            key = statement.defines()[0] if statement.kind == "assign" else ()
            if key in collected and not any(key in s.uses() for s in body) and key not in carried:
                lines.append((Use(collected[key]), ".append(", *statement.pieces[2:], ")"))
                continue
            lines.append(statement.pieces)
            lines += [
                (Use(collected[k]), ".append(", Use(k), ")")
                for k in statement.defines()
                if k in collected
            ]
        lines = [indented(pieces) for pieces in lines]
        header, lines = _named_at_once(header, lines)
        single = len(lines) == 1 and not any(
            isinstance(p, str) and ("\n" in p or p.startswith("for ")) for p in lines[0]
        )
        inner = (" ", *lines[0]) if single else ("\n    ", *joined("\n    ", lines))
        return [*before, Statement((*header, ":", *inner), "loop")]

    def _header(self, items: Mapping[tuple[Key, ...], Key], count: int) -> Pieces:
        if not items:
            return (f"for _ in range({count})",)
        targets = joined(", ", [(Define(item),) for item in items.values()])
        sequences = [self._sequence(column) for column in items]
        if len(sequences) == 1:
            return ("for ", *targets, " in ", *sequences[0])
        return ("for ", *targets, " in zip(", *joined(", ", sequences), ")")

    def _sequence(self, column: tuple[Key, ...]) -> Pieces:
        """Return what a loop goes through: arrays stacked in one, or a tuple."""
        if all(key[0] == "constant" for key in column):
            arrays = [self.constants.arrays[key[1]] for key in column]
            if len({(a.shape, a.dtype) for a in arrays}) == 1:
                key = self.constants.key(
                    np.stack(arrays), plural(self.constants.hints[column[0][1]])
                )
                return (Use(key),)
        return ("(", *joined(", ", [(Use(key),) for key in column]), ")")


def beside(first: Statement, second: Statement) -> Statement | None:
    """Return two assignments as one, where the second does without the first."""
    if first.kind != second.kind or first.kind not in ("assign", "store"):
        return None
    if set(first.defines()) & set(second.uses()):
        return None
    a, b = first.pieces.index(" = "), second.pieces.index(" = ")
    targets = joined(", ", [first.pieces[:a], second.pieces[:b]])
    values = joined(", ", [first.pieces[a + 1 :], second.pieces[b + 1 :]])
    return Statement((*targets, " = ", *values), first.kind)


def merged(statements: Sequence[Statement], apart: set[Key]) -> list[Statement]:
    """Return statements with assignments beside each other, but for some names."""
    result: list[Statement] = []
    for statement in statements:
        both = beside(result[-1], statement) if result else None
        if both is not None and not apart & set(both.defines()):
            result[-1] = both
        else:
            result.append(statement)
    return result


def _named_at_once(header: Pieces, lines: list[Pieces]) -> tuple[Pieces, list[Pieces]]:
    """Return a loop whose variable, if it is only given another name, has that name at once."""
    for place, line in enumerate(lines):
        if len(line) == 3 and isinstance(line[0], Define) and isinstance(line[2], Use):
            name, item = line[0].key, line[2].key
            uses = [p for each in lines for p in each if isinstance(p, Use) and p.key == item]
            if item[0] == "item" and len(uses) == 1 and Define(item) in header:
                rest = [*lines[:place], *lines[place + 1 :]]
                return renamed(header, {item: name}), rest
    return header, lines


def whole_lists(pieces: Pieces, counts: Mapping[Key, int]) -> Pieces:
    """Return pieces in which a list of all that a loop has collected is that list itself."""
    pieces = tuple(piece for piece in pieces if piece)
    for key, count in counts.items():
        items = joined(", ", [(Use(key), f"[{place}]") for place in range(count)])
        for start in range(len(pieces) - len(items) - 1):
            end = start + len(items) + 1
            ends = str(pieces[start]), str(pieces[end])
            if pieces[start + 1 : end] == items and ends[0].endswith("[") and ends[1][:1] == "]":
                before = (ends[0][:-1],) if ends[0] != "[" else ()
                after = (ends[1][1:],) if ends[1] != "]" else ()
                return (*pieces[:start], *before, Use(key), *after, *pieces[end + 1 :])
    return pieces


def _lines(statements: Sequence[Statement]) -> int:
    return sum(1 + sum(p.count("\n") for p in s.pieces if isinstance(p, str)) for s in statements)
