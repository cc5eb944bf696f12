"""Edits of the clear source: what is looked for, and how several lines are indented."""

import numpy as np
import pytest

from cnn_conformance.mistakes.catalogue import catalogue
from cnn_conformance.mistakes.edits import BadEdit, diff, source

DROPOUT = [each for each in catalogue() if each.unit == "Dropout" and each.edits]


def test_lines_in_place_of_one_have_its_indentation():
    text = source("SGD", [("p -= rate * g", "g *= rate\np -= g")])
    assert "            g *= rate\n            p -= g\n" in text


def test_lines_in_place_of_lines_have_their_indentation():
    edit = ("if self.weight_decay:\n    g = g + self.weight_decay * p\n", "g = g.copy()\n")
    assert "            g = g.copy()\n            if self.momentum:" in source("SGD", [edit])
    assert diff("SGD", [edit]).count("\n-") == 2


@pytest.mark.parametrize(
    ("was", "times"), [("rate + g", 0), ("self.momentum", 4), ("p = p - rate * v", 0)]
)
def test_what_is_looked_for_is_in_the_code_exactly_once(was, times):
    with pytest.raises(BadEdit, match=f"found {times} times"):
        source("SGD", [(was, "")])


@pytest.mark.parametrize("mistake", DROPOUT, ids=[each.name for each in DROPOUT])
def test_what_a_file_changes_everywhere_is_in_each_of_its_edits(mistake):
    outputs = []
    for _ in range(2):
        np.random.seed(0)
        outputs.append(mistake.replaces["Dropout"]().forward(np.ones((60, 5))))
    assert np.array_equal(*outputs)
