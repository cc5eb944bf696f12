"""What the grader's own machine does wrong costs nobody a grade: full disks, kills, two at once."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from cnn_conformance.batch import archives, command, grading, journal, results, submissions
from cnn_conformance.batch.journal import Journal, NotKept
from tests.planted.batches import HANGS, RIGHT, RUBRIC, WRONG, batch, points, table, write, zipped

CALL = [sys.executable, "-m", "cnn_conformance", "batch"]
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(scope="module")
def rubric(tmp_path_factory):
    path = tmp_path_factory.mktemp("rubric") / "rubric.toml"
    path.write_text(RUBRIC, "utf-8")
    return path


def full(*args, **options):
    raise FULL


# --- a disk that is full -------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_what_cannot_be_unpacked_is_withheld_and_tried_again(
    number, rubric, tmp_path, monkeypatch, capsys
):
    source = write(tmp_path / "class", bert=RIGHT)
    zipped(source / "anna.zip", {"relu.py": RIGHT})
    out = tmp_path / "out"

    def fails(*args):
        raise OSError(number, os.strerror(number), str(out))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "_write", fails)
        assert batch(source, out, rubric) == command.WITHHELD
    assert os.strerror(number) in capsys.readouterr().out
    assert points(out) == {"anna": "", "bert": "1.0"}
    assert not list(out.glob("submissions/*.part"))
    assert batch(source, out, rubric) == 0
    assert points(out) == {"anna": "1.0", "bert": "1.0"}


def test_a_file_that_cannot_be_copied_or_read_is_withheld(rubric, tmp_path, monkeypatch):
    source = write(tmp_path / "class", anna=RIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submissions.careful_reading, "read", full)
        assert batch(source, tmp_path / "out", rubric) == command.WITHHELD
    assert "No space left on device" in table(tmp_path / "out" / "gradebook.csv")["anna"]["remark"]
    assert batch(source, tmp_path / "out", rubric) == 0


def test_a_result_that_cannot_be_written_withholds_the_grade(rubric, tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    out = tmp_path / "out"
    (out / "results").mkdir(parents=True)
    (out / "results" / "anna").write_text("in the way", "utf-8")
    assert batch(source, out, rubric) == command.WITHHELD
    assert "File exists" in table(out / "gradebook.csv")["anna"]["remark"]
    (out / "results" / "anna").unlink()
    assert batch(source, out, rubric) == 0


def test_a_grade_that_was_given_while_the_disk_had_no_room_for_prints_is_withheld(monkeypatch):
    monkeypatch.setattr(grading, "grade", lambda job: {"points": 0.0})
    monkeypatch.setattr(grading.shutil, "disk_usage", lambda folder: (100, 100, 0))
    assert grading._answer({})["error"].endswith("No space left on device")


def test_a_disk_that_fills_in_the_middle_keeps_the_grades_before(
    rubric, tmp_path, monkeypatch, capsys
):
    source = write(tmp_path / "class", **dict.fromkeys(("anna", "bert", "carl"), RIGHT))
    out = tmp_path / "out"
    real, lines = os.write, []

    def write_some(descriptor, data):
        if b'"name"' in data and len(lines) == 1:
            real(descriptor, data[:20])  # as a disk does that fills within a line
            raise FULL
        lines.extend([data] if b'"name"' in data else [])
        return real(descriptor, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal.os, "write", write_some)
        assert batch(source, out, rubric) == command.WITHHELD
    said = capsys.readouterr()
    assert "journal.jsonl: No space left on device; the same command continues" in said.err
    assert "3 items, 3 rows: 1 graded, 0 not graded, 2 withheld" in said.out
    assert sorted(points(out).values()) == ["", "", "1.0"]
    assert batch(source, out, rubric) == 0
    assert set(points(out).values()) == {"1.0"}
    assert "ignored 1 line" in capsys.readouterr().out


def test_a_table_that_cannot_be_written_stays_as_it_was(rubric, tmp_path, monkeypatch, capsys):
    source = write(tmp_path / "class", anna=RIGHT)
    out = tmp_path / "out"
    batch(source, out, rubric)
    before = (out / "gradebook.csv").read_bytes()
    write(source, bert=RIGHT)
    real = Path.write_text

    def fills(path, text, *args, **options):
        if path.name.startswith("gradebook"):
            real(path, text[:10], *args, **options)
            raise FULL
        return real(path, text, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_text", fills)
        assert batch(source, out, rubric) == command.WITHHELD
    assert "gradebook.csv cannot be written and is unchanged: No space" in capsys.readouterr().err
    assert (out / "gradebook.csv").read_bytes() == before
    assert not list(out.glob("*.part"))
    assert batch(source, out, rubric) == 0
    assert points(out) == {"anna": "1.0", "bert": "1.0"}


def test_grading_again_that_fails_keeps_the_grade_of_before(rubric, tmp_path, monkeypatch, capsys):
    source = write(tmp_path / "class", anna=WRONG)
    out = tmp_path / "out"
    batch(source, out, rubric)
    before = points(out)
    write(source, anna=RIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command.jobs, "run", lambda job: {"error": "out of luck"})
        assert batch(source, out, rubric, "--regrade") == command.WITHHELD
    assert points(out) == before
    assert "an earlier grade" in table(out / "gradebook.csv")["anna"]["remark"]
    assert batch(source, out, rubric, "--regrade") == 0
    assert points(out) == {"anna": "1.0"}


ON_A_SMALL_DISK = """
set -e
mkdir -p out class
mount -t tmpfs -o size=4m tmpfs out
BATCH="$PYTHON -m cnn_conformance batch class --out out --rubric rubric.toml --isolation process"
cp right.py class/anna.py
$BATCH --jobs 1 && echo "first $?"
head -c 9000000 /dev/zero > out/fill 2>/dev/null || true
cp right.py class/bert.py
cp right.zip class/carl.zip
$BATCH --jobs 1 || echo "second $?"
cat out/gradebook.csv
rm out/fill
$BATCH --jobs 1 && echo "third $?"
ls -R out | grep part || true
cat out/gradebook.csv
"""


def test_on_a_small_disk_earlier_grades_survive_and_the_rest_is_graded_later(tmp_path):
    unshare = shutil.which("unshare")
    possible = unshare and subprocess.run(
        [unshare, "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    if not possible or possible.returncode:
        pytest.skip("a file system can be mounted by root, or in a user namespace, only")
    (tmp_path / "rubric.toml").write_text(RUBRIC, "utf-8")
    (tmp_path / "right.py").write_text(RIGHT, "utf-8")
    zipped(tmp_path / "right.zip", {"relu.py": RIGHT, "large.txt": "x" * 900_000})
    ran = subprocess.run(
        [unshare, "-rm", "sh", "-c", ON_A_SMALL_DISK],
        cwd=tmp_path,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = ran.stdout
    assert "Traceback" not in said + ran.stderr, said + ran.stderr
    assert "first 0" in said
    middle = said.partition("second 3")[2].partition("third 0")[0]
    assert "anna,1.0,1.0" in middle
    last = said.partition("third 0")[2]
    assert ".part" not in last
    assert all(f"{name},1.0,1.0" in last for name in ("anna", "bert", "carl")), said


# --- what was there before -----------------------------------------------------------------------

LINE = {"version": 1, "name": "a", "digest": "d", "key": "k", "error": "e"}
GRADED = {
    "points": 1.0, "max_points": 1.0, "withheld": False, "isolation": "bwrap", "graded_at": "",
    "units": {"ReLU": {"points": 1.0, "max_points": 1.0, "verdict": "passed"}}, "seconds": 1.0,
    **{name: [] for name in ("problems", "notices", "lost", "passed", "diagnoses", "wrong")},
}  # fmt: skip


def lines(*entries):
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\n",
        b"[1]\n",
        b'{"name": "a", "key": 1}\n',
        b'{"na',
        b"[" * 100_000 + b"\n",
        lines({**LINE, "version": 0}),
        lines({**LINE, "version": 2}),
        *(lines({k: v for k, v in LINE.items() if k != name}) for name in LINE),
        *(lines({**LINE, name: None}) for name in LINE),
        *(
            lines({**LINE, **GRADED, name: wrong} | {"error": 1})
            for name in GRADED
            for wrong in ("?", 10**400, [1], {"ReLU": {}}, {"ReLU": {"verdict": "?"}})
            if not (name in ("isolation", "graded_at") and wrong == "?")
        ),
    ],
)
def test_a_journal_passes_over_what_it_cannot_use(data, tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(lines({**LINE, "name": "before"}) + data)
    read = Journal(path)
    assert (list(read.entries), read.passed_over) == (["before"], 1)
    read.append({**LINE, "name": "after"})
    assert list(Journal(path).entries) == ["before", "after"]


def test_a_journal_knows_each_kind_of_line(tmp_path):
    path = tmp_path / "journal.jsonl"
    graded = {**LINE, "name": "b", **GRADED}
    del graded["error"]
    other = {**LINE, "name": "c", "not_graded": "a notebook"}
    del other["error"]
    path.write_bytes(lines(LINE, graded, other))
    assert list(Journal(path).entries) == ["a", "b", "c"]


def test_a_journal_of_another_version_is_graded_again(rubric, tmp_path, capsys):
    source = write(tmp_path / "class", anna=RIGHT)
    (tmp_path / "out").mkdir()
    line = {"name": "anna", "digest": "d", "key": "k", "points": 7}
    (tmp_path / "out" / "journal.jsonl").write_bytes(lines(line))
    assert batch(source, tmp_path / "out", rubric) == 0
    assert points(tmp_path / "out") == {"anna": "1.0"}
    assert "ignored 1 line that this version cannot use" in capsys.readouterr().out


def test_a_line_that_cannot_be_kept_is_said_and_harms_none_before(tmp_path, monkeypatch):
    kept = Journal(tmp_path / "journal.jsonl")
    kept.append(LINE)
    monkeypatch.setattr(journal.os, "fsync", full)
    with pytest.raises(NotKept, match=r"journal.jsonl: No space left on device"):
        kept.append({**LINE, "name": "b"})
    assert list(kept.entries) == ["a"]


def test_what_a_kill_has_left_half_written_is_removed(rubric, tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    out = tmp_path / "out"
    left = ["results/anna/result.json.123.part", "gradebook.csv.9.part", "submissions/x.part/a.py"]
    for name in left:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("half", "utf-8")
    assert batch(source, out, rubric) == 0
    assert not list(out.rglob("*.part"))


# --- two at once, and none any more --------------------------------------------------------------


def test_a_second_batch_with_the_same_folder_says_so_and_ends(rubric, tmp_path, capsys):
    source = write(tmp_path / "class", anna=RIGHT)
    out = tmp_path / "out"
    out.mkdir()
    with results.alone(out):
        assert batch(source, out, rubric) == command.USAGE
    said = capsys.readouterr().err
    assert f"error: --out: another batch is writing to {out}" in said
    assert said.count("\n") == 1
    assert batch(source, out, rubric) == 0


def test_a_disk_that_has_no_locks_is_used_without(tmp_path, monkeypatch, capsys):
    def flock(*args):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(results.fcntl, "flock", flock)
    with results.alone(tmp_path):
        assert "cannot be locked" in capsys.readouterr().err


def processes_of(folder):
    """Return the processes that know of a folder: by their arguments or environments."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            known = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
            state = (place / "stat").read_text().rpartition(")")[2].split()[0]
            if str(folder).encode() in known and state != "Z" and int(place.name) != os.getpid():
                found.append(int(place.name))
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux ends a child with a parent")
@pytest.mark.parametrize("seconds", [0.15, 0.3, 0.45, 0.6, 0.9, 1.5])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_a_batch_that_is_killed_early(number, seconds, rubric, tmp_path):
    source = write(tmp_path / "class", **{f"s{k}": HANGS for k in range(4)})
    call = [*CALL, str(source), "--out", str(tmp_path / "out"), "--rubric", str(rubric)]
    call += ["--isolation", "process", "--jobs", "4", "--call-timeout", "60"]
    started = subprocess.Popen(
        call, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    started.send_signal(number)
    started.wait()
    deadline = time.monotonic() + 15
    while (left := processes_of(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert left == []


def test_a_grading_process_whose_starter_has_gone_ends_at_once():
    ran = subprocess.run(
        [sys.executable, "-I", "-c", command.jobs.START, "1", *sys.path], stdin=subprocess.DEVNULL
    )
    assert ran.returncode == 1


class Gone(Executor):
    """A cluster whose scheduler has died: dask cancels what it was given."""

    def submit(self, function, /, *args, **options):
        future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future

    def shutdown(self, wait=True):
        pass


def test_a_scheduler_that_dies_is_named_and_the_batch_can_go_on(
    rubric, tmp_path, monkeypatch, capsys
):
    source = write(tmp_path / "class", anna=RIGHT, bert=RIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "executor", lambda *args: contextlib.nullcontext(Gone()))
        assert batch(source, tmp_path / "out", rubric, "--scheduler", "tcp://x:1") == 3
    said = capsys.readouterr()
    assert "--scheduler=tcp://x:1: the scheduler can no longer be reached; the same" in said.err
    assert "2 items, 2 rows: 0 graded, 0 not graded, 2 withheld" in said.out
    assert batch(source, tmp_path / "out", rubric) == 0
    assert points(tmp_path / "out") == {"anna": "1.0", "bert": "1.0"}


# --- what lies in the working directory ----------------------------------------------------------

IN_THE_WAY = (
    "json", "numpy", "typing", "__future__", "argparse", "ctypes", "signal", "sitecustomize",
    "usercustomize", "tqdm", "jinja2", "dataclasses", "cnn_conformance_x", "reference", "select",
)  # fmt: skip


@pytest.mark.parametrize(
    "call", [CALL, [str(Path(sys.executable).with_name("cnn-conformance")), "batch"]]
)
def test_nothing_is_imported_from_the_working_directory(call, rubric, tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    here = tmp_path / "here"
    here.mkdir()
    for name in IN_THE_WAY:
        mark = f"open({str(here / 'loaded')!r}, 'a').write({name!r})\nraise SystemExit(7)\n"
        (here / f"{name}.py").write_text(mark, "utf-8")
    ran = subprocess.run(
        [*call, str(source), "--out", str(tmp_path / "out"), "--rubric", str(rubric),
         "--isolation", "process"],
        cwd=here, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert not (here / "loaded").exists()
    assert points(tmp_path / "out") == {"anna": "1.0"}
