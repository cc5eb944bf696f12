"""Whatever form a command has, no file of a submission is run, or read as configuration.

The submission is full of files that Python or pytest would read if they got the chance. Each of
those that are run writes down that it was; each that configures would give other points.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

SUITE = "cnn_conformance.suite"
SCRIPT = shutil.which("pytest", path=str(Path(sys.executable).parent)) or "pytest"
COMMAND = str(Path(SCRIPT).with_name("cnn-conformance"))
PYTHON = sys.executable
WRONG = """
class Flatten:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        return x

    def backward(self, dout):
        return dout
"""
SIDE_EFFECT = """
import os, sys
open({mark!r}, "a").write(__file__ + "\\n")

def pytest_configure(config):
    config.option.impl = {reference!r}
"""
RUN_BY_PYTHON = ("sitecustomize.py", "usercustomize.py", "numpy.py", "tqdm.py", "jinja2.py")
RUN_BY_PYTEST = ("conftest.py", "evil.py", "test_mine.py", "tests/conftest.py", "conformance.py")
FRIENDLY = f"--impl={ROOT / 'reference'} --rubric=/nowhere --reveal=verdict"
INI_FILES = {
    "pytest.ini": f"[pytest]\naddopts = {FRIENDLY}\npython_files = none.py\n",
    "pyproject.toml": f"[tool.pytest.ini_options]\naddopts = '{FRIENDLY}'\n",
    "tox.ini": f"[pytest]\naddopts = {FRIENDLY}\n",
    "setup.cfg": f"[tool:pytest]\naddopts = {FRIENDLY}\n",
}


def submission(folder, mark, inis=("pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")):
    """Write a wrong `Flatten`, and around it all that must not be read."""
    (folder / "tests").mkdir(parents=True)
    (folder / "flatten.py").write_text(WRONG)
    for name in (*RUN_BY_PYTHON, *RUN_BY_PYTEST):
        text = SIDE_EFFECT.format(mark=str(mark), reference=str(ROOT / "reference"))
        (folder / name).write_text(text)
    for name in inis:
        (folder / name).write_text(INI_FILES[name])
    return folder


IN_CLONE, INSIDE, BESIDE = "in the clone", "inside the submission", "beside the submission"
FORMS = {
    "--impl=": (IN_CLONE, [SCRIPT, "conformance", "--impl={s}"]),
    "--impl with a space": (IN_CLONE, [SCRIPT, "conformance", "--impl", "{s}"]),
    "--impl before the suite": (IN_CLONE, [SCRIPT, "--impl", "{s}", "conformance"]),
    "a single file": (IN_CLONE, [SCRIPT, "conformance", "--impl", "{s}/flatten.py"]),
    "a file of the suite": (IN_CLONE, [SCRIPT, "conformance/test_flatten.py", "--impl", "{s}"]),
    "the environment": (IN_CLONE, [SCRIPT, "conformance"]),
    "-c": (IN_CLONE, [SCRIPT, "-c", "{s}/pytest.ini", "conformance", "--impl", "{s}"]),
    "--rootdir": (IN_CLONE, [SCRIPT, "--rootdir={s}", "conformance", "--impl", "{s}"]),
    "python -m": (IN_CLONE, [PYTHON, "-m", "pytest", "conformance", "--impl", "{s}"]),
    "python -X -W -m": (
        IN_CLONE,
        [PYTHON, "-X", "dev", "-W", "ignore", "-m", "pytest", "conformance", "--impl={s}"],
    ),
    "python -I -m": (INSIDE, [PYTHON, "-I", "-m", "pytest", "--pyargs", SUITE, "--impl", "."]),
    "inside": (INSIDE, [SCRIPT, "--pyargs", SUITE, "--impl", "."]),
    "inside, a file": (INSIDE, [SCRIPT, "--pyargs", SUITE, "--impl=flatten.py"]),
    "inside, a dotted name": (INSIDE, [SCRIPT, "--pyargs", SUITE, "--impl=flatten"]),
    "inside, python -m": (INSIDE, [PYTHON, "-m", "pytest", "--pyargs", SUITE, "--impl=."]),
    "inside, a module of the suite": (
        INSIDE,
        [SCRIPT, "--pyargs", f"{SUITE}.test_flatten", "--impl=."],
    ),
    "inside, the command": (INSIDE, [COMMAND, "grade", "."]),
    "beside": (BESIDE, [SCRIPT, "--pyargs", SUITE, "--impl", "{s}"]),
    "pytest.main": (
        INSIDE,
        [
            *(PYTHON, "-c", "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"),
            *("--pyargs", SUITE, "--impl", "."),
        ],
    ),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return what every form gives: status, output, points, what was run and left behind."""
    runs = {}
    for name, (where, words) in FORMS.items():
        outside = tmp_path_factory.mktemp("form")
        folder = submission(outside / "submitted", outside / "mark")
        here = {IN_CLONE: ROOT, INSIDE: folder, BESIDE: outside}[where]
        call = [word.format(s=folder) for word in words]
        call += ["-k", "test_flatten", f"--result={outside / 'result.json'}"]
        environment = {**os.environ, "PYTEST_ADDOPTS": ""}
        if name == "the environment":
            environment["PYTEST_ADDOPTS"] = f"--impl {folder}"
        runs[name] = outside, subprocess.Popen(
            call, cwd=here, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    came = {}
    for name, (outside, process) in runs.items():
        output = process.communicate(timeout=120)[0]
        result = outside / "result.json"
        document = json.loads(result.read_text("utf-8")) if result.exists() else None
        mark = outside / "mark"
        came[name] = {
            "status": process.returncode,
            "output": output,
            "counts": document and document["counts"],
            "reveal": document and document["reveal"],
            "run": mark.read_text() if mark.exists() else "",
            "cache": (outside / "submitted" / ".pytest_cache").exists(),
        }
    return came


@pytest.mark.parametrize("form", FORMS)
def test_no_file_of_a_submission_is_run_in_the_grader(graded, form):
    assert graded[form]["run"] == ""


@pytest.mark.parametrize("form", FORMS)
def test_no_file_of_a_submission_configures_the_grader(graded, form):
    came, usual = graded[form], graded["--impl="]
    assert (came["status"], came["reveal"]) == (1, "all"), came["output"]
    assert came["counts"] == usual["counts"]
    assert came["counts"]["failed"] > 10
    assert not came["cache"]


@pytest.mark.parametrize("form", ["inside", "beside", "-c"])
def test_an_ini_file_that_is_ignored_is_named(graded, form):
    assert "pytest.ini is ignored: it is not the grader's" in graded[form]["output"]


def run(words, cwd, **environment):
    return subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("setting", ["addopts = -p evil", "pythonpath = ."])
def test_where_pytest_has_loaded_code_by_an_ini_file_nothing_is_graded(tmp_path, setting):
    folder = submission(tmp_path / "submitted", tmp_path / "mark", inis=())
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = .\n{setting}\n".replace(
        "pythonpath = .\npythonpath = .", "pythonpath = ."
    ))  # fmt: skip
    call = ["--pyargs", f"{SUITE}.test_flatten", "--impl", ".", f"--result={tmp_path / 'r.json'}"]
    done = run([SCRIPT, *call], folder)
    assert done.returncode != 0
    assert "cnn-conformance grade PATH" in done.stderr
    assert not (tmp_path / "r.json").exists()


