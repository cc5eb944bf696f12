"""Statements of a tape become loops only where the loop does the same."""

import numpy as np
import pytest

from cnn_conformance.reproduce.folding import Folding, whole_lists
from cnn_conformance.reproduce.lines import Constants, Define, Names, Statement, Use, joined


def fold(lines, wanted, least=2):
    """Return the text of lines `name = call(name, ...)`, folded, and that of what is wanted."""
    constants, names = Constants({}), Names()
    made = {name: ("value", name) for line in lines for name in [line.partition(" = ")[0]]}
    numbers = {}

    def key(word):
        if word in made:
            return made[word]
        return numbers.setdefault(word, constants.key(np.full(3, float(len(numbers)))))

    statements = []
    for line in lines:
        target, _, call = line.partition(" = ")
        function, *args = call.split()
        uses = joined(", ", [(Use(key(arg)),) for arg in args])
        pieces = (Define(made[target]), " = ", f"{function}(", *uses, ")")
        statements.append(Statement(pieces, "assign"))
    end = joined(", ", [(Use(made[name]),) for name in wanted])
    folded = Folding(constants, names, statements, end).fold(least)
    known = {}

    def text(pieces):
        parts = []
        for piece in pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                parts.append(known.setdefault(piece.key, f"{piece.key[0][0]}{len(known)}"))
        return "".join(parts)

    body = [text(s.pieces) for s in folded.statements]
    return body, text(whole_lists(("[", *folded.resolved(end), "]"), folded.counts))


def test_what_differs_becomes_the_variable_and_all_that_is_wanted_a_list():
    lines = ["y1 = f a", "y2 = f b", "y3 = f c"]
    assert fold(lines, ["y1", "y2", "y3"]) == (["l0 = [f(i1) for i1 in c2]"], "l0")


def test_only_the_last_is_wanted():
    body, end = fold(["y1 = f a", "y2 = f b", "y3 = f c"], ["y3"])
    assert body == ["for i0 in c1: v2 = f(i0)"]
    assert end == "[v2]"


def test_a_value_is_carried_from_one_iteration_to_the_next():
    body, end = fold(["y1 = f a", "y2 = g y1", "y3 = g y2", "y4 = g y3"], ["y4"])
    assert body == ["v0 = f(c1)", "for _ in range(3): v0 = g(v0)"]
    assert end == "[v0]"


def test_blocks_of_several_statements():
    lines = [
        f"{name}{i} = {call}"
        for i, x in enumerate("abc")
        for name, call in [("u", f"f {x}"), ("w", f"g u{i}")]
    ]
    body, _ = fold(lines, ["w2"])
    assert body == ["for i0 in c1:\n    v2 = f(i0)\n    v3 = g(v2)"]


@pytest.mark.parametrize(
    "lines",
    [
        ["y1 = f a", "y2 = g b"],
        ["y1 = f a", "y2 = g y1", "z1 = f b", "z2 = g y1"],
    ],
)
def test_what_is_not_the_same_stays(lines):
    last = lines[-1].partition(" = ")[0]
    assert len(fold(lines, [last])[0]) == len(lines)
