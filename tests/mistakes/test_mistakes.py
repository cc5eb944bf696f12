"""The kill matrix: every mistake loses what it declares, and nothing else."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from cnn_conformance import units
from cnn_conformance.checks.registry import manifest
from cnn_conformance.matrix import (
    Row,
    as_csv,
    as_markdown,
    figures,
    main,
    margin,
    own_checks,
    row,
    rows_of,
    run,
    run_mistake,
    unexercised,
)
from cnn_conformance.mistakes import catalogue, control, units_of
from cnn_conformance.mistakes.catalogue import ids
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome
from cnn_conformance.reference import clear

ALL = catalogue()
NAMES = [f"{each.unit}: {each.name}" for each in ALL]
CLEAR = {name: getattr(clear, name) for name in units.EXPORTED}

NEAR = {
    "GELU: tanh for the formula itself": 40,
    "GELU: formula itself for tanh": 40,
    "AdamW: largest average carried on": 40,
}
"""Mistakes that differ little by nature. The formulas of GELU differ by 4.8e-4 at most, which is 48
tolerances of float32 around 0 (https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html
has both); a square root that is a little larger divides steps whose sizes the bound adds up."""


@pytest.fixture(scope="module")
def rows(request) -> dict[str, Row]:
    """The rows of all mistakes whose tests are selected, run in several processes."""
    wanted = {item.callspec.id for item in request.session.items if hasattr(item, "callspec")}
    selected = [each for each, name in zip(ALL, NAMES, strict=True) if name in wanted]
    found = rows_of(selected)
    return {f"{each.mistake.unit}: {each.mistake.name}": each for each in found}


@pytest.mark.parametrize("right", [control(), CLEAR], ids=["fast", "clear"])
def test_the_control_passes_everything(right):
    results = run(right, manifest()).results
    assert {result.outcome for result in results.values()} == {Outcome.PASSED}
    assert len(results) == len(manifest())


@pytest.mark.parametrize("mistake", ALL, ids=NAMES)
def test_a_mistake_loses_exactly_what_it_declares(mistake, rows):
    came = rows[f"{mistake.unit}: {mistake.name}"]
    assert came.problems == ()
    assert came.lost == mistake.loses


def replaces_what_it_says(mistake):
    made, right = units_of(mistake), control()
    changed = {name for name in made if made[name] is not right[name]}
    is_one = mistake.unit == "Network" or changed == {mistake.unit}
    return changed == set(mistake.replaces) and is_one and bool(mistake.loses)


def test_a_mistake_is_the_control_with_one_thing_changed():
    assert [name for name, m in zip(NAMES, ALL, strict=True) if not replaces_what_it_says(m)] == []


def wrong_in_explanation(mistake):
    """Yield what a student cannot use, or should not read, of what is told of a mistake."""
    text = f"{mistake.said} {mistake.asks} {mistake.look}"
    named = set(re.findall(r"[A-Z0-9_]+-\d+", text))
    if not mistake.said.endswith((".", ":")):
        yield "its first part does not end"
    if not named:
        yield "no requirement is named"
    if lost := named - set(mistake.loses):
        yield f"it names {', '.join(sorted(lost))}, which is not lost"
    if not re.search(r"\bLook\s+(at|for)\b", text):
        yield "it does not say where to look"
    if "np." in text or "`" in text:
        yield "it shows code"


def test_an_explanation_says_what_is_asked_and_where_to_look():
    said = {name: [*wrong_in_explanation(m)] for name, m in zip(NAMES, ALL, strict=True)}
    assert {name: wrong for name, wrong in said.items() if wrong} == {}


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES)


def test_there_are_mistakes_of_every_unit():
    assert {each.unit for each in ALL} == set(specification.units())
    assert len(ALL) >= 110


def test_every_requirement_is_lost_by_a_mistake():
    lost = {id_ for each in ALL for id_ in each.loses}
    assert [id_ for id_ in specification.requirements() if id_ not in lost] == []


def test_wrong_is_far_from_right(rows):
    if len(rows) < len(ALL):  # a part was selected with -k: CI runs them all
        pytest.skip("needs the rows of all mistakes")
    assert unexercised(rows.values()) == []
    drawn = units.where(kind="function", takes="shape")  # judged by moments, as far as chance goes
    others = {n: row for n, row in rows.items() if n not in NEAR and row.mistake.unit not in drawn}
    far = margin(others.values())
    assert far.share > 100, far.mistake.name
    assert all(rows[name].share > least for name, least in NEAR.items())


def test_a_mistake_of_the_suite_is_no_kill(monkeypatch):
    key = "test_relu.py::test_dx[images]"
    monkeypatch.setattr("cnn_conformance.checks.golden.compare", lambda *arguments: 1 / 0)
    came = run(control(), [key])
    assert came.results[key].outcome is Outcome.SUITE_ERROR
    assert came.lost == ()
    assert len(came.suite_errors) == 1
    derivative = next(each for each in ALL if each.unit == "ReLU" and "22" in each.loses[0])
    assert any("the suite failed" in problem for problem in row(derivative).problems)


def test_what_an_edit_raises_stands_beside_what_it_loses_too():
    class Wrong(clear.ReLU):
        def forward(self, x):
            return nump.maximum(x, 0)  # noqa: F821

    derivative = next(each for each in ALL if each.unit == "ReLU" and "22" in each.loses[0])
    slipped = replace(derivative, make=lambda _: {"ReLU": Wrong})
    assert "raised NameError: name 'nump' is not defined" in row(slipped).problems


@pytest.mark.parametrize("unit", ["Flatten", "SGD", "predict", "Network"])
def test_no_other_unit_loses_points(unit):
    mistake = next(each for each in ALL if each.unit == unit)
    everything = run_mistake(mistake, everything=True)
    assert everything.lost == mistake.loses
    assert len(everything.results) == len(manifest()) > len(own_checks(mistake))


def test_ids_are_read_as_numbers_ranges_and_full_ids():
    assert ids("SGD", "1-3 42 NETWORK-1") == ("SGD-1", "SGD-2", "SGD-3", "SGD-42", "NETWORK-1")
    with pytest.raises(ValueError, match="SGD-99"):
        ids("SGD", "99")


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def few():
    return [Row(each, each.loses, 200.0, ()) for each in ALL if each.unit == "SGD"]


def test_the_table_has_a_column_for_every_lost_requirement(few):
    text = as_markdown(few)
    assert "## SGD" in text
    assert re.search(r"\| gradient added +\| x +\|", text)
    assert "smallest share of the tolerance: 200" in text
    assert "requirements that no mistake exercises: CONV2D-1," in text


def test_the_csv_has_a_column_for_every_requirement(few):
    lines = as_csv(few).splitlines()
    assert len(lines) == len(few) + 1
    assert len(lines[0].split(",")) == 3 + len(specification.requirements())


def test_figures_name_what_is_not_as_it_should_be(few):
    biases = next(row.mistake for row in few if row.mistake.name == "biases left out")
    wrong = Row(biases, (), 0.0, ("does not lose SGD-1",))
    assert "biases left out: does not lose SGD-1" in figures([wrong])


def test_a_control_that_loses_something_is_said_to_and_how_to_see_why(monkeypatch, capsys):
    flawed = SimpleNamespace(lost=("RELU-20", "RELU-22", "TANH-1"), suite_errors=())
    monkeypatch.setattr("cnn_conformance.matrix.run", lambda *_: flawed)
    assert main(["relu"]) == 1
    first, *commands = capsys.readouterr().out.splitlines()
    assert first == "the control, which has no mistake, loses RELU-20, RELU-22, TANH-1"
    asked = "see why: cnn-conformance grade reference.clear --profile=full --full -k "
    assert commands == [f"{asked}test_relu.py", f"{asked}test_tanh.py"]


def test_the_command_writes_and_prints(few, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("cnn_conformance.matrix.catalogue", lambda: ALL[:2])
    assert main(["--out", str(tmp_path / "matrix.csv")]) == 1  # requirements are left over
    assert (tmp_path / "matrix.csv").read_text("utf-8").startswith("unit,mistake,")
    assert "## Figures" in capsys.readouterr().out