def test_the_command_keeps_out_what_an_ini_file_would_load(tmp_path):
    folder = submission(tmp_path / "submitted", tmp_path / "mark", inis=())
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = -p evil\n")
    done = run([COMMAND, "grade", ".", "-k", "test_flatten"], folder)
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / "mark").exists()


def test_failures_that_a_submission_claims_to_remember_are_not_selected(tmp_path):
    folder = submission(tmp_path / "submitted", tmp_path / "mark")
    done = run([SCRIPT, "--pyargs", SUITE, "--impl=.", "--lf"], folder)
    assert done.returncode == 4
    assert "--lf: its memory would be in" in done.stderr


def test_an_ini_file_of_the_grader_s_own_is_read(tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "flatten.py").write_text(WRONG)
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\naddopts = --pyargs {SUITE}.test_flatten --impl=net --reveal=verdict\n"
    )
    done = run([SCRIPT, f"--result={tmp_path / 'r.json'}"], tmp_path)
    assert done.returncode == 1, done.stderr
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["reveal"] == "verdict"


def test_a_file_above_the_grader_s_folder_takes_nothing_from_it(tmp_path):
    (tmp_path / "flatten.py").write_text(WRONG)
    (tmp_path / "grading").mkdir()
    (tmp_path / "grading" / "pytest.ini").write_text(
        f"[pytest]\npythonpath = .\naddopts = --pyargs {SUITE}.test_flatten --reveal=verdict\n"
    )
    call = [SCRIPT, "--impl=../flatten.py", f"--result={tmp_path / 'r.json'}"]
    done = run(call, tmp_path / "grading")
    assert done.returncode == 1, done.stderr
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["reveal"] == "verdict"


# --- other projects in the same environment -------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    """Make a project with folders and options of the names that the kit uses, too."""
    for name in ("conformance", "reference", "fixtures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("MINE = True\n")
    (tmp_path / "conftest.py").write_text(
        "def pytest_addoption(parser):\n"
        "    for name in ('--impl', '--golden', '--profile', '--report', '--result'):\n"
        "        parser.addoption(name)\n"
    )
    (tmp_path / "spec_mine.py").write_text(
        "import conformance, fixtures, reference\n\n"
        "def check_mine(request):\n"
        "    assert conformance.MINE and fixtures.MINE and reference.MINE\n"
        "    assert request.config.option.impl == 'theirs'\n"
    )
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npython_files = spec_*.py\npython_functions = check_*\n"
    )
    return tmp_path


