"""The levels of isolation: what each lets through on this machine, and which one is taken."""

import subprocess
import sys
from pathlib import Path

import pytest

from cnn_conformance.implementation import sandbox
from cnn_conformance.implementation.sandbox import Sandbox, canary, landlock, seccomp, visible_paths
from cnn_conformance.outcomes import NotPassed, Outcome
from cnn_conformance.reports import phrases
from tests.grade import loaded
from tests.implementation import CONFINED, PROCESSES, forward

ALL = {canary.READ, canary.WRITE, canary.CONNECT, canary.SEE, canary.SIGNAL}
OTHERS = {canary.LIMIT, canary.RANK, canary.PLACE}
KEPT = {f"{canary.LEAVE} ({kind})" for kind in canary.SYSTEM_V}
WITHOUT_FILTER = """
from cnn_conformance.implementation.sandbox import capabilities, seccomp
seccomp.apply = capabilities.drop = lambda *_: None
del sys.path[0]
"""


@pytest.fixture
def ask(relu):
    """Run some lines in forward, at a level; return what they raise, or the outcome."""

    def run(lines, level, **options):
        implementation = relu(lines, level, "import pathlib", **options)
        assert implementation.problems == []
        forward(implementation)

    return run


# --- what is prevented ---------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the canary reads /proc")
def test_the_canary_can_do_everything_where_nothing_prevents_it():
    assert set(sandbox._canary("process")) >= ALL | OTHERS | KEPT


@pytest.mark.skipif("landlock" not in CONFINED, reason="needs Landlock")
def test_without_the_filter_of_calls_others_are_reached_and_memory_is_left(monkeypatch):
    without = sandbox.START.replace("\ndel sys.path[0]\n", WITHOUT_FILTER)
    monkeypatch.setattr(sandbox, "START", without)
    assert set(sandbox._canary("landlock")) >= OTHERS | KEPT


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the canary reads /proc")
def test_what_the_canary_leaves_behind_is_removed():
    def kept():
        return [Path("/proc/sysvipc", kind).read_text() for kind in canary.SYSTEM_V]

    before = [len(text.splitlines()) for text in kept()]
    sandbox._canary("process")
    assert [len(text.splitlines()) for text in kept()] == before
    assert not [*Path("/dev/shm").glob("conformance-*")]


@pytest.mark.parametrize("level", CONFINED)
def test_a_hole_in_a_level_makes_it_unavailable(level, monkeypatch):
    everything = visible_paths.Visible(tuple(Path("/").iterdir()), (), frozenset())
    monkeypatch.setattr(visible_paths, "visible", lambda *_: everything)
    sandbox.why_not.cache_clear()
    try:
        assert "inside, one can" in sandbox.why_not(level)
    finally:
        sandbox.why_not.cache_clear()


@pytest.mark.parametrize("level", CONFINED)
def test_a_level_that_does_not_confine_is_unavailable(level, monkeypatch):
    monkeypatch.setattr(Sandbox, "_wrapper", lambda *_: [])
    monkeypatch.setattr(Sandbox, "_confined", lambda *_: "")
    sandbox.why_not.cache_clear()
    try:
        assert not sandbox.is_available(level)
    finally:
        sandbox.why_not.cache_clear()


@pytest.mark.parametrize("level", PROCESSES)
def test_what_a_network_needs_works(level, ask):
    ask(
        "import threading, tempfile, subprocess\n"
        "tempfile.TemporaryFile().write(b'x')\n"
        "subprocess.run([sys.executable, '-c', ''], check=True)\n"
        "thread = threading.Thread(target=print)\nthread.start()\nthread.join()\n"
        "import fcntl; fcntl.fcntl(0, fcntl.F_GETFD)\n"
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "os.sched_setaffinity(0, os.sched_getaffinity(0))\n"
        "os.cpu_count()\nnp.random.default_rng().normal()",
        level,
    )


@pytest.mark.parametrize("level", CONFINED)
def test_a_private_set_beside_the_submission_is_not_seen(level, ask, tmp_path):
    private = tmp_path / "submitted" / "private"
    private.mkdir(parents=True)
    (private / "dense.npz").write_text("numbers", "utf-8")
    lines = f"pathlib.Path({str(private / 'dense.npz')!r}).read_text()"
    ask(lines, level)
    with pytest.raises(NotPassed) as caught:
        ask(lines, level, hidden=(private,))
    assert "Error" in str(caught.value.message)


REFUSED = """
socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
socket.socket(socket.AF_UNIX)
os.chmod(__file__, 0o777)
call("unshare", 0x10000000)
call("shmget", 0, 4096, 0o1600)
call("semget", 0, 1, 0o1600)
call("msgget", 0, 0o1600)
call("mq_open", b"/queue", 0o102, 0o600, None)
call("fanotify_init", 0, 0)
call("klogctl", 10, None, 0)
os.memfd_create("hoard")
socket.sethostname(os.uname().nodename)
resource.prlimit(os.getppid(), resource.RLIMIT_CPU)
resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))
resource.setrlimit(resource.RLIMIT_DATA, (1 << 40, 1 << 40))
os.setpriority(os.PRIO_PROCESS, os.getppid(), 0)
os.setpriority(os.PRIO_USER, 0, 1)
os.nice(1)
os.sched_setaffinity(os.getppid(), {0})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())
"""
TRY_EACH = f"""
import ctypes, fcntl, resource, socket
def call(name, *arguments):
    if getattr(ctypes.CDLL(None), name)(*arguments) == -1:
        raise OSError
possible = []
for line in {REFUSED!r}.splitlines():
    try:
        exec(line, {{**globals(), **locals()}})
        possible.append(line)
    except (OSError, ValueError):
        pass
assert possible == [""], possible
"""


