"""One row a unit, and no other list of units."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_conformance import units
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import fixtures

PACKAGE = Path(units.__file__).parent
FILES = [p for p in PACKAGE.rglob("*.py") if p.parent.name != "rows"]


def test_the_rows_stand_in_the_order_of_the_specification():
    assert tuple(units.UNITS) == specification.units()


def test_nothing_is_missing():
    assert list(units.audit(specification.units())) == []


def test_a_unit_without_a_row_is_named():
    (said,) = units.audit([*specification.units(), "Conv3D"])
    assert said == "Conv3D of SPEC.md has no row in rows/"


def test_a_row_without_a_section_is_named():
    said = list(units.audit([unit for unit in specification.units() if unit != "Dense"]))
    assert said == ["Dense of rows/ has no section with requirements in SPEC.md"]


def test_a_row_without_files_names_each_of_them(monkeypatch):
    row = replace(units.of("Dense"), name="Conv3D", stem="conv3d")
    monkeypatch.setattr(units, "ROWS", (*units.ROWS, row))
    said = list(units.audit([*specification.units(), "Conv3D"]))
    assert all(sentence.startswith("Conv3D of rows/ has no file ") for sentence in said)
    named = " ".join(said)
    for file in (
        "test_conv3d.py",
        "conv3d.toml",
        "conv3d.npz",
        "mistakes/conv3d.toml",
        "reference/conv3d.py",
    ):
        assert file in named


def test_a_layer_whose_slope_is_not_said_to_be_estimated_somehow_is_named(monkeypatch):
    rows = tuple(replace(row, smoothness="") if row.name == "Dense" else row for row in units.ROWS)
    monkeypatch.setattr(units, "ROWS", rows)
    (said,) = units.audit(specification.units())
    assert said == "Dense of rows/ has no smoothness: gradients cannot be checked"


OUTPUTS = {
    name
    for row in units.ROWS
    for case in fixtures(GOLDEN).unit(row.stem).cases.values()
    for name in case.requirement
}
"""What cases decide, of which some are called as a unit is: "accuracy"."""


def lists_of_units(file):
    """Yield the lists, tuples, sets and dicts of a file that name two units or more."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            parts = node.keys if isinstance(node, ast.Dict) else node.elts
            names = [p.value for p in parts if isinstance(p, ast.Constant)]
            if len([name for name in names if name in units.UNITS and name not in OUTPUTS]) > 1:
                yield ast.unparse(node)


@pytest.mark.parametrize(
    "file",
    [file for file in FILES if file.parent.name not in ("styles", "adapt")],  # unit by unit
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_no_other_file_lists_units(file):
    assert list(lists_of_units(file)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("conv", "unknown unit 'conv'; did you mean Conv2D?"),
        ("attention", "unknown unit 'attention'. The units are Conv2D, ReLU"),
    ],
)
def test_an_unknown_unit_is_named_with_the_closest_known_one(name, said):
    assert units.unknown(name, ["Conv2D", "ReLU"]) == said
