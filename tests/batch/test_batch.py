"""Grading a class: what is found and kept, and what no submission can do to the others."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from cnn_conformance.batch import class_report, command, gradebook, jobs
from cnn_conformance.batch.journal import Journal
from tests import ROOT
from tests.planted.batches import (
    CRASHES,
    HANGS,
    LIES,
    RIGHT,
    RUBRIC,
    WRONG,
    batch,
    points,
    table,
    write,
)


@pytest.fixture(scope="module")
def rubric(tmp_path_factory):
    path = tmp_path_factory.mktemp("rubric") / "rubric.toml"
    path.write_text(RUBRIC, "utf-8")
    return path


# --- grading -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(tmp_path_factory, rubric):
    """A class with one of each kind, graded."""
    folder = tmp_path_factory.mktemp("graded")
    source = write(folder / "class", right=RIGHT, wrong=WRONG, crashes=CRASHES, hangs=HANGS)
    write(source, lies=LIES, **{"=cmd()": RIGHT})
    (source / "empty").mkdir()
    status = batch(source, folder / "out", rubric, "--nbgrader", "cnn")
    return status, folder / "out"


def test_what_cannot_be_opened_has_the_maximum_of_all_others(tmp_path):
    path = tmp_path / "rubric.toml"
    path.write_text("[units]\nReLU = 6\n[bonus]\nFlatten = 3\n", "utf-8")
    source = write(tmp_path / "class", right=RIGHT)
    (source / "damaged.zip").write_bytes(b"PK, but no archive")
    assert batch(source, tmp_path / "out", path) == 0
    most = {name: row["max_points"] for name, row in table(tmp_path / "out/gradebook.csv").items()}
    assert most == {"right": "6.0", "damaged": "6.0"}


def test_everybody_gets_what_they_have_earned(graded):
    status, out = graded
    earned = points(out)
    assert status == 0
    assert float(earned["right"]) == float(earned["'=cmd()"]) == 1.0
    assert 0.4 < float(earned["wrong"]) < 1.0
    assert {earned[name] for name in ("crashes", "hangs", "lies", "empty")} == {"0.0"}


def test_a_remark_names_the_file_and_not_where_the_grader_keeps_it(graded):
    _, out = graded
    remark = table(out / "gradebook.csv")["lies"]["remark"]
    assert remark.startswith("lies.py, line 2: SystemExit")
    assert str(out) not in remark


def test_a_result_and_a_page_are_written_for_each(graded):
    _, out = graded
    document = json.loads((out / "results" / "right" / "result.json").read_text("utf-8"))
    assert document["implementation"] == "right"
    assert document["points"] == 1.0
    pages = {page.parent.name for page in out.glob("results/*/report.html")}
    assert {"right", "wrong", "crashes", "hangs", "lies"} <= pages


def test_no_file_of_a_name_that_is_no_file_name(graded):
    _, out = graded
    assert all(p.name[0].isalnum() or p.name[0] == "_" for p in (out / "results").iterdir())


def test_the_page_of_the_class_says_what_is_wrong(graded):
    _, out = graded
    page = (out / "class.html").read_text("utf-8")
    assert "7 submissions, 7 graded" in page
    assert "results/wrong/report.html" in page
    assert "<script" not in page


def test_nbgrader_gets_its_columns(graded):
    _, out = graded
    rows = list(csv.DictReader(io.StringIO((out / "nbgrader.csv").read_text("utf-8"))))
    assert {row["student_id"]: row["score"] for row in rows}["right"] == "1.0"


def test_grades_do_not_depend_on_order_or_number_of_jobs(graded, rubric, tmp_path):
    _, out = graded
    source = out.parent / "class"
    batch(source, tmp_path / "out", rubric, "--jobs", "1")
    assert points(tmp_path / "out") == points(out)


def test_a_second_run_grades_nothing_again(graded, rubric, capsys):
    _, out = graded
    before = (out / "journal.jsonl").read_bytes()
    batch(out.parent / "class", out, rubric)
    assert "7 submissions, 7 of them already graded" in capsys.readouterr().out
    assert (out / "journal.jsonl").read_bytes() == before


def test_what_has_changed_is_named_and_graded_again_on_request(rubric, tmp_path, capsys):
    source = write(tmp_path / "class", anna=WRONG, bert=RIGHT)
    batch(source, tmp_path / "out", rubric)
    write(source, anna=RIGHT)
    batch(source, tmp_path / "out", rubric)
    assert "changed since they were graded: anna;" in capsys.readouterr().out
    assert float(points(tmp_path / "out")["anna"]) < 1
    batch(source, tmp_path / "out", rubric, "--regrade")
    assert float(points(tmp_path / "out")["anna"]) == 1
    lines = (tmp_path / "out" / "journal.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["name"] for line in lines].count("bert") == 1


def test_a_mistake_of_the_grader_withholds_one_grade(rubric, tmp_path, monkeypatch, capsys):
    source = write(tmp_path / "class", anna=RIGHT, bert=RIGHT)
    real = jobs.run

    def run(job):
        return {"error": "out of luck"} if job.name == "anna" else real(job)

    monkeypatch.setattr(jobs, "run", run)
    assert batch(source, tmp_path / "out", rubric) == command.WITHHELD
    assert points(tmp_path / "out") == {"anna": "", "bert": "1.0"}
    assert "no grade: anna: not graded, by a mistake of the grader: out of luck" in (
        capsys.readouterr().out
    )
    monkeypatch.setattr(jobs, "run", real)
    assert batch(source, tmp_path / "out", rubric) == 0
    assert points(tmp_path / "out") == {"anna": "1.0", "bert": "1.0"}


def test_a_grading_process_that_is_killed_is_replaced_and_blames_nobody(rubric, tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    killed = []
    real = jobs.GradingProcess.ask

    def ask(process, job):
        if not killed:
            killed.append(os.kill(process._process.pid, signal.SIGKILL))
        return real(process, job)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.GradingProcess, "ask", ask)
        assert batch(source, tmp_path / "out", rubric) == 0
    assert killed == [None]
    assert points(tmp_path / "out") == {"anna": "1.0"}


def test_after_a_kill_nothing_is_lost_and_nothing_graded_twice(rubric, tmp_path):
    source = write(tmp_path / "class", **{f"s{i:02}": HANGS for i in range(8)})
    out = tmp_path / "out"
    call = [sys.executable, "-m", "cnn_conformance", "batch", str(source), "--out", str(out)]
    call += ["--jobs", "2", "--rubric", str(rubric), "--isolation", "process"]
    call += ["--call-timeout", "0.3"]
    first = subprocess.Popen(call, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = out / "journal.jsonl"
    deadline = time.monotonic() + 60
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= 2):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    with journal.open("ab") as file:
        file.write(b'{"name": "s07", "poi')  # as if the kill had cut a line off
    done = {json.loads(line)["name"] for line in journal.read_bytes().splitlines()[:-1]}
    subprocess.run(call, cwd=ROOT, check=True, capture_output=True)
    assert set(points(out)) == {f"s{i:02}" for i in range(8)}
    assert 2 <= len(done) < 8
    lines = [line for line in journal.read_text("utf-8").splitlines() if line.endswith("}")]
    assert len(lines) == 8


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--isolation", "none"], "runs code that nobody has read"),
        (["--rubric", "nowhere.toml"], "nowhere.toml"),
        (["--golden", "nowhere"], "no readable manifest"),
        (["--canvas", "nowhere.csv", "--canvas-assignment", "CNN"], "--canvas: nowhere.csv"),
        (["--canvas", "nowhere.csv"], "needs --canvas-assignment"),
    ],
)
def test_wrong_usage_is_one_line(options, text, tmp_path, capsys):
    source = write(tmp_path / "class", anna=RIGHT)
    assert command.main([str(source), "--out", str(tmp_path / "out"), *options]) == 2
    error = capsys.readouterr().err
    assert text in error
    assert error.count("\n") == 1


def test_results_among_the_submissions_are_refused(tmp_path, capsys):
    source = write(tmp_path / "class", anna=RIGHT)
    assert command.main([str(source), "--out", str(source / "out")]) == 2
    assert "is inside the submissions" in capsys.readouterr().err


def test_no_jobs_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        command.main([str(tmp_path), "--out", str(tmp_path / "out"), "--jobs", "0"])
    assert caught.value.code == 2
    assert "at least 1" in capsys.readouterr().err


def test_the_status_follows_the_list_of_expected_failures(tmp_path, rubric, capsys):
    source = write(tmp_path / "class", right=RIGHT, wrong=WRONG)
    listed = tmp_path / "list.toml"
    listed.write_text('[[expected]]\nrequirement = "RELU-1"\nreason = "x"\n')
    assert batch(source, tmp_path / "out", rubric, "--expect", str(listed)) == 1
    said = capsys.readouterr().out
    assert "not as --expect says: right" in said
    assert "not as --expect says: wrong" in said
    listed.write_text("")
    assert batch(source, tmp_path / "out", rubric, "--regrade", "--expect", str(listed)) == 1
    said = capsys.readouterr().out
    assert "not as --expect says: right" not in said
    assert "not as --expect says: wrong" in said
    page = json.loads((tmp_path / "out/results/right/result.json").read_text("utf-8"))
    assert page["expected"]["held"]


# --- tables and the page -------------------------------------------------------------------------


def entry(name, points=1.0, **more):
    return {"name": name, "points": points, "max_points": 2.0, "isolation": "bwrap",
            "withheld": False, "problems": [], "notices": [], "units": {}, "lost": [],
            "passed": [], "diagnoses": [], "wrong": [], "seconds": 1.0, **more}  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    row = next(csv.reader(io.StringIO(gradebook.generic([entry(text)], []).split("\n", 1)[1])))
    assert row[0] == f"'{text}".replace("\t", " ").replace("\r", " ")


def test_numbers_stay_numbers():
    assert gradebook.cell(-1.5) == "-1.5"


EXPORT = """Student,ID,SIS User ID,SIS Login ID,Section,CNN (77)
    Points Possible,,,,,100
