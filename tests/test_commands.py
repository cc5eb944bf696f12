"""`cnn-conformance`: its help, its errors, and `grade`, which gives what pytest gives."""

import importlib
import json
import os
import pty
import shlex
import subprocess
import sys

import pytest

import cnn_conformance
from cnn_conformance.__main__ import main
from cnn_conformance.checks.registry import manifest
from cnn_conformance.commands import COMMANDS, help_screen
from cnn_conformance.grading import run, selection
from cnn_conformance.reports import colours
from tests import ROOT
from tests.planted import EVERY_OUTCOME
from tests.planted.batches import RIGHT, WRONG

PYTHON = [sys.executable, "-m", "cnn_conformance"]


@pytest.fixture
def relu(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(WRONG, "utf-8")
    return file


# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [100, 80, 40])
def test_the_help_fits_into_a_screen(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = help_screen().splitlines()
    assert len(lines) <= (30 if columns >= 80 else 50)
    assert max(map(len, lines)) <= max(columns, 50)  # an example is not broken
    assert all(any(line.startswith(f"  {name}") for line in lines) for name in COMMANDS)


def test_every_command_says_what_it_does(capsys):
    for name in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert "usage: " in said
        assert f"examples:\n  cnn-conformance {name}" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_fits_into_a_screen(name, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([name, "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.usual])
def test_all_options_of_a_command_are_behind_help_all(name, capsys):
    made = importlib.import_module(COMMANDS[name].module).parser()
    known = {option for action in made._actions for option in action.option_strings}
    assert {*COMMANDS[name].usual} < known
    with pytest.raises(SystemExit) as ended:
        main([name, "--help-all"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert [option for option in known if option not in said] == []
    assert f"examples:\n  cnn-conformance {name}" in said


def test_all_options_of_train_are_behind_help_all(capsys):
    for words in (["--help"], ["--help-all"]):
        with pytest.raises(SystemExit):
            main(["train", *words])
    few, everything = capsys.readouterr().out.split("usage: ")[1:]
    assert "--validation-every" not in few
    for word in ("--epochs", "--validation-every", "An architecture is"):
        assert word in everything


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.examples])
def test_the_examples_of_a_command_are_what_it_takes(name):
    made = importlib.import_module(COMMANDS[name].module).parser()
    for words in COMMANDS[name].examples:
        assert made.parse_args(shlex.split(words))


def test_the_version_is_the_package_s(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"cnn-conformance {cnn_conformance.__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["grad"], "unknown command grad: did you mean grade?"),
        (["--verson"], "unknown option --verson: did you mean --version?"),
        (["zzz"], "unknown command zzz"),
        (["report", "--fromat=html", "x"], "unknown argument --fromat=html: did you mean --format"),
        (["batch", "x", "--out=y", "--regarde"], "unknown argument --regarde: did you mean --regr"),
        (["watch", "--impl=x", "--profil=core"], "did you mean --profile?"),
        (["completion", "fish"], "invalid choice: 'fish'"),
    ],
)
def test_a_word_that_is_not_known_is_answered_with_one_that_is(words, says, capsys):
    try:
        status = main(words)
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr().err
    assert status == 2
    assert says in said
    assert "--help" in said.splitlines()[-1]


def test_the_help_imports_no_numpy():
    code = "import sys; from cnn_conformance.__main__ import main; main(['--help']); "
    code += "sys.exit('numpy' in sys.modules or 'pytest' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)


@pytest.mark.shtab
@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_can_complete_commands_and_options(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(name in script for name in COMMANDS)
    assert "require-isolation" in script


@pytest.mark.shtab
def test_bash_completes(capsys, tmp_path):
    main(["completion", "bash"])
    (tmp_path / "script").write_text(capsys.readouterr().out, "utf-8")
    ask = (
        "source ./script; COMP_WORDS=(cnn-conformance grade --prof); COMP_CWORD=2; "
        "_shtab_cnn_conformance; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["--profile"]


def test_completion_says_what_it_needs(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert "pip install 'shtab>=1.7'" in capsys.readouterr().err


# --- colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "is_terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(environment, is_terminal, expected, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm"} | environment).items():
        monkeypatch.setenv(name, value)
    ours, theirs = pty.openpty() if is_terminal else os.pipe()
    with os.fdopen(theirs, "w") as stream:
        assert colours.has_colours(stream) is expected
        styled = colours.style_for(stream)("x", bold=True, red=False)
    os.close(ours)
    assert styled == ("\x1b[1mx\x1b[0m" if expected else "x")


# --- grade ---------------------------------------------------------------------------------------


def test_grade_gives_the_document_that_pytest_gives(tmp_path, allowing_reference):
    words = ["-k", "maxpool2d or sgd", f"--rubric={allowing_reference}", "--isolation=process"]
    calls = {
        "grade": [*PYTHON, "grade", str(EVERY_OUTCOME)],
        "pytest": [sys.executable, "-m", "pytest", "conformance", f"--impl={EVERY_OUTCOME}"],
    }
    found = {}
    for name, call in calls.items():
        result = tmp_path / f"{name}.json"
        done = subprocess.run([*call, *words, f"--result={result}"], cwd=ROOT, capture_output=True)
        assert done.returncode == 1, done.stderr
        found[name] = json.loads(result.read_text("utf-8"))
        del found[name]["graded_at"]
        for requirement in found[name]["requirements"]:
            for case in requirement["cases"]:
                del case["seconds"]
    assert found["grade"] == found["pytest"]
    assert len(found["grade"]["counts"]) >= 4


def test_grade_does_without_pytest(tmp_path, relu):
    code = (
        "import sys; sys.modules['pytest'] = sys.modules['_pytest'] = None\n"
        "from cnn_conformance.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    call = [sys.executable, "-c", code, "grade", str(relu), "-k", "relu", "--isolation=process"]
    done = subprocess.run(
        [*call, f"--report={tmp_path / 'out'}"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert "RELU-20 failed" in done.stdout
    assert f"run just this: cnn-conformance grade {relu} -k " in done.stdout
    assert (tmp_path / "out" / "report.html").exists()
    assert "\x1b" not in done.stdout + done.stderr
    assert "checks" not in done.stderr  # no bar of progress where there is no terminal


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["--numprocesses=2"], 4, "unknown argument --numprocesses=2"),
        (["nope"], 4, "--impl: there is no file, folder or module nope"),
        (["a", "--impl=b"], 4, "expected one implementation"),
        (["-k", "cov2d"], 4, "did you mean conv2d?"),
        (["-k", "relu or"], 4, "a word is missing"),
        (["-k", "(relu"], 4, "a bracket is not closed"),
        (["-k", "relu)"], 4, "')' is not expected there"),
        (["-k", "relu; ls"], 4, "';' has no meaning there"),
        (["-k", "test_dropout"], 4, "belongs to the extended profile: add --profile=extended"),
        (["--report=/dev/null"], 4, "is a file, expected a folder"),
        (["--rubric=/nowhere"], 4, "/nowhere"),
        (["--run-timeout=0"], 4, "expected a number above 0"),
    ],
)
def test_wrong_usage_of_grade_is_said_and_nothing_is_graded(words, status, says, capsys):
    try:
        found = main(["grade", *words])
    except SystemExit as ended:
        found = ended.code
    said = capsys.readouterr()
    assert (found, said.out) == (status, "")
    assert says in said.err
    assert "pytest" not in said.err


def test_grade_ends_with_what_came_of_it(relu, tmp_path, capsys):
    words = ["-k", "relu", "--isolation=process"]
    assert main(["grade", str(relu), *words]) == run.FAILED
    relu.write_text(RIGHT, "utf-8")
    assert main(["grade", str(relu), *words]) == run.PASSED
    assert main(["grade", f"--impl={relu}", *words]) == run.PASSED
    (tmp_path / "taken").mkdir()
    assert main(["grade", str(relu), *words, f"--report={tmp_path / 'taken'}"]) == run.PASSED
    (tmp_path / "taken" / "report.html").unlink()
    (tmp_path / "taken" / "report.html").mkdir()
    assert main(["grade", str(relu), *words, f"--report={tmp_path / 'taken'}"]) == run.SUITE_ERROR
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("expression", "fitting"),
    [
        ("relu and y[", lambda key: "relu" in key and "y[" in key),
        ("RELU", lambda key: "relu" in key),
        ("not conv2d and (dx or y)", lambda k: "conv2d" not in k and ("dx" in k or "y" in k)),
        ("relu or not dx and not y", lambda k: "relu" in k or ("dx" not in k and "y" not in k)),
    ],
)
def test_words_select_as_pytest_s_do(expression, fitting):
    assert selection.select(expression, manifest()) == [k for k in manifest() if fitting(k.lower())]


def test_a_unit_is_graded_by_its_name_or_file(relu, capsys):
    def selected(*words):
        main(["grade", str(relu), *words, "--isolation=process"])
        ended = capsys.readouterr().out
        assert "partial run" in ended
        return ended

    assert selected("-u", "relu") == selected("-u", "ReLU") == selected("-u", "relu.py")
    assert "ReLU" in selected("-u", "relu", "-u", "training")
    assert "\nfit " in selected("-u", "relu", "-u", "training")
    assert main(["grade", str(relu), "-u", "rely"]) == run.USAGE
    assert "unknown unit 'rely'; did you mean ReLU?" in capsys.readouterr().err


# --- check ---------------------------------------------------------------------------------------


def test_check_answers_for_a_part(relu, capsys):
    assert main(["check", str(relu), "forward", "--profile=core"]) == 1  # the others are missing
    capsys.readouterr()
    assert main(["check", str(relu), "RELU-1"]) == 0
    assert main(["check", str(relu), "relu"]) == 1
    assert "the real grade comes from cnn-conformance grade" in capsys.readouterr().out
    for words in (["check", str(relu), "nothing"], ["check", "nowhere"]):
        assert main(words) == 2
        assert capsys.readouterr().err.startswith("error: ")


# --- narrow terminals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (None, "unit  forward  backward  hygiene  precision  robustness"),
        (120, "unit  forward  backward  hygiene  precision  robustness"),
        (70, "unit  fwd  bwd  hyg  prec  rob"),
        (40, "unit     points"),
    ],
)
def test_the_table_fits_into_a_narrow_terminal(columns, header, relu, capsys, monkeypatch):
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["grade", str(relu), "-k", "relu", "--isolation=process"]) == run.FAILED
    lines = capsys.readouterr().out.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith(header))
    assert all(len(line) <= (columns or 100) for line in lines[at : at + 3])
    assert lines[at + 2].startswith("ReLU")
