"""Limits of time and memory: what counts, on whatever machine, and whose fault it is."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnn_conformance.batch import grading, jobs
from cnn_conformance.grading import rubric
from cnn_conformance.implementation import client, process_tree, removal, rlimits, sandbox, usage
from cnn_conformance.implementation.cgroup import Group
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.outcomes import NotPassed, Outcome
from tests.planted.grading import FIXTURES, PLANTED, build, grade, in_worker

ROOT = Path(__file__).parents[2]
LINUX = sys.platform.startswith("linux")
LEVELS = [level for level in sandbox.LEVELS[:3] if sandbox.is_available(level)]
DENSE = [f"test_dense.py::test_y[{case}]" for case in ("bias", "no-bias", "one-sample")]
LAYER = """
import ctypes, os, signal, subprocess, sys, time
import numpy as np

class ReLU:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        %s
        return np.maximum(x, 0)
"""
pytestmark = pytest.mark.skipif(not LINUX, reason="reads /proc")


@pytest.fixture
def layer(tmp_path):
    """Return an implementation whose forward does some lines first."""
    made = []

    def make(lines, level="process", **limits):
        (tmp_path / "code").mkdir(exist_ok=True)
        file = tmp_path / "code" / "submission.py"
        file.write_text(LAYER % lines.replace("\n", "\n        "), "utf-8")
        made.append(Implementation(str(file), ["ReLU"], level, Limits(**limits)))
        return made[-1]

    yield make
    for implementation in made:
        implementation.end()


def forward(implementation):
    implementation.begin("ReLU")
    return implementation.layer("ReLU", [], {}).forward(np.ones((2, 2)))


def forward_often(implementation):
    for _ in range(20):
        forward(implementation)
        time.sleep(usage.LOOK_EVERY / 2)


def outcome_of(implementation, call=forward):
    with pytest.raises(NotPassed) as caught:
        call(implementation)
    return caught.value.outcome, caught.value.message


@contextlib.contextmanager
def burners():
    """Let processes compute for ever; each is a session, among which cores are shared."""
    count = int(os.environ.get("CONFORMANCE_BURNERS") or 4 * len(os.sched_getaffinity(0)))
    call = [sys.executable, "-c", "while True: pass"]
    started = [subprocess.Popen(call, start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def without_times(document):
    """Return a result document without what says when and how long."""
    text = json.dumps(document)
    kept = json.loads(text, object_hook=lambda d: {k: v for k, v in d.items() if k != "seconds"})
    return kept | {"graded_at": ""}


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS[:1])
def test_a_slow_and_right_submission_has_the_same_document_beside_others_that_burn(level):
    """`CONFORMANCE_BURNERS=30` lets as many of them burn, instead of four for each core."""

    def graded():
        grader = grade(in_worker(PLANTED / "slow.py", level, call=0.4), DENSE)
        seconds = min(result.seconds for result in grader.results.values())
        return without_times(build(grader)), seconds

    alone, _ = graded()
    with burners():
        beside, seconds = graded()
    assert alone == beside
    assert alone["counts"]["passed"] == len(DENSE)
    assert seconds > 0.4  # which a clock on the wall would not have allowed


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("while True: pass", "no answer within 0.3 s of computing; --call-timeout"),
        ("subprocess.run([sys.executable, '-c', 'while 1: 1'])", "0.3 s of computing"),
        ("import threading\n"
         "threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()\n"
         "time.sleep(9)", "0.3 s of computing"),
        ("time.sleep(9)", "no answer, and 1.2 s asleep; --call-timeout"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "1.2 s asleep"),
    ],
)  # fmt: skip
def test_computing_and_sleep_are_limited_each(level, lines, says, layer):
    started = time.monotonic()
    outcome, message = outcome_of(layer(lines, level, call=0.3))
    assert outcome is Outcome.TIMEOUT
    assert says in message
    assert time.monotonic() - started < 10


def test_a_call_that_computes_and_sleeps_within_both_limits_is_answered(layer):
    forward(layer("time.sleep(0.5)", call=0.3))


def test_an_answer_that_comes_too_late_is_none(layer):
    lines = "end = time.process_time() + 0.08\nwhile time.process_time() < end: pass"
    outcome, message = outcome_of(layer(lines, call=0.05))
    assert outcome is Outcome.TIMEOUT
    assert "0.05 s of computing" in message


def test_what_computes_between_calls_uses_up_the_run(layer):
    lines = "if os.fork() == 0:\n    while True: pass\ntime.sleep(0.3)"
    outcome, message = outcome_of(layer(lines, run=1), forward_often)
    assert outcome is Outcome.TIMEOUT
    assert message == "the run's 1 s of computing are used up; --run-timeout raises the limit"


def test_computing_of_children_is_counted_once_before_and_after_their_end():
    code = (
        "import os, time\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        "        end = time.process_time() + 0.2\n"
        "        while time.process_time() < end: pass\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
        "input()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        meter = usage.Meter(process.pid)
        turn = meter.turn(0.4)
        while meter.asleep < 0.3:
            time.sleep(0.05)
            meter.look()
        assert 0.6 <= meter.cpu < 0.9
        with pytest.raises(TimeoutError, match=r"0\.4 s of computing"):
            turn.check()
        process.kill()


def test_a_grading_process_has_time_as_long_as_it_gets_on(monkeypatch):
    """The one that waits for it counts what it computes, not what a clock shows."""
    process = jobs.GradingProcess()
    monkeypatch.setattr(jobs, "MARGIN", 0.3)
    job = jobs.Job(*["x"] * 9, limits={"run": 0.1})
    started = time.monotonic()
    os.kill(process._process.pid, 19)  # SIGSTOP: it never answers
    with pytest.raises(jobs.GradingFailed, match=r"no answer in time: .* 0\.7 s asleep"):
        process.ask(job)
    assert time.monotonic() - started < 10


# --- memory --------------------------------------------------------------------------------------

MEMORY = 200 << 20


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "lines",
    [
        "if os.fork() == 0:\n    kept = b'x' * (90 << 20)\n    time.sleep(20)\ntime.sleep(0.1)",
        "import mmap\nkept.append(mmap.mmap(-1, 40 << 20))\nkept[-1].write(b'x' * (40 << 20))",
    ],
)
def test_memory_is_counted_between_quick_answers(level, lines, layer):
    lines = f"kept = globals().setdefault('KEPT', [])\n{lines}"
    outcome, message = outcome_of(layer(lines, level, memory=MEMORY), forward_often)
    assert outcome is Outcome.CRASHED
    assert "more than 0.195312 GiB of memory" in message


@pytest.mark.skipif("bwrap" not in LEVELS, reason="needs bubblewrap")
@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])
def test_files_in_a_memory_of_its_own_are_counted(place, layer):
    lines = (
        "number = globals()['N'] = globals().get('N', 0) + 1\n"
        f"with open(f'{place}/{{number}}', 'wb') as file: file.write(bytes(40 << 20))"
    )
    outcome, message = outcome_of(layer(lines, "bwrap", memory=MEMORY), forward_often)
    assert outcome is Outcome.CRASHED
    assert "of memory" in message


@pytest.mark.parametrize("what", ["raise MemoryError", "time.sleep(9)", "kept = b'x' * (1 << 40)"])
def test_after_three_times_the_rest_of_a_unit_is_not_tried(what, layer):
    implementation = layer(what, call=0.05)
    for _ in range(3):
        assert "not tried" not in outcome_of(implementation)[1]
    with pytest.raises(NotPassed, match="not tried: 3 calls of ReLU"):
        implementation.begin("ReLU")
    implementation.begin("Dense")


def test_a_group_of_the_kernel_s_limits_memory_where_there_is_one(layer):
    group = Group.make(MEMORY, 64)
    if group is None:
        pytest.skip("no control group can be made here")
    try:
        code = "import sys; sys.stdin.read(1); kept = b'x' * (1 << 30)"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
            group.add([process.pid])
            process.communicate(b"x")
        assert process.returncode == -9
        assert group.is_out_of_memory()
    finally:
        group.remove()
    assert not group.folder.exists()


# --- whose fault it is ---------------------------------------------------------------------------

UNDER_A_LIMIT = """
import resource, sys
resource.setrlimit(resource.{kind}, ({value}, {value}))
sys.path[:0] = [{root!r}]
from tests.planted.grading import build, grade, in_worker
graded = build(grade(in_worker({target!r}, {level!r}), {keys!r}))
print(graded["withheld"], graded["counts"], graded["problems"])
"""


def under_a_limit(kind, value, level, target="reference", keys=DENSE):
    code = UNDER_A_LIMIT.format(
        kind=kind, value=value, root=str(ROOT), target=target, level=level, keys=keys
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.parametrize("level", LEVELS)
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
    file.write_text((PLANTED / "slow.py").read_text().replace("end =", "b'x' * 900_000_000; end ="))
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


@pytest.mark.parametrize("level", LEVELS)
def test_what_keeps_a_worker_from_starting_withholds_the_grade(level, cannot_start):
    grader = grade(in_worker("reference", level), DENSE)
    assert {r.outcome for r in grader.results.values()} == {Outcome.SUITE_ERROR}
    graded = build(grader)
    assert graded["withheld"]
    assert cannot_start in graded["problems"][0]


def test_a_submission_that_ends_itself_is_told_from_a_worker_that_does_not_start(tmp_path):
    file = tmp_path / "submission.py"
    file.write_text("import os\nos._exit(1)\n", "utf-8")
    graded = build(grade(in_worker(file), DENSE))
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
        "isolation": "process", "reveal": "all", "limits": {},
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


# --- what is left --------------------------------------------------------------------------------


def test_a_home_is_removed_however_deep_it_is_and_whatever_its_modes_are(tmp_path):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    (home / "locked" / "folder").mkdir(parents=True)
    (home / "locked" / "folder" / "file").write_text("x")
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (home / "link").symlink_to(elsewhere)
    here = os.open(home, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d" * 100, dir_fd=here)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (home / "locked" / "folder").chmod(0)
    (home / "locked").chmod(0)
    home.chmod(0)
    removal.remove(str(home))
    assert not home.exists()
    assert (elsewhere / "kept").exists()
    removal.remove(str(home))  # there is nothing to remove, and nothing to say


def test_threads_of_a_process_are_looked_at_too():
    code = "import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()"
    with subprocess.Popen([sys.executable, "-c", f"{code}\ninput()"], stdin=-1) as process:
        time.sleep(0.5)
        seen = [
            process_tree.is_runnable(p)
            for p in process_tree.processes(process.pid)
            for _ in range(5)
        ]
        process.kill()
    assert any(seen)
