"""The profiles: what is asked of whom, and what it is worth."""

from itertools import pairwise

import pytest

import reference
from cnn_conformance import units
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import rubric
from cnn_conformance.oracle import specification
from cnn_conformance.unit import PROFILES
from tests.grade import FIXTURES, RIGHT, grade

CORE = specification.of_profile("core")
EXTENDED = specification.of_profile("extended").keys() - CORE.keys()
WHOLLY_EXTENDED = set(units.where(profile="extended"))


class CoreSGD(reference.SGD):
    """SGD that has never heard of a momentum."""

    def __init__(self, lr):
        super().__init__(lr)


@pytest.fixture(scope="module")
def core_only():
    """The result of an implementation that has the units of the core, in the extended profile."""
    made = {unit: RIGHT[unit] for unit in units.where(profile="core") if unit in RIGHT}
    return grade(made | {"SGD": CoreSGD}, profile="extended").document


@pytest.mark.parametrize(("smaller", "larger"), [*pairwise(PROFILES)])
def test_a_larger_profile_adds_requirements_and_keeps_what_the_others_are_worth(smaller, larger):
    few, many = rubric.points(profile=smaller), rubric.points(profile=larger)
    assert {id_: many[id_] for id_ in few} == pytest.approx(few)
    added = {id_ for id_, r in specification.requirements().items() if r.profile == larger}
    assert many.keys() - few.keys() == added


def test_the_full_profile_asks_for_everything_and_all_of_it_is_worth_points():
    worth = rubric.points(profile="full")
    assert worth.keys() == specification.requirements().keys()
    assert [id_ for id_ in worth if not worth[id_] > 0] == []


def test_the_specification_names_the_units_of_the_core_and_of_the_extended_profile():
    text = " ".join(specification.SPEC.read_text("utf-8").split())
    for profile in ("core", "extended"):
        *most, last = units.where(profile=profile)
        assert f"{', '.join(most)} and {last}" in text


def test_a_mark_that_changes_nothing_is_refused():
    with pytest.raises(specification.BadSpecification, match=r"ELU-1 is marked extended: .* full"):
        specification.parse("## ELU\n- **ELU-1** (forward, extended) A.")


def test_a_unit_that_is_not_there_is_missing_and_not_wrong(core_only):
    verdicts = {r["unit"]: r["verdict"] for r in core_only["requirements"]}
    assert {verdicts[unit] for unit in WHOLLY_EXTENDED} == {"missing"}
    assert "failed" not in {r["verdict"] for r in core_only["requirements"]}


def test_an_argument_that_is_not_there_is_unsupported_and_not_wrong(core_only):
    verdicts = {r["id"]: r["verdict"] for r in core_only["requirements"]}
    assert verdicts["SGD-80"] == verdicts["SGD-84"] == "unsupported"


def test_the_core_keeps_its_grade_in_the_extended_profile(core_only):
    points = sum(r["points"] for r in core_only["requirements"] if r["id"] in CORE)
    assert points == pytest.approx(100)


def test_a_case_is_of_the_profile_of_what_it_decides():
    for key, check in manifest().items():
        table = FIXTURES.unit(check.stem).of(check.kind)[check.case]
        named = {*table.requirement.values(), check.requirement}
        profiles = {specification.requirements()[id_].profile for id_ in named}
        assert check.requirement not in CORE or profiles == {"core"}, key
