"""`pytest conformance --impl=...` as users call it: exit status, phrases, no tracebacks."""

import argparse
import json
import re
import shutil
import subprocess
import sys

import pytest

from cnn_conformance import parsing
from cnn_conformance.grading import options
from cnn_conformance.implementation import target as targets
from tests import ROOT
from tests.grade import FIXTURES
from tests.planted import EVERY_OUTCOME

RELU = ("-k", "test_relu and test_y[")
BROKEN = "def forward(:\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory, allowing_reference):
    """Return what several calls print and end with; they run at the same time."""
    tmp = tmp_path_factory.mktemp("command line")
    (tmp / "syntax.py").write_text("import numpy\n" + BROKEN)
    (tmp / "my net").mkdir()
    (tmp / "my net" / "relu.py").write_text("from reference import ReLU\n")
    (tmp / "my net" / "dense.py").write_text(BROKEN)
    (tmp / "exits.py").write_text("import os\nos._exit(0)\n")
    tampered = tmp / "fixtures"
    shutil.copytree(FIXTURES.folder, tampered, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with (tampered / "relu.npz").open("ab") as file:
        file.write(b"x")
    (tmp / "rubric.toml").write_text("[units]\nConv3D = 1\n[aspects]\n")
    allows = f"--rubric={allowing_reference}"
    calls = {
        "right": ["--impl=reference", *RELU, f"--result={tmp / 'right.json'}"],
        "one sin": [f"--impl={EVERY_OUTCOME}", allows, "-k", "test_maxpool2d"],
        "spaces": [
            *("conformance/test_relu.py", f"--impl={tmp / 'my net'}/"),
            *("-k", "test_y[", allows),
        ],
        "syntax": [f"--impl={tmp / 'syntax.py'}"],
        "exits": [f"--impl={tmp / 'exits.py'}", *RELU],
        "tampered": ["--impl=reference", *RELU, f"--golden={tampered}"],
        "rubric": ["--impl=reference", f"--rubric={tmp / 'rubric.toml'}"],
    }
    started = {name: start(words) for name, words in calls.items()}
    ended = {name: (p.communicate(timeout=120)[0], p.returncode) for name, p in started.items()}
    return {"folder": tmp, **ended}


def start(words):
    suite = [] if words[0].startswith("conformance") else ["conformance"]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *suite, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


STATUS = {
    "right": (0, "partial run: not every check was selected, so this is not a grade"),
    "one sin": (1, "MAXPOOL2D-4 failed"),
    "spaces": (0, "dense.py, line 1: SyntaxError: invalid syntax"),
    "syntax": (1, "syntax.py, line 2: SyntaxError: invalid syntax"),
    "exits": (1, "the process of the implementation ended by itself, with status 0"),
    "tampered": (3, "relu.npz is not the file that manifest.json names"),
    "rubric": (4, "[units] names Conv3D, which SPEC.md does not have"),
}


@pytest.mark.parametrize("name", STATUS)
def test_exit_status_and_reason(runs, name):
    output, status = runs[name]
    expected, phrase = STATUS[name]
    assert status == expected, output
    assert phrase in output


@pytest.mark.parametrize("name", STATUS)
def test_never_a_traceback_of_ours(runs, name):
    output, _ = runs[name]
    assert "Traceback" not in output
    assert "INTERNALERROR" not in output
    assert "cnn_conformance/implementation" not in output


@pytest.mark.parametrize("name", [name for name, (status, _) in STATUS.items() if status != 4])
def test_the_table_is_printed_whatever_happens(runs, name):
    output, _ = runs[name]
    assert re.search(r"^unit .* rob(ustness)? ", output, re.MULTILINE)
    unit = {"one sin": "MaxPool2D"}.get(name, "Flatten" if name == "syntax" else "ReLU")
    assert re.search(rf"^{unit} +", output, re.MULTILINE)
    assert ("grade withheld" in output) == (name == "tampered")


def test_without_an_import_every_unit_is_missing(runs):
    output, _ = runs["syntax"]
    assert "missing: Conv2D, MaxPool2D, Flatten" in output
    assert "total 0.0 / 100.0  (0.0 %)" in output


def test_the_result_is_written(runs):
    result = json.loads((runs["folder"] / "right.json").read_text("utf-8"))
    assert result["partial"]
    assert result["complete"] is False
    assert set(result["counts"]) == {"passed", "not-selected"}


def test_the_output_of_the_implementation_does_not_steer_the_terminal(runs):
    for name in STATUS:
        assert "\x1b" not in runs[name][0]


# --- options that are refused before anything starts --------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["", "nope", "no.such.module", "no/such/folder", "missing.py", "./missing", "x" * 9000],
)
def test_a_target_that_is_not_there_is_refused(target):
    with pytest.raises(targets.NoTarget, match=r"nothing|there is no file, folder or module"):
        targets.known(target)


@pytest.mark.parametrize("target", ["reference", "reference.relu", "tests/", ".", "json.decoder"])
def test_other_targets_are_tried(target, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert targets.known(target) == target


def test_a_result_that_cannot_be_written_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "result.json"):
        with pytest.raises(options.WrongUsage, match="--result"):
            options._check_result(path)


@pytest.mark.parametrize("text", ["inf", "nan", "0", "-1", "1e7", "ten", ""])
def test_a_limit_that_is_none_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected a number above 0"):
        parsing.positive(text)


def test_in_a_clone_new_processes_find_the_kit():
    code = (
        "import importlib.machinery, sys\n"
        "from cnn_conformance.__main__ import main\n"
        "sys.argv[1:] = ['--help']\n"
        "main()\n"
        "assert importlib.machinery.PathFinder.find_spec('cnn_conformance', sys.path)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
