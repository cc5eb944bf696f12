"""`deploy otter`: the master notebook that otter assign takes, and what becomes of it there."""

import contextlib
import io
import json
import re
import subprocess
import sys
import zipfile

import pytest

from cnn_conformance import template
from cnn_conformance.deploy import command, otter
from cnn_conformance.locations import REFERENCE

WRONG = """
import numpy as np
class ReLU(Layer):
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, dout):
        return 2 * dout * (self.x > 0)
"""


def source(cell):
    return "".join(cell["source"])


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    out = tmp_path_factory.mktemp("made")
    assert command.main(["otter", "--out", str(out)]) == 0
    return out / "cnn.ipynb"


@pytest.fixture(scope="module")
def cells(master):
    return json.loads(master.read_text("utf-8"))["cells"]


def test_it_begins_with_the_assignment_s_config_and_its_blocks_are_closed(cells):
    raw = [source(cell) for cell in cells if cell["cell_type"] == "raw"]
    assert source(cells[0]).startswith("# ASSIGNMENT CONFIG\nname: cnn\n")
    open_blocks = []
    for text in raw[1:]:
        kind, block = re.match(r"# (BEGIN|END) (\w+)", text).groups()
        if kind == "BEGIN":
            open_blocks.append(block)
        else:
            assert open_blocks.pop() == block
    assert open_blocks == []
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_the_points_of_the_tests_are_those_of_the_rubric(cells):
    worth = [
        float(m[1]) for cell in cells if (m := re.search(r"^points: (\S+)$", source(cell), re.M))
    ]
    assert sum(worth) == pytest.approx(95)  # all but Network's


def test_every_test_prints_what_it_says_with_the_solutions(cells):
    namespace, tested = {}, 0
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(source(cell), namespace)
        if "BEGIN TEST CONFIG" in source(cell):
            (shown,) = cell["outputs"]
            assert printed.getvalue() == "".join(shown["text"]), source(cell)
            tested += 1
    assert tested > 40


def test_what_students_get_stands_outside_of_what_is_stripped(cells):
    prompts = template.build(REFERENCE)
    for cell in cells:
        text = source(cell)
        if cell["cell_type"] == "code" and not text.startswith(otter.STRIPPED):
            assert "sliding_window_view" not in text
            assert "def output_size" not in text
    solutions = [source(c) for c in cells if source(c).startswith(otter.STRIPPED)]
    assert all(text.endswith("# END SOLUTION") for text in solutions)
    assert len(solutions) == sum("BEGIN QUESTION" in source(c) for c in cells)
    assert "TODO ReLU.forward" in prompts["relu.py"]


def test_a_private_set_stays_away_from_it(tmp_path, capsys):
    assert command.main(["otter", "--out", str(tmp_path / "out"), "--golden", "fixtures"]) == 2
    assert "--golden: students can read what otter gets" in capsys.readouterr().err


def run(*words, cwd):
    ended = subprocess.run(
        [sys.executable, "-m", "otter", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=400,
    )
    assert ended.returncode == 0, ended.stderr
    return ended


def scores(autograder, book, folder):
    folder.mkdir()
    run("run", "-a", autograder, "-o", folder, book, cwd=folder)
    tests = json.loads((folder / "results.json").read_text("utf-8"))["tests"]
    return {test["name"]: test.get("score", 0) for test in tests if "max_score" in test}


@pytest.mark.otter
def test_otter_assigns_and_grades_it(master, tmp_path):
    run("assign", master, tmp_path / "dist", cwd=tmp_path)
    (autograder,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    assert "otter_config.json" in zipfile.ZipFile(autograder).namelist()
    right = scores(autograder, tmp_path / "dist" / "autograder" / "cnn.ipynb", tmp_path / "right")
    assert sum(right.values()) == pytest.approx(95)
    student = json.loads((tmp_path / "dist" / "student" / "cnn.ipynb").read_text("utf-8"))
    assert "sliding_window_view" not in json.dumps(student)
    for cell in student["cells"]:
        if "TODO ReLU.forward" in source(cell):
            cell["source"] = WRONG
    (tmp_path / "cnn.ipynb").write_text(json.dumps(student), "utf-8")
    got = scores(autograder, tmp_path / "cnn.ipynb", tmp_path / "wrong")
    assert 0 < got.pop("relu") < right["relu"]
    assert set(got.values()) == {0}
