"""Every unit of every profile can be diagnosed, whatever fails in it and whatever passes."""

import numpy as np
import pytest

from cnn_conformance import units
from cnn_conformance.diagnosis.case_features import features
from cnn_conformance.locations import GOLDEN
from cnn_conformance.mistakes import catalogue, control, units_of
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import WRONG
from cnn_conformance.phrases import say
from tests.grade import FIXTURES, grade

UNITS = [unit for unit in specification.units() if unit in control()]
FILES = {file.name for file in GOLDEN.glob("*.toml")}
SOME = 4
"""How many mistakes of each unit are diagnosed."""


def in_some_calls(unit):
    """Return a unit whose answers are wrong in every third call of each of its methods."""
    right = control()[unit]
    calls = {"number": 0}

    def spoiled(answer):
        calls["number"] += 1
        if calls["number"] % 3:
            return answer
        if isinstance(answer, dict):
            return {key: [1.5 * v for v in np.atleast_1d(value)] for key, value in answer.items()}
        return 1.5 * answer if answer is not None else None

    if units.of(unit).takes == "dict":

        def in_place(arrays, *args):
            answer = right(arrays, *args)
            for array in arrays.values():
                array[...] = spoiled(array)
            return answer

        return in_place
    if not isinstance(right, type):
        return lambda *args, **options: spoiled(right(*args, **options))
    if hasattr(right, "step"):

        class Optimizer(right):
            def step(self, params, grads):
                super().step(params, grads)
                for p in params.values():
                    p[...] = spoiled(p)

        return Optimizer

    class Layer(right):
        def forward(self, *args):
            return spoiled(super().forward(*args))

        def backward(self, *args):
            return spoiled(super().backward(*args))

    return Layer


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_wrong_in_some_cases_is_diagnosed_without_a_failure(unit):
    result = grade({unit: in_some_calls(unit)}, unit, profile="full").diagnosed
    verdicts = {r["verdict"] for r in result["requirements"] if r["unit"] == unit}
    assert verdicts & WRONG
    assert result["problems"] == []


@pytest.mark.parametrize("unit", UNITS)
def test_mistakes_are_diagnosed_without_a_failure(unit):
    mine = [each for each in catalogue() if each.unit == unit]
    for each in mine[:: max(1, len(mine) // SOME)]:
        result = grade(units_of(each), unit, profile="full").diagnosed
        assert result["problems"] == [], each.name


@pytest.mark.parametrize("unit", [unit for unit in UNITS if isinstance(control()[unit], type)])
def test_what_is_raised_in_some_cases_is_diagnosed_without_a_failure(unit):
    class Refusing(control()[unit]):
        def __init__(self, *args, **options):
            if options:
                raise TypeError(f"{unit}: no options, got {options}")
            super().__init__(*args)

    result = grade({unit: Refusing}, unit, profile="full").diagnosed
    assert result["problems"] == []


def test_only_units_with_windows_have_features_of_windows():
    told = {}
    for stem, unit in ((u.lower(), u) for u in UNITS if u.lower() + ".toml" in FILES):
        cases = FIXTURES.unit(stem).cases.values()
        said = {say(what) for case in cases for what, _ in features(case, unit)}
        told[unit] = any(word in name for name in said for word in ("stride", "kernel", "window"))
    assert {unit for unit, windows in told.items() if windows} == set(units.WITH_WINDOW)
    assert len(told) > 20
