"""The diagnosis names the mistake: one of the catalogue, two together, or a clue."""

import time

import numpy as np
import pytest

import reference
from conformance import diagnosis
from conformance.diagnosis import matching
from conformance.grading import document, rubric
from conformance.grading.grader import Grader
from conformance.implementation.remote import Implementation
from conformance.misconceptions import catalogue, control, units_of
from conformance.misconceptions.matrix import own_checks
from conformance.oracle import specification
from conformance.oracle.cases import default_folder, fixtures

EVERY = 10
SAMPLE = [
    each
    for each in catalogue()[::EVERY]
    if any(specification.requirements()[id_].aspect != "robustness" for id_ in each.loses)
]


def graded(units, keys=None):
    implementation = Implementation("objects", specification.units(), "none", objects=units)
    grader = Grader(implementation, fixtures(default_folder()))
    for key in keys or ():
        grader.run(key)
    return grader if keys else (grader.run_all(rubric.points()), grader)[1]


def explained(units):
    grader = graded(units)
    result = document.build(grader, rubric.points())
    diagnosis.explain(grader, result)
    return {unit["unit"]: unit for unit in result["units"]}, result


def titles(unit):
    return [entry["title"] for entry in unit.get("diagnosis", ())]


def test_a_known_mistake_is_named_first_in_at_least_95_of_100():
    named = []
    for each in SAMPLE:
        grader = graded(units_of(each), own_checks(each))
        found, whole = matching.explain(grader, each.unit, time.monotonic() + 10)
        named.append(whole and found[0].name == each.name)
    assert sum(named) >= 0.95 * len(SAMPLE), [
        each.name for each, hit in zip(SAMPLE, named, strict=True) if not hit
    ]


def test_a_mistake_in_forward_and_one_in_backward_are_both_named():
    class Dense(reference.Dense):
        def forward(self, x):
            y = super().forward(x)
            return y - self.params["bias"] if "bias" in self.params else y

        def backward(self, dout):
            dx = super().backward(dout)
            self.grads["weight"] = np.zeros_like(self.grads["weight"])
            return dx

    units, _ = explained(control() | {"Dense": Dense})
    said = " ".join(titles(units["Dense"])).lower()
    assert "bias" in said
    assert "weight" in said


def test_units_that_pass_get_no_diagnosis():
    units, result = explained(control())
    assert not any("diagnosis" in unit for unit in units.values())
    assert not any("diagnosis" in requirement for requirement in result["requirements"])


def test_a_mistake_outside_the_catalogue_gets_a_clue():
    class Conv2D(reference.Conv2D):
        def backward(self, dout):
            dx = super().backward(dout)
            self.grads["weight"] = 7.5 * self.grads["weight"]
            return dx

    _, result = explained(control() | {"Conv2D": Conv2D})
    clues = {
        requirement["id"]: [entry["title"] for entry in requirement.get("diagnosis", ())]
        for requirement in result["requirements"]
    }
    assert clues["CONV2D-29"] == ["dweight is a constant multiple of what it should be"]


def test_a_backward_that_fits_a_wrong_forward_is_told_so():
    class ReLU(reference.ReLU):
        def forward(self, x):
            return 3.0 * super().forward(x)

        def backward(self, dout):
            return 3.0 * super().backward(dout)

    units, _ = explained(control() | {"ReLU": ReLU})
    assert "Your backward fits your forward; the forward is wrong" in titles(units["ReLU"])


def test_a_backward_that_is_not_started_fits_nothing():
    class ReLU(reference.ReLU):
        def forward(self, x):
            return 3.0 * super().forward(x)

        def backward(self, dout):
            raise NotImplementedError("TODO")

    units, _ = explained(control() | {"ReLU": ReLU})
    assert "Your backward fits your forward; the forward is wrong" not in titles(units["ReLU"])


def test_no_explanation_gives_the_corrected_code_away():
    for each in catalogue():
        assert "self.params" not in each.explanation
        assert "self.grads" not in each.explanation
        assert "return (" not in each.explanation
        assert "==" not in each.explanation


def test_the_diagnosis_of_everything_wrong_takes_less_than_its_budget():
    broken = {
        name: type(name, (value,), {"backward": lambda self, *dout: np.zeros((1, 1))})
        for name, value in control().items()
        if isinstance(value, type) and hasattr(value, "backward")
    }
    grader = graded(control() | broken)
    result = document.build(grader, rubric.points())
    started = time.process_time()
    diagnosis.explain(grader, result)
    assert time.process_time() - started < 10 * diagnosis.SECONDS


@pytest.mark.parametrize("unit", ["SGD", "fit", "Sequential"])
def test_units_without_golden_layers_are_explained_too(unit):
    each = next(each for each in catalogue() if each.unit == unit)
    grader = graded(units_of(each), own_checks(each))
    found, _ = matching.explain(grader, unit, time.monotonic() + 10)
    assert each in found
