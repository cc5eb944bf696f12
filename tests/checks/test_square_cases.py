"""Code that takes only whole numbers and square images can be judged on every requirement."""

from collections import defaultdict

import numpy as np
import pytest

from cnn_conformance import reference
from cnn_conformance.checks import options
from cnn_conformance.checks.registry import manifest
from cnn_conformance.oracle import specification
from tests.grade import RIGHT, grade

ABOUT_SHAPES = {
    "CONV2D-5": "The order of the two sizes of a kernel.",
    "CONV2D-7": "The order of the two strides.",
    "CONV2D-9": "The order of the two paddings.",
    "CONV2D-23": "Kernels that are not square.",
    "CONV2D-31": "Kernels that are not square.",
    "MAXPOOL2D-5": "The order of the two sizes of a window, and of the two strides.",
    "MAXPOOL2D-23": "Windows that are not square.",
    "AVGPOOL2D-5": "The order of the two sizes of a window, and of the two strides.",
    "AVGPOOL2D-23": "Windows that are not square.",
}
"""Requirements that are about pairs, each with what it is about: code without pairs loses them."""
PARTLY = {"CONV2D-11", "CONV2D-27", "CONV2D-35"} | {
    f"{unit}-{number}" for unit in ("MAXPOOL2D", "AVGPOOL2D") for number in (8, 27)
}
"""Requirements that name pairs among other things: code without pairs loses a part of them."""
UNITS = ("Conv2D", "MaxPool2D", "AvgPool2D")


def refuse(what):
    raise NotImplementedError(f"unsupported: {what}")


def only_square(unit):
    """Return a unit of the reference that takes neither pairs nor images that are not square."""

    class OnlySquare(getattr(reference, unit)):
        def __init__(self, *arguments, **named):
            if any(isinstance(value, tuple | list) for value in (*arguments, *named.values())):
                refuse("pairs")
            super().__init__(*arguments, **named)

        def forward(self, x):
            if np.ndim(x) == 4 and x.shape[2] != x.shape[3]:
                refuse(f"images of {x.shape[2]} rows and {x.shape[3]} columns")
            return super().forward(x)

    return OnlySquare


@pytest.mark.parametrize("unit", UNITS)
def test_every_requirement_that_is_not_about_pairs_has_a_case_of_whole_numbers_and_squares(unit):
    cases = defaultdict(set)
    for check in manifest().values():
        if specification.requirements()[check.requirement].unit == unit:
            cases[check.requirement].add(bool(check.uses & {options.PAIRS, options.OBLONG}))
    assert {id_ for id_, needs in cases.items() if needs == {True}} == {
        id_ for id_ in ABOUT_SHAPES if id_ in cases
    }


@pytest.mark.parametrize("unit", UNITS)
def test_code_for_squares_loses_what_is_about_pairs_and_nothing_else(unit):
    document = grade({unit: only_square(unit)}, unit, profile="full").document
    lost = {r["id"]: r for r in document["requirements"] if r["unit"] == unit}
    lost = {id_: r for id_, r in lost.items() if r["points"] < r["max_points"]}
    assert {r["verdict"] for r in lost.values()} == {"unsupported"}
    mine = {id_ for id_ in {*ABOUT_SHAPES} | PARTLY if id_.startswith(f"{unit.upper()}-")}
    assert set(lost) == mine
    assert {id_ for id_, r in lost.items() if r["points"]} <= PARTLY


def test_a_network_of_such_units_is_judged_by_one_of_square_images():
    document = grade(RIGHT | {unit: only_square(unit) for unit in UNITS}, "Network").document
    (network,) = (unit for unit in document["units"] if unit["unit"] == "Network")
    assert network["points"] == network["max_points"]
