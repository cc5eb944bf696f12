"""Code that takes only whole numbers and square images can be judged on every requirement."""

import numpy as np
import pytest

from cnn_conformance import reference
from cnn_conformance.oracle import specification
from tests.grade import RIGHT, grade

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
def test_code_for_squares_loses_what_is_about_pairs_and_nothing_else(unit):
    document = grade({unit: only_square(unit)}, unit, profile="full").document
    lost = {r["id"]: r for r in document["requirements"] if r["unit"] == unit}
    lost = {id_: r for id_, r in lost.items() if r["points"] < r["max_points"]}
    assert {r["verdict"] for r in lost.values()} == {"unsupported"}
    about = specification.options()[unit]
    names = [name for name in about if "non-square" in name or name.endswith("as a pair")]
    assert len(names) == 4
    costs = set.union(*(set(about[name]) for name in names))
    pairs_of_dilations = {"CONV2D-86", "CONV2D-106"} if unit == "Conv2D" else set()
    assert set(lost) == costs | pairs_of_dilations


def test_a_network_of_such_units_is_judged_by_one_of_square_images():
    document = grade(RIGHT | {unit: only_square(unit) for unit in UNITS}, "Network").document
    (network,) = (unit for unit in document["units"] if unit["unit"] == "Network")
    assert network["points"] == network["max_points"]
