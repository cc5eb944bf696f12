"""Two profiles: what is asked of whom, and what it is worth."""

import pytest

import reference
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import rubric
from cnn_conformance.oracle import specification
from tests.grade import FIXTURES, RIGHT, grade

CORE = specification.of_profile("core")
EXTENDED = {r.id for r in specification.requirements().values() if r.profile == "extended"}
WHOLLY_EXTENDED = set(specification.units()) - {r.unit for r in CORE.values()}


class CoreSGD(reference.SGD):
    """SGD that has never heard of a momentum."""

    def __init__(self, lr):
        super().__init__(lr)


@pytest.fixture(scope="module")
def core_only():
    """The result of an implementation that has the units of the core, in the extended profile."""
    units = {unit: made for unit, made in RIGHT.items() if unit not in WHOLLY_EXTENDED}
    return grade(units | {"SGD": CoreSGD}, profile="extended").document


def test_the_core_is_worth_the_same_in_both_profiles():
    core, extended = rubric.points(), rubric.points(profile="extended")
    assert core.keys() == CORE.keys()
    assert {id_: extended[id_] for id_ in core} == pytest.approx(core)
    assert extended.keys() - core.keys() == EXTENDED


def test_every_extended_requirement_is_worth_points():
    worth = rubric.points(profile="extended")
    assert [id_ for id_ in EXTENDED if not worth[id_] > 0] == []


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
        assert check.requirement in EXTENDED or profiles == {"core"}, key
