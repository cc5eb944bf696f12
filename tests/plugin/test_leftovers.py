"""A run leaves in the user's folder what it was asked for, and nothing else."""

import shutil
import subprocess
import sys

import pytest

from cnn_conformance.locations import REFERENCE

GRADE = "-m", "cnn_conformance", "grade"
PYTEST = "-m", "pytest", "-p", "no:cacheprovider", "--pyargs", "cnn_conformance.suite"
CHECK = (
    "-Bc",
    "from cnn_conformance import check; import mine; print(check(mine, only='CONV2D-32'))",
)
FORMS = {
    "grade": (*GRADE, "mine"),
    "grade one file": (*GRADE, "mine/conv2d.py", "-k", "conv2d"),
    "grade without isolation": (*GRADE, "mine", "--isolation=none"),
    "pytest": (*PYTEST, "--impl=mine"),
    "check": CHECK,
    "result": (*GRADE, "mine", "-k", "conv2d", "--result=out.json"),
    "report": (*GRADE, "mine", "-k", "conv2d", "--report=out"),
    "reproduce": ("-m", "cnn_conformance", "reproduce", "CONV2D-32", "--impl=mine", "--out=out.py"),
}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_else_is_left(form, tmp_path):
    shutil.copytree(REFERENCE, tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__"))
    wrong = tmp_path / "mine" / "fast" / "conv2d.py"
    wrong.write_text(wrong.read_text("utf-8").replace("axis=(0, 2, 3)", "axis=(2, 3, 0)[:2]"))
    before = set(tmp_path.rglob("*"))
    done = subprocess.run([sys.executable, *FORMS[form]], cwd=tmp_path, capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()
    left = {path.relative_to(tmp_path) for path in set(tmp_path.rglob("*")) - before}
    asked = any("=out" in word for word in FORMS[form])
    assert {path.parts[0].partition(".")[0] for path in left} == ({"out"} if asked else set())
