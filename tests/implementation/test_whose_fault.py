"""What the grader's own machine does not give is not the submission's fault."""

import gc
import resource
import subprocess
import sys
import weakref

import pytest

from cnn_conformance.batch import grading
from cnn_conformance.grading import rubric
from cnn_conformance.implementation import client, rlimits, sandbox
from cnn_conformance.outcomes import Outcome
from tests import ROOT
from tests.grade import FIXTURES, grade
from tests.implementation import PROCESSES
from tests.planted import SLOW

DENSE = [f"test_dense.py::test_y[{case}]" for case in ("bias", "no-bias", "one-sample")]
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


UNDER_A_LIMIT = """
import resource, sys
resource.setrlimit(resource.{kind}, ({value}, {value}))
sys.path[:0] = [{root!r}]
from tests.grade import grade
graded = grade({target!r}, {keys!r}, isolation={level!r}).document
print(graded["withheld"], graded["counts"], graded["problems"])
"""


def under_a_limit(kind, value, level, target="reference", keys=DENSE):
    code = UNDER_A_LIMIT.format(
        kind=kind, value=value, root=str(ROOT), target=target, level=level, keys=keys
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.parametrize("level", PROCESSES)
@pytest.mark.parametrize(
    ("kind", "value"),
    [("RLIMIT_CPU", 60), ("RLIMIT_DATA", 700 << 20), ("RLIMIT_FSIZE", 1 << 20)],
)
def test_a_limit_that_the_grader_has_costs_a_submission_nothing(kind, value, level):
    said = under_a_limit(kind, value, level)
    assert said.startswith(f"False {{'passed': {len(DENSE)},"), said


def test_computing_that_is_ended_by_the_grader_s_limit_is_not_the_submission_s_fault(tmp_path):
    file = tmp_path / "submission.py"
    file.write_text("while True: pass\n", "utf-8")
    said = under_a_limit("RLIMIT_CPU", 3, "process", str(file))
    assert said.startswith(f"True {{'suite-error': {len(DENSE)},"), said
    assert "ulimit -t" in said


def test_memory_that_the_grader_has_not_is_not_the_submission_s_fault(tmp_path):
    file = tmp_path / "submission.py"
    file.write_text(SLOW.read_text().replace("end =", "b'x' * 900_000_000; end ="))
    said = under_a_limit("RLIMIT_DATA", 700 << 20, "process", str(file))
    assert said.startswith("True"), said
    assert "ulimit -d" in said


@pytest.fixture(params=["python", "connection", "home", "processes"])
def cannot_start(request, monkeypatch):
    """Let a worker not get as far as to load anything; return what is said of that."""

    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    if request.param == "python":
        monkeypatch.setattr(sandbox, "START", "raise SystemExit('libfoo.so: cannot be mapped')")
        return "libfoo.so: cannot be mapped"
    place = {
        "connection": (client.socket, "socketpair"),
        "home": (client.tempfile, "mkdtemp"),
        "processes": (client.subprocess, "Popen"),
    }[request.param]
    monkeypatch.setattr(*place, refuse)
    return "No space left on device"


@pytest.mark.parametrize("level", PROCESSES)
def test_what_keeps_a_worker_from_starting_withholds_the_grade(level, cannot_start):
    graded = grade("reference", DENSE, isolation=level)
    assert set(graded.outcomes.values()) == {Outcome.SUITE_ERROR}
    assert graded.document["withheld"]
    assert cannot_start in graded.document["problems"][0]


def test_a_submission_that_ends_itself_is_told_from_a_worker_that_does_not_start():
    graded = grade("import os\nos._exit(1)\n", DENSE).document
    assert not graded["withheld"]
    assert graded["counts"]["missing"] == len(DENSE)


def test_a_worker_that_does_not_start_ends_pytest_with_the_status_of_our_own_mistakes():
    code = (
        "import sys, pytest\n"
        "from cnn_conformance.implementation import sandbox\n"
        "sandbox.START = 'raise SystemExit(\"no Python here\")'\n"
        "call = ['conformance', '--isolation=process', '-k', 'relu', '-p', 'no:cacheprovider']\n"
        "sys.exit(pytest.main(call))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 3
    assert "no Python here" in done.stdout


def test_a_batch_keeps_no_result_of_a_worker_that_does_not_start(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox, "START", "raise SystemExit('no Python here')")
    job = {
        "name": "a", "target": "reference", "folder": str(tmp_path), "out": str(tmp_path),
        "rubric": str(rubric.DEFAULT), "fixtures": str(FIXTURES.folder), "profile": "core",
        "isolation": "process", "reveal": "all",
        "expect": "", "style": "", "limits": {},
    }  # fmt: skip
    assert "no Python here" in grading.grade(job)["error"]  # which the next run tries again
    assert not [*tmp_path.iterdir()]


def test_the_lower_of_two_limits_is_taken():
    code = (
        "import resource as r\n"
        "from cnn_conformance.implementation import rlimits\n"
        "r.setrlimit(r.RLIMIT_CPU, (40, 50))\n"
        "rlimits.lower(r.RLIMIT_CPU, 300, margin=5)\n"
        "print(r.getrlimit(r.RLIMIT_CPU))\n"
        "rlimits.lower(r.RLIMIT_CPU, 20, margin=5)\n"
        "print(r.getrlimit(r.RLIMIT_CPU))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(39, 40)\n(20, 25)\n"
    assert rlimits.inherited(resource.RLIMIT_CORE) >= 0


def test_what_an_error_refers_to_is_let_go_at_once():
    alive = weakref.WeakSet()

    class ReLU:
        params, grads, training = {}, {}, True

        def __init__(self):
            alive.add(self)

        def forward(self, x):
            raise ValueError("no")

    gc.disable()
    try:
        grade({"ReLU": ReLU}, "RELU-1")
        assert not alive
    finally:
        gc.enable()
