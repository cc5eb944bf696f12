"""Attacks earn nothing that the wrong implementation under them does not earn without them.

`CONFORMANCE_ATTACKS=all` tries each of them at every level of isolation that stops it and that this
machine has, instead of the lowest only.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest

import tests.attacks.table as document_table
from cnn_conformance.batch import grading
from cnn_conformance.grading import rubric
from cnn_conformance.implementation.imports import Policy
from cnn_conformance.oracle.cases import Fixtures
from cnn_conformance.reports import command, gradescope, html, junit, markdown
from tests.grade import printed
from tests.implementation import PROCESSES
from tests.planted import attacks
from tests.planted.attacks import CATALOGUE, LEVELS, ROOT, carry_out, world

AVAILABLE = PROCESSES
FROM_LEVEL = {
    name: LEVELS[LEVELS.index(entry["stopped_at"]) :] for name, entry in CATALOGUE.items()
}
STOPPED = [
    (name, level)
    for name, levels in FROM_LEVEL.items()
    for level in [level for level in levels if level in AVAILABLE][
        : None if os.environ.get("CONFORMANCE_ATTACKS") == "all" else 1
    ]
]
NOT_STOPPED = [name for name, levels in FROM_LEVEL.items() if "process" not in levels]
REPORTED = rubric.imports().reported
BY_ROTE = {"test_dense.py::test_y[bias]", "test_dense.py::test_dweight[no-bias]"}
PYTEST = Path(sysconfig.get_path("scripts")) / "pytest"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """What the wrong implementation earns without an attack."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        came = carry_out(world(tmp_path_factory.mktemp("base")), monkeypatch)
    assert came.points > 0
    assert not came.passed & BY_ROTE
    assert {"passed", "failed"} <= set(came.outcomes.values())
    assert not came.got_through()
    return came


def try_out(name, level, folder, monkeypatch, fixtures=None):
    made = world(folder, name)
    entry = CATALOGUE[name]
    if name == "answers/table":
        attacks.write_table(made)
        fixtures = fixtures or attacks.private_set(folder / "private")
    if "forbidden" in entry:
        attacks.install_frameworks(made, monkeypatch)
        attacks.lay_out_clone(made, monkeypatch)
    return carry_out(
        made,
        monkeypatch,
        level,
        entry.get("limits"),
        fixtures or attacks.FIXTURES,
        Policy(forbidden=tuple(entry["forbidden"])) if "forbidden" in entry else None,
    )


def assert_earns(came, base, earns):
    assert came.passed <= base.passed
    if earns == "same":
        assert came.outcomes == base.outcomes
    elif earns == "fewer":
        assert (came.points, came.passed) < (base.points, base.passed)
    else:
        assert came.points == 0


@pytest.mark.parametrize(("name", "level"), STOPPED, ids=["-".join(pair) for pair in STOPPED])
def test_an_attack_earns_nothing_and_changes_nothing(name, level, base, tmp_path, monkeypatch):
    came = try_out(name, level, tmp_path, monkeypatch)
    assert "reached" in came.prints
    assert_earns(came, base, CATALOGUE[name]["earns"])
    assert not came.got_through()
    if came.seconds >= attacks.IN_TIME:  # a machine may stand still once: an attack does it again
        (tmp_path / "again").mkdir()
        came = try_out(name, level, tmp_path / "again", monkeypatch)
    assert came.seconds < attacks.IN_TIME
    assert len(json.dumps(came.document)) < attacks.DOCUMENT_BYTES


@pytest.mark.parametrize("name", NOT_STOPPED)
def test_what_a_mere_process_does_not_stop_is_said_truly(name, base, tmp_path, monkeypatch):
    """So the attack works, and what stops it elsewhere is what the document says."""
    came = try_out(name, "process", tmp_path, monkeypatch)
    assert came.got_through()
    assert came.passed <= base.passed


def test_a_table_of_the_committed_answers_earns_points_without_a_private_set(
    base, tmp_path, monkeypatch
):
    came = try_out("answers/table", "process", tmp_path, monkeypatch, attacks.FIXTURES)
    assert came.passed & BY_ROTE == BY_ROTE


@pytest.mark.torch
def test_a_table_earns_nothing_against_a_generated_set(base, tmp_path, monkeypatch):
    folder = tmp_path / "generated"
    command = [sys.executable, ROOT / "fixtures" / "generate.py"]
    subprocess.run([*command, "--out", folder, "--seed", "7"], check=True, capture_output=True)
    came = try_out("answers/table", "process", tmp_path, monkeypatch, Fixtures(folder))
    assert_earns(came, base, CATALOGUE["answers/table"]["earns"])


# --- the policy of imports --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "module", "where"),
    [
        ("framework", "tensorflow", "submission.py, line 18"),
        ("framework_by_another_name", "jax", ""),
        ("installed_reference", "reference", "submission.py, line 5"),
        ("signal_processing", "scipy.signal", "submission.py, line 9"),
        ("other_programs", "subprocess", "submission.py, line 4"),
    ],
)
def test_what_delegates_is_named_in_the_result_where_nothing_is_forbidden(
    name, module, where, base, tmp_path, monkeypatch
):
    made = world(tmp_path, f"delegating/{name}")
    attacks.install_frameworks(made, monkeypatch)
    allowing = replace(rubric.imports(), forbidden=(), reported=("reference", *REPORTED))
    came = carry_out(made, monkeypatch, policy=allowing)
    assert came.passed > base.passed
    named = {entry["name"]: entry for entry in came.document["imports"]}
    assert named[module] == {"name": module, "policy": "reported", "where": where}
    said = printed(came.document)
    assert module in " ".join(said.split())


