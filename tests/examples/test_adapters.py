"""The adapters in examples/adapters: foreign styles are graded for what they are."""

import shutil

import pytest

from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import WRONG, Outcome
from tests import ROOT
from tests.grade import grade

ADAPTERS = ROOT / "examples" / "adapters"
README = (ROOT / "examples" / "README.md").read_text("utf-8")
UNITS = {
    "updating": {"Conv2D", "Dense"},
    "one_image": {"Conv2D", "MaxPool2D"},
    "fused": {"Conv2D", "Dense", "ReLU"},
}
REFUSES = {
    "updating": {"Conv2D": ("non-square kernels", "a stride as a pair", "a padding as a pair")},
    "one_image": {
        "Conv2D": ("a stride as a pair", "a padding as a pair"),
        "MaxPool2D": ("non-square windows", "a stride as a pair", "padding"),
    },
}
"""The options that foreign code lacks. That of `fused` lacks values of an option: most paddings."""
BUGS = [  # in foreign code: what stands there, what replaces it, and the unit that is then wrong
    ("updating", "self.x.T @ gradient)", "self.x.T @ gradient / len(dx))", "Dense"),
    ("one_image", "one.bias_gradient = one_delta.sum()", "one.bias_gradient = 0.0", "Conv2D"),
    ("one_image", "+ column] += value", "+ column] = value", "MaxPool2D"),
    ("fused", "lambda y: (y > 0)", "lambda y: (y > 0.5)", "ReLU"),
]  # fmt: skip


def graded(path):
    """Grade an adapter; return its units, and the units and aspects of which something is wrong."""
    results = grade(path).results
    own = {r.unit for r in results.values() if r.outcome is not Outcome.MISSING} - {"Network"}
    entries = specification.requirements()
    wrong = {
        (r.unit, entries[r.requirement].aspect) for r in results.values() if r.outcome in WRONG
    }
    return own, wrong


@pytest.mark.parametrize("name", UNITS)
def test_an_adapter_has_fewer_than_sixty_lines(name):
    assert len((ADAPTERS / f"{name}.py").read_text("utf-8").splitlines()) < 60


def lost(document, unit):
    """Return the requirements of a unit, but for robustness, that lose points."""
    mine = [r for r in document["requirements"] if r["unit"] == unit]
    mine = [r for r in mine if r["aspect"] != "robustness" and r["points"] < r["max_points"]]
    return {r["id"] for r in mine}


@pytest.mark.parametrize("name", UNITS)
def test_foreign_code_loses_what_it_lacks_and_the_readme_says_how_much(name):
    document = grade(ADAPTERS / f"{name}.py").document
    (row,) = (line for line in README.splitlines() if f"[{name}.py]" in line)
    units = {unit["unit"]: unit for unit in document["units"] if unit["unit"] in UNITS[name]}
    for unit, entry in units.items():
        assert f"{unit} {entry['points']:.1f} of {entry['max_points']:.0f}" in row
        about = specification.options()[unit]
        if name in REFUSES:
            refused = [about[option] for option in REFUSES[name].get(unit, ())]
            assert lost(document, unit) == set().union(*refused)
        else:
            assert not {r.rpartition("-")[2] for r in lost(document, unit)} & {"60", "61", "41"}


@pytest.mark.parametrize("name", UNITS)
def test_foreign_code_that_is_right_loses_nothing_but_error_texts(name):
    units, wrong = graded(ADAPTERS / f"{name}.py")
    assert units == UNITS[name]
    assert {aspect for unit, aspect in wrong} == {"robustness"}


@pytest.mark.parametrize(("name", "right", "bug", "unit"), BUGS)
def test_a_mistake_in_the_foreign_code_is_found_through_its_adapter(
    name, right, bug, unit, tmp_path
):
    shutil.copytree(ADAPTERS, tmp_path / "adapters")
    foreign = tmp_path / "adapters" / "foreign" / f"{name}.py"
    source = foreign.read_text("utf-8")
    assert source.count(right) == 1
    foreign.write_text(source.replace(right, bug), "utf-8")
    _, wrong = graded(tmp_path / "adapters" / f"{name}.py")
    assert (unit, "backward") in wrong
    assert {u for u, aspect in wrong if aspect != "robustness"} == {unit}
