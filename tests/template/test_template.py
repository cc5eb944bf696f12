"""The student's template: fresh, complete, and worth nothing until somebody writes it."""

import os
import re
import shlex
import subprocess
import sys
import textwrap

import pytest

from cnn_conformance import template, units
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading.selection import select
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


@pytest.mark.parametrize("name", ["my_cnn", "my-cnn", "2nd try", "class"])
def test_the_readme_grades_and_imports_the_folder_by_its_own_name(name, tmp_path, monkeypatch):
    template.main([str(tmp_path / name)])
    readme = (tmp_path / name / "README.md").read_text("utf-8")
    assert template.NAME not in readme
    monkeypatch.chdir(tmp_path)
    words = re.search(r"^    cnn-conformance (grade .+)$", readme, re.MULTILINE)[1]
    assert shlex.split(words) == ["grade", name]
    example = readme[readme.index("    from cnn_conformance.reference") :]
    imports = [line.strip() for line in example.splitlines()[1:] if "import" in line]
    code = "\n".join([*imports, "print(Conv2D.__module__)"])
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )
    assert ended.stdout == f"{name}.conv2d\n", ended.stderr


def test_the_example_of_the_readme_trains_a_network():
    readme = template.build(ROOT / "reference", "reference")["README.md"]
    example = textwrap.dedent(readme[readme.index("    from cnn_conformance.reference") :])
    namespace = {}
    exec(example.replace("epochs=10", "epochs=2"), namespace)
    assert namespace["model"].params["4.weight"].shape == (10, 72)


ROW = re.compile(r"^\|(.*)\| `GRADE(?: --profile=(\w+))? -k (.+)` \|$", re.MULTILINE)


def test_the_commands_of_the_readme_select_what_they_say_and_nothing_else():
    rows = ROW.findall(template.readme())
    assert len(rows) > 50
    for files, profile, words in rows:
        stems = set(re.findall(r"`(\w+)\.py`", files))
        asked = specification.of_profile(profile or "core")
        graded = {key for key, check in manifest().items() if check.requirement in asked}
        own = {key for key in graded if manifest()[key].stem in stems}
        assert graded.intersection(select(words.strip('"'), manifest())) == own, words


def test_every_file_to_write_imports_numpy():
    for name, text in template.build(ROOT / "reference").items():
        assert "TODO" not in text or name == "README.md" or "import numpy as np" in text, name


@pytest.mark.parametrize(("stem", "words"), [("dense", "dW = doutᵀ x"), ("conv2d", "dweight[k, c")])
def test_what_backward_computes_is_written_where_it_is_to_be_written(stem, words):
    assert words in template.build(ROOT / "reference")[f"{stem}.py"]


def test_the_students_readme_leads_through_the_units_in_the_order_of_their_rows():
    table = re.compile(r"^\| (\d+) \| (?:`(\w+)\.py` )?\|", re.MULTILINE)
    steps = table.findall(template.README.read_text("utf-8"))
    assert {int(step): stem or units.of(units.NETWORK).stem for step, stem in steps} == {
        row.step_taught: row.stem for row in units.ROWS if row.step_taught
    }


def test_what_is_taught_step_by_step_is_the_core():
    core = {requirement.unit for requirement in specification.of_profile("core").values()}
    assert core == {row.name for row in units.ROWS if row.step_taught}