def test_a_project_with_folders_and_options_of_these_names_works(project):
    done = run([PYTHON, "-m", "pytest", "-q", "--impl=theirs"], project)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_the_kit_works_in_such_a_project(project):
    call = ["--pyargs", f"{SUITE}.test_flatten", f"--result={project / 'r.json'}"]
    for command in ([SCRIPT], [PYTHON, "-m", "pytest"]):
        done = run([*command, *call], project)
        assert done.returncode == 0, done.stdout + done.stderr
        counts = json.loads((project / "r.json").read_text("utf-8"))["counts"]
        assert set(counts) == {"passed", "not-selected"}


def test_the_list_of_fixtures_of_pytest_is_left_alone(project):
    done = run([SCRIPT, "--fixtures", "-q"], project)
    assert done.returncode == 0
    assert "tmp_path" in done.stdout


def test_another_project_pays_for_nothing(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "import sys\n\n"
        "def test_mine():\n"
        "    ours = {name for name in sys.modules if name.startswith('cnn_conformance')}\n"
        "    assert ours == {'cnn_conformance', 'cnn_conformance.plugin',\n"
        "                    'cnn_conformance.plugin.command_line'}\n"
        "    assert 'numpy' not in sys.modules\n"
    )
    done = run([SCRIPT, "-q", "test_mine.py"], tmp_path)
    assert done.returncode == 0, done.stdout


# --- what is not this suite, and other ways to run it ---------------------------------------------


def test_a_copy_of_the_same_suite_is_graded_and_another_version_is_refused(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("conformance", "cnn_conformance", "reference", "fixtures"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True, ignore=ignored)
    call = [SCRIPT, "conformance/test_flatten.py", f"--impl={ROOT / 'reference'}"]
    same = run(call, tmp_path)
    assert same.returncode == 0, same.stdout + same.stderr
    with (tmp_path / "conformance" / "SPEC.md").open("a") as file:
        file.write("\n")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)  # its addopts load nothing
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for words, folder in ((call, tmp_path), ([SCRIPT, str(tmp_path / "conformance")], elsewhere)):
        other = run(words, folder)
        assert other.returncode == 4
        assert "belongs to another version of the kit than the one that is" in other.stderr


def test_tests_beside_the_suite_are_refused():
    done = run([SCRIPT, "conformance", "tests/test_house.py"], ROOT)
    assert done.returncode == 4
    assert "is not part of the suite" in done.stderr or "not found" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "flag"),
    [
        ("numprocesses", 2, "-n"),
        ("tx", ["popen"], "--tx"),
        ("count", 3, "--count"),
        ("reruns", 1, "--reruns"),
        ("forked", True, "--forked"),
    ],
)
def test_options_that_would_make_a_result_untrue_are_refused(tmp_path, option, value, flag):
    planted = tmp_path / "planted_plugin.py"
    planted.write_text(
        f"def pytest_configure(config):\n    pass\n\n"
        f"def pytest_addoption(parser):\n"
        f"    parser.addoption('--planted', dest={option!r}, default={value!r})\n"
    )
    call = [SCRIPT, "conformance", "-p", "planted_plugin", f"--result={tmp_path / 'r.json'}"]
    done = run(call, ROOT, PYTHONPATH=str(tmp_path))
    assert done.returncode == 4
    first = done.stderr.strip().splitlines()[0]
    assert first.startswith(f"ERROR: {flag}: not supported by the suite")
    assert not (tmp_path / "r.json").exists()


def test_a_check_that_another_plugin_runs_twice_ends_the_run_without_a_result(tmp_path):
    (tmp_path / "planted_plugin.py").write_text(
        "from _pytest.runner import runtestprotocol\n\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    for _ in range(2):\n"
        "        runtestprotocol(item, nextitem=nextitem)\n"
        "    return True\n"
    )
    call = [SCRIPT, "conformance/test_flatten.py", "-p", "planted_plugin"]
    done = run([*call, f"--result={tmp_path / 'r.json'}"], ROOT, PYTHONPATH=str(tmp_path))
    assert done.returncode == 4
    assert "would run twice: every check counts once" in done.stdout
    assert not (tmp_path / "r.json").exists()


def test_who_measures_coverage_is_told_how(tmp_path):
    (tmp_path / "planted_plugin.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--planted', dest='cov_source', default=['net'])\n"
    )
    call = [SCRIPT, "conformance/test_flatten.py", "-p", "planted_plugin"]
    told = "add --isolation=none"
    assert told in run(call, ROOT, PYTHONPATH=str(tmp_path)).stderr
    assert told not in run([*call, "--isolation=none"], ROOT, PYTHONPATH=str(tmp_path)).stderr


def test_selections_of_earlier_runs_are_partial(tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "flatten.py").write_text(WRONG)
    call = [SCRIPT, "--pyargs", SUITE, "--impl=net", f"--result={tmp_path / 'r.json'}"]
    first = run([*call, "-k", "test_flatten and test_y"], tmp_path)
    again = run([*call, "--lf"], tmp_path)
    assert (first.returncode, again.returncode) == (1, 1)
    document = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert document["partial"]
    assert document["complete"] is False
    assert "passed" not in document["counts"]