"Ames, Anna",101,s1,anna,A,
"Bell, Bert",102,s2,bert,A,
"Cole, Carl",103,s3,carl,A,
"Cole, Carl",104,s4,carl2,A,
"""


def test_canvas_gets_students_of_its_export_and_no_others(tmp_path):
    export = tmp_path / "export.csv"
    export.write_text(EXPORT, "utf-8")
    names = ["anna", "bellbert_102_555_cnn.py", "Cole, Carl", "stranger"]
    made = gradebook.canvas([entry(n, 1.5) for n in names], export, "CNN (77)")
    rows = list(csv.DictReader(io.StringIO(made.text)))
    assert [(row["ID"], row["CNN (77)"]) for row in rows] == [("101", "1.5"), ("102", "1.5")]
    # Two have that name, and nobody has the other.
    assert made.nobody == ["Cole, Carl", "stranger"]


def test_canvas_is_told_who_was_late_and_the_instructor_who_has_handed_in_nothing(tmp_path):
    export = tmp_path / "export.csv"
    more = EXPORT.replace("CNN (77)", "CNN (77),Late (seconds),Translated")
    more = more.replace("anna,A,", "anna,A,,60,x") + '"Student, Test",9,,t,A,\n'
    export.write_text(more, "utf-8")
    made = gradebook.canvas([entry("amesanna_LATE_101_555_cnn.py")], export, "CNN (77)")
    (row,) = csv.DictReader(io.StringIO(made.text))
    assert (row["CNN (77)"], row["Late (seconds)"]) == ("1.0", "60")
    assert "Translated" not in row
    assert made.absent == ["Bell, Bert", "Cole, Carl", "Cole, Carl"]


def test_an_export_without_the_assignment_is_refused(tmp_path):
    export = tmp_path / "export.csv"
    export.write_text(EXPORT, "utf-8")
    with pytest.raises(gradebook.BadExport, match=r"expected the column RNN, found .*CNN \(77\)"):
        gradebook.canvas([], export, "RNN")


def test_the_page_counts_diagnoses_and_suspects_the_kit():
    entries = [
        entry("a", diagnoses=["ReLU: x"], lost=["RELU-1", "RELU-2"]),
        entry("b", diagnoses=["ReLU: x"], lost=["RELU-1"], passed=["RELU-2"]),
        entry("c", 2.0, lost=["RELU-1"]),
    ]
    assert class_report.most_common(entries, "diagnoses") == [("ReLU: x", 2, 2 / 3)]
    assert class_report.nobody_passes(entries) == ["RELU-1"]
    assert class_report.nobody_passes(entries[:2]) == []
    assert [count for _, count, _ in class_report.distribution(entries)] == [0] * 5 + [
        2,
        0,
        0,
        0,
        1,
    ]


def test_rare_wrong_answers_that_two_share_are_a_hint_and_common_ones_are_not():
    mine, common = [f"m{i}" for i in range(9)], [f"c{i}" for i in range(9)]
    entries = [entry(f"s{i}", wrong=common) for i in range(20)]
    entries += [entry("x", wrong=mine + common), entry("y", wrong=mine)]
    assert class_report.alike(entries) == [("x", "y", 9)]


def test_evil_names_are_shown_and_do_nothing():
    evil = "<script>alert(1)</script>\x1b[2J"
    page = class_report.render([entry(evil, None, error="<b>"), entry("a")], {}, evil)
    assert "<script>" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page


# --- a cluster -----------------------------------------------------------------------------------


def test_a_cluster_loses_a_worker_and_nobody_loses_a_grade(rubric, tmp_path, graded):
    distributed = pytest.importorskip("distributed")
    source = write(tmp_path / "class", **{f"s{i}": RIGHT if i % 2 else HANGS for i in range(6)})
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=60
    ) as cluster:
        victim = next(iter(cluster.workers.values()))

        def kill_in_the_middle(journal, one, real=Journal.append):
            real(journal, one)
            if victim.process is not None and len(journal.entries) == 1:
                os.kill(victim.process.process.pid, signal.SIGKILL)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Journal, "append", kill_in_the_middle)
            status = batch(
                source, tmp_path / "out", rubric, "--scheduler", cluster.scheduler_address
            )
    assert status == 0
    earned = points(tmp_path / "out")
    assert {earned[f"s{i}"] for i in (1, 3, 5)} == {"1.0"}
    assert {earned[f"s{i}"] for i in (0, 2, 4)} == {"0.0"}
    lines = (tmp_path / "out" / "journal.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 6


def test_code_with_an_interface_of_its_own_is_graded_through_a_draft_beside_its_result(tmp_path):
    source = tmp_path / "class"
    source.mkdir()
    foreign = ROOT / "tests" / "adapt" / "foreign" / "channels_last.py"
    right = foreign.read_text("utf-8")
    wrong = right.replace("out[place] += delta", "out[place] = delta")
    for name, text in {"right": right, "wrong": wrong}.items():
        (source / f"{name}.py").write_text(text, "utf-8")
    path = tmp_path / "rubric.toml"
    path.write_text("[units]\nMaxPool2D = 6\n", "utf-8")
    assert batch(source, tmp_path / "out", path) == 0
    earned = points(tmp_path / "out")
    assert float(earned["right"]) > float(earned["wrong"]) > 0
    kept = tmp_path / "out" / "results" / "wrong"
    result = (kept / "result.json").read_text("utf-8")
    assert json.loads(result)["style"] == "adapter.py"
    assert str(tmp_path) not in result
    assert "class MaxPool2D(runtime.MaxPool2D)" in (kept / "adapter.py").read_text("utf-8")
    page = (kept / "report.html").read_text("utf-8")
    assert "Graded through adapter.py, a drafted adapter" in page
