"""Limits of time and memory: what counts, on whatever machine, and whose fault it is."""

import contextlib
import json
import os
import subprocess
import sys
import time

import pytest

from cnn_conformance.batch import jobs
from cnn_conformance.findings import Finding
from cnn_conformance.implementation import process_tree, usage
from cnn_conformance.implementation.cgroup import Group
from cnn_conformance.outcomes import NotPassed, Outcome
from tests.grade import grade
from tests.implementation import PROCESSES, forward
from tests.planted import SLOW

LINUX = sys.platform.startswith("linux")
DENSE = [f"test_dense.py::test_y[{case}]" for case in ("bias", "no-bias", "one-sample")]
TOP = "import ctypes, signal, subprocess, time"
pytestmark = pytest.mark.skipif(not LINUX, reason="reads /proc")


@pytest.fixture
def layer(relu):
    """Return what makes an implementation whose forward runs some lines first."""
    return lambda lines, level="process", **limits: relu(lines, level, TOP, **limits)


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


@pytest.mark.parametrize("level", PROCESSES[:1])
def test_a_slow_and_right_submission_has_the_same_document_beside_others_that_burn(level):
    """`CONFORMANCE_BURNERS=30` lets as many of them burn, instead of four for each core."""

    def run():
        graded = grade(SLOW, DENSE, isolation=level, call=0.4)
        seconds = min(result.seconds for result in graded.results.values())
        return without_times(graded.document), seconds

    alone, _ = run()
    with burners():
        beside, seconds = run()
    assert alone == beside
    assert alone["counts"]["passed"] == len(DENSE)
    assert seconds > 0.4  # which a clock on the wall would not have allowed


@pytest.mark.parametrize("level", PROCESSES)
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
        "        end = time.process_time() + 0.21\n"
        "        while time.process_time() < end: pass\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
        "input()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        meter = usage.Meter(process.pid)
        turn = meter.turn(0.4)
        deadline = time.monotonic() + 30  # a machine that is busy lets children wait
        while meter.asleep < 0.3 or (meter.cpu < 0.6 and time.monotonic() < deadline):
            time.sleep(0.05)
            meter.look()
        assert 0.6 <= meter.cpu < 0.9
        with pytest.raises(usage.OutOfTime) as caught:
            turn.check()
        assert caught.value.finding == Finding("no answer", seconds=0.4)
        process.kill()


def test_a_grading_process_has_time_as_long_as_it_gets_on(monkeypatch):
    """The one that waits for it counts what it computes, not what a clock shows."""
    process = jobs.GradingProcess()
    monkeypatch.setattr(jobs, "MARGIN", 0.3)
    job = jobs.Job(*["x"] * 12, limits={"run": 0.1})
    started = time.monotonic()
    os.kill(process._process.pid, 19)  # SIGSTOP: it never answers
    with pytest.raises(jobs.GradingFailed) as failed:
        process.ask(job)
    assert failed.value.__cause__.finding.kind == "no answer asleep"
    assert failed.value.__cause__.finding.seconds == pytest.approx(0.7)
    assert time.monotonic() - started < 10


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


# --- memory --------------------------------------------------------------------------------------

MEMORY = 200 << 20


@pytest.mark.parametrize("level", PROCESSES)
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


@pytest.mark.skipif("bwrap" not in PROCESSES, reason="needs bubblewrap")
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
