"""A tape and what failed at its end, as the draft of a script."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.implementation.tape import Entry, Tape
from cnn_conformance.reproduce import making, standins
from cnn_conformance.reproduce.ending import Assertion
from cnn_conformance.reproduce.folding import Folded, Folding, beside, whole_lists
from cnn_conformance.reproduce.lines import Constants, Names, Pieces, Statement, indented, joined
from cnn_conformance.reproduce.naming import Naming
from cnn_conformance.reproduce.script import AROUND, MOST_LINES, Draft
from cnn_conformance.reproduce.translation import Translation
from cnn_conformance.units import FIT

Change = Callable[[Sequence[Statement], Names], list[Statement]]


def _nothing(statements: Sequence[Statement], names: Names) -> list[Statement]:
    return list(statements)


WAYS: tuple[tuple[Change, tuple[str, ...], int, bool], ...] = (
    (_nothing, (), 3, False),
    (making.with_function, ("object",), 3, False),
    (making.with_function, ("object",), 2, False),
    (_nothing, ("object",), 2, False),
    (_nothing, (), 2, False),
    (making.gathered, (), 2, False),
    (making.gathered, (), 2, True),
    (making.gathered, (), 3, True),
    (making.gathered, ("value",), 2, True),
)
"""How statements are made fewer: a change, what has no name if it is used once, how often a block
has to be there to become a loop, and whether a loop has assignments beside each other."""
SEED = Statement(("np.random.seed(0)  # for code that uses this generator",))


def draft(
    tape: Tape, assertion: Assertion, known: Mapping[str, Array], *, to_the_end: bool = False
) -> Draft:
    """Return the draft of a script that does what stands on a tape, as far as it matters.

    Parameters
    ----------
    tape : Tape
        What was asked and what came.
    assertion : Assertion
        What the script ends with.
    known : mapping
        Arrays that have a name.
    to_the_end : bool
        Whether to do all that the check did: what is not cut off within a loop folds better.
    """
    room = MOST_LINES - AROUND
    constants = Constants(known)
    translation = Translation(tape, constants)
    translation.notes |= assertion.notes
    translation.named |= assertion.named
    for value in assertion.needs:
        translation.need(value)
    if assertion.entry is not None:
        translation.need_entry(assertion.entry)
    translation.need_beside(to_the_end)
    statements = translation.statements()
    ending = assertion.write(translation)
    entries_ = [tape.entries[index] for index in sorted(translation.needed)]
    imported = list(dict.fromkeys(e.request["unit"] for e in entries_ if "unit" in e.request))
    probes = {e.request["name"] for e in entries_ if e.do == "probe"}
    head = [SEED] if any(map(_draws, entries_)) else []
    goes_back = any("backward" in (e.do, e.request.get("method")) for e in entries_)
    head += standins.head(probes, translation.notes, goes_back)
    is_short = assertion.tolerance is not None and not any("got" in str(p) for p in ending[1][1:])
    left = room - (1 if is_short else len(ending))
    written = _shortest(head, statements, joined("\n", ending), constants, left)
    lines, folded, names = written
    ending = [whole_lists(folded.resolved(pieces), folded.counts) for pieces in ending]
    naming = Naming(translation, names, [*(s.pieces for s in lines), *ending])
    if assertion.is_error:
        lines = _tried(lines)
    text = "\n".join(map(naming.text, [*(s.pieces for s in lines), *ending])).split("\n")
    if assertion.tolerance is not None:
        text = _ended(text, room)
    return Draft(naming.data(), text, assertion.tolerance, imported)


def _shortest(
    head: list[Statement],
    statements: list[Statement],
    wanted: Pieces,
    constants: Constants,
    room: int,
) -> tuple[list[Statement], Folded, Names]:
    """Return statements that fit: as they are, or with a function and loops, or close together."""
    ways = []
    for change, kinds, least, close in WAYS:
        names = Names()
        first = Folding(constants, names, statements, wanted).fold(3, longest=1)
        tried = change(first.statements, names)
        tried = making.without_names(tried, first.resolved(wanted), kinds)
        folded = Folding(constants, names, tried, first.resolved(wanted), close).fold(least)
        folded.became = {**first.became, **folded.became}
        folded.counts |= first.counts
        ways.append(([*head, *folded.statements], folded, names))
    for lines, folded, names in ways:
        if count(lines) <= room:
            return lines, folded, names
    closer = [(compact(lines, room), folded, names) for lines, folded, names in ways]
    return min(closer, key=lambda way: max(count(way[0]), room))


def _draws(entry: Entry) -> bool:
    """Tell whether a request may draw numbers that nothing else decides."""
    unit, options = entry.request.get("unit", ""), entry.request.get("options", {})
    if unit == FIT:
        return options.get("shuffle", True) is True and "rng" not in options
    return unit != "" and units.of(unit).is_random and "rng" not in options


def _tried(statements: Sequence[Statement]) -> list[Statement]:
    """Return statements the last of which, from where an object is made, stand within `try`."""
    firsts = [i for i, s in enumerate(statements) if s.defines()[:1] and s.kind == "assign"]
    start = min(firsts, default=0)
    if any("SimpleNamespace" in str(s.pieces) for s in statements):
        start = len(statements) - 1
    pieces = joined("\n", [s.pieces for s in statements[start:]])
    single = len(statements) - start == 1
    text = ("try: ", *pieces) if single else ("try:\n    ", *indented(pieces))
    return [*statements[:start], Statement(text)]


def compact(statements: Sequence[Statement], room: int) -> list[Statement]:
    """Put assignments beside each other until there are no more lines than may be."""
    lines = list(statements)
    while count(lines) > room:
        pairs = [(place, beside(*lines[place : place + 2])) for place in range(len(lines) - 1)]
        merged = [(place, both) for place, both in pairs if both is not None]
        if not merged:
            return _flat(lines, room)
        place, both = min(merged, key=lambda pair: len(pair[1].pieces))
        lines[place : place + 2] = [both]
    return lines


def _flat(statements: list[Statement], room: int) -> list[Statement]:
    """Return statements with loops on one line each until there are no more than may be."""
    lines = list(statements)
    for place, statement in enumerate(lines):
        text = "".join(piece if isinstance(piece, str) else "_" for piece in statement.pieces)
        compound = re.findall(r"(?:^|\n *)(for|def) ", text)
        if count(lines) > room and statement.kind == "loop" and compound == ["for"]:
            lines[place] = Statement(_on_one_line(statement.pieces), "loop")
    return lines


def _on_one_line(pieces: Pieces) -> Pieces:
    first = next((i for i, p in enumerate(pieces) if isinstance(p, str) and "\n" in p), len(pieces))
    return tuple(
        p.replace("\n    ", " " if i == first else "; ") if isinstance(p, str) else p
        for i, p in enumerate(pieces)
    )


def count(statements: Sequence[Statement]) -> int:
    """Return how many lines statements take."""
    return sum(1 + sum(p.count("\n") for p in s.pieces if isinstance(p, str)) for s in statements)


def _ended(text: list[str], room: int) -> list[str]:
    """Return lines that end with `got` and `expected`, without assigning a name to itself."""
    *lines, got, expected = text
    value = got.removeprefix("got = ")
    used = re.search(rf"\b{re.escape(value)}\b", expected)
    if lines and lines[-1].startswith(f"{value} = ") and value.isidentifier() and not used:
        got = "got = " + lines.pop().removeprefix(f"{value} = ")
    ending = [got] if expected == "expected = expected" else [got, expected]
    if len(lines) + 1 > room:
        lines, ending = _called_so(lines, ending)
    if len(ending) == 2 and len(lines) + 2 > room and "got" not in expected:
        sides = ", ".join(line.partition(" = ")[2] for line in ending)
        ending = [f"got, expected = {sides}"]
    return [*lines, *ending]


def _called_so(lines: list[str], ending: list[str]) -> tuple[list[str], list[str]]:
    """Return lines in which the values at the end have the names `got` and `expected` at once."""
    renames = [tuple(line.split(" = ", 1)) for line in ending]
    targets = [match[1] for line in lines if (match := re.match(r"([\w, ]+) = ", line))]
    assigned = {name for each in targets for name in each.split(", ")}
    if not all(value in assigned and value.isidentifier() for _, value in renames):
        return lines, ending
    for name, value in renames:
        lines = [re.sub(rf"(?<![\w.\"]){value}(?![\w\"]|=)", name, line) for line in lines]
    return lines, []


__all__ = ["Pieces", "compact", "count", "draft"]