def test_a_rubric_s_lists_are_read_and_the_default_s_hold_without(tmp_path):
    text = rubric.DEFAULT.read_text("utf-8").partition("[imports]")[0]
    (tmp_path / "mine.toml").write_text(text)
    assert rubric.imports(tmp_path / "mine.toml") == rubric.imports()
    (tmp_path / "mine.toml").write_text(text + '[imports]\nforbidden = ["torch"]\n')
    assert rubric.imports(tmp_path / "mine.toml") == Policy(forbidden=("torch", "reference"))
    for line in ('allowed = ["reference"]', 'reported = ["reference"]'):
        (tmp_path / "mine.toml").write_text(f"{text}[imports]\n{line}\n")
        assert rubric.imports(tmp_path / "mine.toml").forbidden == ()


@pytest.mark.parametrize("line", ["forbid = []", 'forbidden = "torch"', 'forbidden = ["a b"]'])
def test_a_rubric_with_another_list_is_refused(line, tmp_path):
    text = rubric.DEFAULT.read_text("utf-8").partition("[imports]")[0]
    (tmp_path / "mine.toml").write_text(f"{text}[imports]\n{line}\n")
    with pytest.raises(rubric.BadRubric, match=r"mine.toml: \[imports\]"):
        rubric.imports(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('forbidden = ["numpy"]', "forbids numpy, without which nothing can be graded"),
        ('forbidden = ["cnn_conformance"]', "forbids cnn_conformance, without which"),
        ('allowed = ["a.b"]\nforbidden = ["a"]', r"forbids a, and what is in it: a\.b cannot"),
        ('reported = ["a"]\nforbidden = ["a"]', "forbids a, and what is in it: a cannot"),
    ],
)
def test_a_rubric_that_forbids_what_has_to_be_there_is_refused(lines, reason, tmp_path):
    text = rubric.DEFAULT.read_text("utf-8").partition("[imports]")[0]
    (tmp_path / "mine.toml").write_text(f"{text}[imports]\n{lines}\n")
    with pytest.raises(rubric.BadRubric, match=reason):
        rubric.imports(tmp_path / "mine.toml")


# --- what a reader sees -----------------------------------------------------------------------


def test_reports_show_evil_texts_and_obey_none_of_them(tmp_path, monkeypatch):
    came = carry_out(world(tmp_path, "texts/escapes_and_markup"), monkeypatch)
    evil = next(r for r in came.document["requirements"] if r["id"] == "DENSE-1")["cases"][0]
    assert "alert(1)" in evil["message"]
    graded = {
        **came.document,
        "implementation": evil["message"],
        "problems": [evil["message"]],
        "imports": [{"name": evil["message"], "policy": "reported", "where": evil["message"]}],
    }
    pages = {
        "terminal": printed(graded),
        "html": html.render(graded),
        "markdown": markdown.render(graded),
        "junit": junit.render(graded),
        "gradescope": gradescope.render(graded),
    }
    for name, page in pages.items():
        assert "alert(1)" in page, name
        odd = {c for c in page if not c.isprintable() and c != "\n"}
        assert not odd, name
    for name in ("terminal", "markdown"):  # which a runner prints, and obeys
        assert not re.search(r"^\s*::", pages[name], re.MULTILINE), name
        assert "##[" not in pages[name], name
    for name in ("html", "junit"):
        assert "<script>alert" not in pages[name], name
        assert "<img" not in pages[name], name


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_halves_of_characters_cost_their_own_cases_and_no_report(
    isolation, base, tmp_path, monkeypatch
):
    came = carry_out(world(tmp_path, "texts/half_characters"), monkeypatch, isolation)
    assert not came.document["withheld"]
    assert "half" in json.dumps(came.document)
    command.write_all(came.document, tmp_path / "report")
    summary = grading.summary(came.document)
    for written in (json.dumps(came.document), json.dumps(summary)):
        assert not re.search(r"\\ud[89a-f]", written)


def run_pytest(made):
    """Grade a submission from within its folder, as a grader might do who has just unpacked it."""
    return subprocess.run(
        [PYTEST, ROOT / "conformance", "--impl=submission.py", "-k", "relu and test_dx[images]"],
        cwd=made.submission,
        capture_output=True,
        text=True,
        check=False,
    )


def test_files_that_pytest_and_python_look_for_are_not_found_beside_a_submission(tmp_path):
    made = world(tmp_path, "beside/neighbours")
    ran = run_pytest(made)
    loaded = {file.name for file in made.submission.iterdir() if file.name.startswith("loaded")}
    assert loaded <= {"loaded-numpy", "loaded-json"}
    assert ran.returncode == 1
    assert "RELU-20 failed" in ran.stdout


def test_closing_lines_of_a_submission_stand_above_those_of_the_suite(tmp_path):
    made = world(tmp_path, "wire/closing_lines")
    text = run_pytest(made).stdout
    assert "total 100.0 / 100.0" in text.partition("\ntotal 0.0")[0]
    assert text.count("\ntotal ") == 1


# --- the document -----------------------------------------------------------------------------


def test_every_attack_is_in_the_catalogue_and_the_table_is_in_the_document():
    assert set(document_table.attacks()) == set(CATALOGUE)
    text = document_table.DOCUMENT.read_text("utf-8")
    assert document_table.written(text) == text, "run python tests/attacks/table.py"


def test_an_entry_of_the_catalogue_says_what_it_should():
    for name, entry in CATALOGUE.items():
        assert entry["earns"] in ("same", "fewer", "nothing"), name
        assert entry["stopped_at"] in LEVELS, name
