import tomllib
from pathlib import Path

import pytest

from cnn_conformance import units
from tests.grade import checks_of, grade

from . import right
from .harness import JUDGEMENTS, collected, counts, verdicts

WRONG = collected()
BOUNDS = tomllib.loads(Path(__file__).with_name("bounds.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def found():
    return verdicts(WRONG)


def test_every_wrong_unit_is_caught_or_known_to_be_missed(found):
    caught = {v.wrong.name for v in found if v.caught}
    assert {w.name for w in WRONG if "missed" not in w.row} == caught


def test_every_sentence_is_judged(found):
    assert [(v.wrong.name, v.said) for v in found if "" in v.judged] == []


@pytest.mark.parametrize("bound", BOUNDS["at_most"])
def test_nothing_false_is_said_more_often(found, bound):
    assert counts(found)[bound] <= BOUNDS["at_most"][bound]


@pytest.mark.parametrize("bound", BOUNDS["at_least"])
def test_no_fewer_are_named(found, bound):
    assert counts(found)[bound] >= BOUNDS["at_least"][bound]


def test_every_wrong_unit_has_a_row():
    known = {"truth", "apart", "profile", "missed", "said"}
    assert [w.name for w in WRONG if not w.row.get("truth") or not set(w.row) <= known] == []
    assert {word for w in WRONG for word in w.row.get("said", {}).values()} <= {*JUDGEMENTS}


def test_names_are_given_once():
    names = [w.name for w in WRONG]
    assert len(set(names)) == len(names)


def test_a_third_is_kept_apart():
    assert sum(w.apart for w in WRONG) == len(WRONG) // 3


@pytest.mark.parametrize("unit", right.UNITS)
def test_nothing_but_the_formula_is_wrong(unit):
    profile = "core" if unit in right.CORE else max(units.of(unit).profile, "extended")
    graded = grade({unit: right.UNITS[unit]}, checks_of(unit, profile), profile=profile)
    refused = {key: r for key, r in graded.not_passed.items() if r.outcome == "unsupported"}
    assert graded.not_passed == refused
