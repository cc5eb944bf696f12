"""An argument that is kept on the class is found, each of them, and one that is refused is not."""

import numpy as np
import pytest

from cnn_conformance import units
from cnn_conformance.checks import other_arguments
from cnn_conformance.checks.registry import manifest
from cnn_conformance.mistakes.catalogue import Latest
from cnn_conformance.oracle import specification
from cnn_conformance.reference import clear
from tests.grade import FIXTURES, grade

TAKING = [row.name for row in units.ROWS if row.arguments]
OWN = {
    unit: [
        key
        for key, check in manifest().items()
        if check.requirement in {f"{unit.upper()}-47", "SGD-57"}
        and check.stem == unit.lower()
        and ("::test_own_" in key or units.of(unit).kind == "schedule")
    ]
    for unit in TAKING
}
MADE_OF = {"schedule": clear.SGD(0.1), "wrapper": clear.Identity()}
"""What a constructor is given before its arguments, by the kind of a unit."""
KEPT = {("AdaGrad", "initial_accumulator_value"): "first", ("Dropout", "rng"): "_rng"}
"""What the reference calls an attribute, where not like the argument."""
NOT_KEPT = {(unit, "bias") for unit in TAKING if "bias" in units.of(unit).arguments}
"""Arguments of which the reference keeps nothing: the catalogue has an edit."""
ARGUMENTS = [(unit, argument) for unit in TAKING for argument in units.of(unit).arguments]


def lost(unit, wrong):
    """Return the results of the checks that look at the arguments of a unit."""
    return grade({unit: wrong}, OWN[unit]).results


def outcomes(unit, wrong):
    return {str(result.outcome) for result in lost(unit, wrong).values()}


def test_every_unit_that_takes_arguments_has_such_a_check():
    assert all(OWN.values())


@pytest.mark.parametrize(("unit", "argument"), [each for each in ARGUMENTS if each not in NOT_KEPT])
def test_an_argument_on_the_class_is_found(unit, argument):
    kept = KEPT.get((unit, argument), argument)
    wrong = type(unit, (getattr(clear, unit),), {kept: Latest()})
    assert outcomes(unit, wrong) & {"failed", "error"}


@pytest.mark.parametrize("unit", TAKING)
def test_the_other_value_is_legal_for_each_argument_in_some_case(unit):
    made = set()
    cases = [FIXTURES.unit(units.of(unit).stem).cases[manifest()[key].case] for key in OWN[unit]]
    for case in cases:
        for other in other_arguments.of(case):
            args, options = other.arguments
            given = [MADE_OF[kind]] if (kind := units.of(unit).kind) in MADE_OF else []
            try:
                getattr(clear, unit)(*given, *args, **options)
            except ValueError:
                continue
            made.add(other.name)
    assert made == set(units.of(unit).arguments)


@pytest.mark.parametrize("error", [NotImplementedError, TypeError, ValueError])
@pytest.mark.parametrize("unit", TAKING)
def test_an_argument_that_is_refused_costs_nothing(unit, error):
    right = getattr(clear, unit)
    given = [FIXTURES.unit(units.of(unit).stem).cases[manifest()[key].case] for key in OWN[unit]]
    taken = [(tuple(case.args), case.options) for case in given]

    class Refusing(right):
        def __init__(self, *args, **options):
            known = {key: value for key, value in options.items() if key != "rng"}
            own = args[1:] if units.of(unit).kind in MADE_OF else args
            if (own, known) not in taken:
                raise error(f"{args} {options}")
            super().__init__(*args, **options)

    assert outcomes(unit, Refusing) == {"passed"}


@pytest.mark.parametrize("unit", ["ELU", "MSE", "Adam"])
def test_a_use_of_the_other_instance_that_goes_wrong_costs_nothing(unit):
    right, instances = getattr(clear, unit), []

    class Failing(right):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            instances.append((args, options))
            self.fails = instances[0] != instances[-1]

        def forward(self, *args):
            return self.used(super().forward, *args)

        def step(self, *args):
            return self.used(super().step, *args)

        def used(self, method, *args):
            if self.fails:
                raise RuntimeError("not with these arguments")
            return method(*args)

    results = grade({unit: Failing}, OWN[unit][:1]).results.values()
    assert {str(result.outcome) for result in results} == {"passed"}


CRASHING = """
from cnn_conformance.reference.clear import ELU as Right

class ELU(Right):
    def forward(self, x):
        if self.alpha != 1.0:
            os._exit(3)
        return super().forward(x)
"""


def test_a_process_that_the_other_instance_ends_costs_nothing():
    assert {str(r.outcome) for r in grade(CRASHING, OWN["ELU"]).results.values()} == {"passed"}


def test_what_forward_puts_on_the_class_for_backward_is_found():
    class Wrong(clear.ELU):
        def forward(self, x):
            Wrong.latest = self.alpha
            self.x = x
            return super().forward(x)

        def backward(self, dout):
            return dout * np.where(self.x > 0, 1.0, Wrong.latest * np.exp(self.x))

    (result,) = lost("ELU", Wrong).values()
    assert str(result.outcome) == "failed"
    assert "dx" in result.message
    assert "another instance made since that has alpha=0.4" in result.message


def test_what_is_raised_then_names_the_argument():
    (message, *_) = (
        result.message
        for result in lost(
            "Dense", type("Dense", (clear.Dense,), {"in_features": Latest()})
        ).values()
    )
    assert "with another instance made since that has in_features=3" in message
    assert "ValueError" in message


def test_an_argument_of_the_specification_without_two_values_is_named():
    arguments = {**specification.arguments(), "ELU": ("alpha", "beta")}
    (said,) = units.audit(specification.units(), arguments)
    assert said == "ELU of rows/ has no two values for beta of SPEC.md"


def test_the_arguments_of_the_specification_are_those_of_the_rows():
    for unit in TAKING:
        arguments = [a for a in specification.arguments()[unit] if a not in ("optimizer", "layer")]
        assert arguments == list(units.of(unit).arguments)
