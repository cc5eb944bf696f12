"""Objects that are made alike: one function makes them, and one that is used once has no name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from cnn_conformance.reproduce.lines import (
    Define,
    Key,
    Names,
    Piece,
    Pieces,
    Statement,
    Use,
    indented,
    joined,
    shape,
)

STORES = ("store", "loop")


def with_function(statements: Sequence[Statement], names: Names) -> list[Statement]:
    """Return statements in which a function makes what is made alike, parameters and all."""
    blocks = list(_blocks(statements))
    starts = Counter(
        tuple(map(shape, block[:length]))
        for _, block in blocks
        for length in range(2, len(block) + 1)
    )
    repeated = [each for each, count in starts.items() if count > 1]
    if not repeated:
        return list(statements)
    best = max(repeated, key=lambda each: (starts[each] - 1) * len(each))
    alike = [
        (start, block[: len(best)])
        for start, block in blocks
        if tuple(map(shape, block[: len(best)])) == best
    ]
    columns = list(zip(*([k for s in block for k in s.uses()] for _, block in alike), strict=True))
    layer = names.new("item", alike[0][1][0].defines()[0], "layer")
    made = {block[0].defines()[0] for _, block in alike}
    parameters: dict[tuple[Key, ...], Key] = {}
    inside: list[Key] = []
    for column in columns:
        if set(column) <= made:
            inside.append(layer)
        elif len(set(column)) == 1:
            inside.append(column[0])
        else:
            parameters.setdefault(column, names.new("item", column[0]))
            inside.append(parameters[column])
    lines: list[Pieces] = []
    left = iter(inside)
    for statement in alike[0][1]:
        lines.append(
            tuple(
                Use(next(left))
                if isinstance(piece, Use)
                else Define(layer)
                if isinstance(piece, Define) and piece.key in made
                else piece
                for piece in statement.pieces
            )
        )
    lines.append(("return ", Use(layer)))
    words = joined(", ", [(Define(key),) for key in parameters.values()])
    body = joined("\n    ", [indented(line) for line in lines])
    result = list(statements)
    for number, (start, block) in reversed(list(enumerate(alike))):
        given = joined(", ", [(Use(column[number]),) for column in parameters])
        call = (block[0].pieces[0], " = ", "new(", *given, ")")
        result[start : start + len(block)] = [Statement(call, "assign")]
    return [Statement(("def new(", *words, "):\n    ", *body), "loop"), *result]


def _blocks(statements: Sequence[Statement]) -> Iterator[tuple[int, list[Statement]]]:
    """Yield where an object is made, with the statements that bring it into its state."""
    for start, statement in enumerate(statements):
        defined = statement.defines()
        if statement.kind != "assign" or defined[0][0] != "object":
            continue
        block = [statement]
        for following in statements[start + 1 :]:
            objects = {key for key in following.uses() if key[0] != "constant"}
            if following.kind not in STORES or objects != {defined[0]} or following.defines():
                break
            block.append(following)
        yield start, block


def without_names(
    statements: Sequence[Statement], wanted: Pieces, kinds: Sequence[str]
) -> list[Statement]:
    """Return statements in which what only the next one uses, once, has no name."""
    uses = Counter(key for s in statements for key in s.uses())
    uses.update(piece.key for piece in wanted if isinstance(piece, Use))
    result: list[Statement] = []
    for statement in statements:
        last = result[-1] if result else None
        if last is not None and last.kind == "assign" and statement.kind in ("assign", "call"):
            key = last.defines()[0]
            place = statement.uses().index(key) if key in statement.uses() else len(uses)
            if key[0] in kinds and uses[key] == 1 and place <= (key[0] == "value"):
                result.pop()
                pieces: list[Piece] = []
                for piece in statement.pieces:
                    is_it = isinstance(piece, Use) and piece.key == key
                    pieces += last.pieces[2:] if is_it else [piece]
                statement = Statement(tuple(pieces), statement.kind)
        result.append(statement)
    return result


def gathered(statements: Sequence[Statement], names: Names) -> list[Statement]:
    """Return statements with all that is made at the start, and set to its state after that.

    They stay as they are where code that keeps arguments on the class would see a difference.
    """
    blocks = dict(_blocks(statements))
    if not _made_alike(statements, blocks):
        return list(statements)
    made: list[Statement] = []
    states: list[Statement] = []
    rest: list[Statement] = []
    left = 0
    for place, statement in enumerate(statements):
        if place in blocks and all(key[0] == "constant" for key in statement.uses()):
            made.append(statement)
            states += blocks[place][1:]
            left = len(blocks[place]) - 1
        elif left:
            left -= 1
        else:
            rest.append(statement)
    return [*made, *states, *rest]


def _made_alike(statements: Sequence[Statement], blocks: Collection[int]) -> bool:
    """Tell whether the latest object of a unit, whenever one is used, is made like its last."""
    latest: dict[Piece, Pieces] = {}
    seen: list[tuple[Piece, Pieces]] = []
    for place, statement in enumerate(statements):
        if place in blocks:
            latest[statement.pieces[2]] = statement.pieces[2:]
        elif statement.kind != "store":
            seen += latest.items()
    return all(latest[unit] == call for unit, call in seen)
