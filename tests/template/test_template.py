"""The student's template: fresh, complete, and worth nothing until somebody writes it."""

import re

import pytest

from cnn_conformance import template, units
from cnn_conformance.oracle import specification
from tests import ROOT
from tests.grade import grade


def test_committed_template_is_what_the_reference_gives(capsys):
    status = template.main([str(ROOT / "student_template"), "--check"])
    assert status == 0, capsys.readouterr().out


def test_template_scores_nothing_and_every_unit_is_not_started():
    graded = grade(ROOT / "student_template").document
    assert graded["points"] == 0
    assert {unit["verdict"] for unit in graded["units"]} == {"not-started"}
    assert set(graded["counts"]) == {"not-started"}


def test_reference_scores_everything():
    graded = grade(ROOT / "reference").document
    assert graded["points"] == graded["max_points"] == 100
    assert set(graded["counts"]) == {"passed"}


def test_template_has_no_body_of_the_reference():
    written = template.build(ROOT / "reference")
    assert "windows.py" not in written
    for unit in specification.units():
        text = written.get(f"{units.of(unit).stem}.py", "np.matmul TODO")
        assert "TODO" in text
        assert unit == "Network" or "matmul" not in text


def test_one_layer_filled_in_earns_its_unit_only(tmp_path):
    template.main([str(tmp_path / "mine")])
    relu = (ROOT / "reference" / "relu.py").read_text()
    (tmp_path / "mine" / "relu.py").write_text(relu)
    graded = grade(tmp_path / "mine").document
    points = {unit["unit"]: unit["points"] for unit in graded["units"]}
    assert points.pop("ReLU") == 6
    assert set(points.values()) == {0}


def test_work_is_not_overwritten(tmp_path, capsys):
    assert template.main([str(tmp_path)]) == 0
    (tmp_path / "relu.py").write_text("# an evening's work\n")
    assert template.main([str(tmp_path)]) == 2
    assert "relu.py" in capsys.readouterr().err
    assert (tmp_path / "relu.py").read_text() == "# an evening's work\n"
    assert template.main([str(tmp_path), "--check"]) == 1
    assert template.main([str(tmp_path), "--force"]) == 0
    assert template.main([str(tmp_path), "--check"]) == 0


def test_a_file_is_no_folder_to_write_to(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert template.main([str(tmp_path / "file")]) == 2
    assert "expected a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(template.build(ROOT / "reference")))
def test_template_files_are_python_or_the_readme(name, tmp_path):
    text = template.build(ROOT / "reference")[name]
    if name.endswith(".py"):
        compile(text, name, "exec")
    else:
        assert name == "README.md"


def test_the_students_readme_leads_through_the_units_in_the_order_of_their_rows():
    table = re.compile(r"^\| (\d+) \| (?:`(\w+)\.py` )?\|", re.MULTILINE)
    steps = table.findall(template.README.read_text("utf-8"))
    assert {int(step): stem or units.of(units.NETWORK).stem for step, stem in steps} == {
        row.step_taught: row.stem for row in units.ROWS if row.step_taught
    }


def test_what_is_taught_step_by_step_is_the_core():
    core = {requirement.unit for requirement in specification.of_profile("core").values()}
    assert core == {row.name for row in units.ROWS if row.step_taught}