@pytest.mark.parametrize("level", CONFINED)
def test_calls_that_no_network_needs_are_refused(level, ask):
    if seccomp.program() is None:
        pytest.skip("the numbers of this machine's calls are not known")
    ask(TRY_EACH, level)


@pytest.mark.skipif(seccomp.program() is None, reason="the numbers of calls are not known")
def test_where_landlock_lets_signals_through_the_filter_does_not():
    """As before Linux 6.12."""
    code = (
        "import os, threading\n"
        "from cnn_conformance.implementation.sandbox import seccomp\n"
        "seccomp.apply(signals_only_to=os.getpid())\n"
        "os.kill(os.getpid(), 0)\n"
        "threading.Thread(target=print).start()\n"
        "os.kill(os.getppid(), 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "line 6, in <module>\nPermissionError" in done.stderr.replace(" " * 4, "")


@pytest.mark.parametrize("level", PROCESSES)
def test_how_a_process_died_is_told_at_every_level(level, ask):
    with pytest.raises(NotPassed) as caught:
        ask("os.kill(os.getpid(), 11)", level)
    assert caught.value.outcome is Outcome.CRASHED
    assert "SIGSEGV" in caught.value.message


def test_a_crowd_of_processes_is_ended(ask):
    with pytest.raises(NotPassed) as caught:
        ask("for _ in range(300):\n    if os.fork() == 0:\n        import time; time.sleep(60)\n"
            "import time; time.sleep(5)", "process")  # fmt: skip
    assert "processes were started" in caught.value.message


@pytest.mark.parametrize("level", PROCESSES)
def test_time_of_computing_is_limited(level, ask):
    limit = "resource.getrlimit(resource.RLIMIT_CPU)[1]"
    ask(f"import resource\nassert 7 < {limit} <= 7 + 6", level, run=7)


# --- what may be read ----------------------------------------------------------------------------


def test_of_a_home_only_python_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(visible_paths, "_homes", lambda: [tmp_path])
    (tmp_path / "package").mkdir()
    for name in ("net.py", "diary.txt", ".bashrc", "package/layers.py"):
        (tmp_path / name).write_text("", "utf-8")
    (tmp_path / "photos").mkdir()
    seen = {place.name for place in visible_paths.visible(str(tmp_path / "net.py")).shown}
    assert {"net.py", "package"} <= seen
    assert not seen & {"diary.txt", ".bashrc", "photos", tmp_path.name}


def test_what_is_hidden_is_left_out_of_what_holds_it(tmp_path):
    for name in ("net.py", "weights.npz", "results/mine.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    visible = visible_paths.visible(str(tmp_path / "net.py"), [tmp_path / "results"])
    assert visible.covered() == [tmp_path / "results"]
    readable, listable = visible.pieces()
    assert {p.name for p in readable if tmp_path in p.parents} == {"net.py", "weights.npz"}
    assert listable == [tmp_path]


@pytest.mark.parametrize("level", PROCESSES)
def test_neighbours_in_a_home_can_be_imported(level, tmp_path, monkeypatch):
    monkeypatch.setattr(visible_paths, "_homes", lambda: [tmp_path])
    (tmp_path / "helper.py").write_text("class ReLU:\n    pass\n", "utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "dense.py").write_text("class Dense:\n    pass\n", "utf-8")
    file = tmp_path / "net.py"
    file.write_text("from helper import ReLU\nfrom parts.dense import Dense\n", "utf-8")
    implementation = loaded(file, level, ["Dense", "ReLU"])
    assert (implementation.units, implementation.problems) == ({"Dense", "ReLU"}, [])


# --- which level is taken ------------------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch):
    """Pretend that a machine has some levels only."""

    def has(*levels):
        def reason(level):
            return "" if level in (*levels, "process", "none") else "not to be had"

        monkeypatch.setattr(sandbox, "why_not", reason)

    return has


def test_the_strictest_level_is_taken(machine):
    machine("bwrap", "landlock")
    assert sandbox.choose("auto") == "bwrap"
    machine("landlock")
    assert sandbox.choose("auto") == "landlock"
    machine()
    assert sandbox.choose("auto") == "process"
    assert sandbox.choose("none") == "none"


def test_a_level_that_is_not_there_is_refused_with_the_reason(machine):
    machine("landlock")
    with pytest.raises(sandbox.Unavailable, match=r"bwrap.*not to be had"):
        sandbox.choose("bwrap")


def test_a_run_below_the_required_level_is_refused(machine):
    machine("landlock")
    assert sandbox.choose("auto", "landlock") == "landlock"
    assert sandbox.choose("auto", "process") == "landlock"
    with pytest.raises(sandbox.Unavailable, match="landlock is below --require-isolation=bwrap"):
        sandbox.choose("auto", "bwrap")
    with pytest.raises(sandbox.Unavailable, match="process is below"):
        sandbox.choose("process", "landlock")


def test_without_bubblewrap_its_level_is_not_there(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda _: None)
    sandbox.why_not.cache_clear()
    try:
        assert "not installed" in sandbox.why_not("bwrap")
    finally:
        sandbox.why_not.cache_clear()


def test_without_landlock_in_the_kernel_its_level_is_not_there(monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(OSError, match="no Landlock"):
        landlock.apply([], [])


def test_the_command_refuses_before_anything_runs(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "conformance", "-p", "no:cacheprovider"),
            *("--isolation=none", "--require-isolation=process"),
        ],
        capture_output=True, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 4
    assert "isolation none is below --require-isolation=process" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("level", sandbox.LEVELS)
def test_every_level_below_bwrap_has_its_warning(level):
    assert (level in phrases.ISOLATION) == (level != "bwrap")
