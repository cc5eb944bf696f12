"""What is written by hand in `docs/`: examples give what they show, commands run."""

import doctest
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from cnn_conformance import units
from cnn_conformance.commands import COMMANDS
from cnn_conformance.site.extension import COMPLETED, FROM_ELSEWHERE
from tests import ROOT
from tests.planted.batches import WRONG

DOCS = ROOT / "docs"
HOMES = [ROOT / home for home in FROM_ELSEWHERE.values()]
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.parent.name != "from")
LESSONS = sorted((DOCS / "course").glob("[0-9]*.md"))
FENCE = re.compile(
    r"^```(?P<kind>\{code-block\} python|\w+)\n(?P<text>.*?)^```$", flags=re.M | re.S
)
NUMBER = re.compile(r"\d+(\.\d+)?(e[-+]?\d+)?")
STEMS = sorted({row.stem for row in units.ROWS})


def blocks(page, *kinds):
    """Return the blocks of a page of some kinds, in order."""
    found = FENCE.finditer(page.read_text("utf-8"))
    return [(block["kind"], block["text"]) for block in found if block["kind"] in kinds]


def name(page):
    return str(page.relative_to(ROOT))


# --- examples ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", [p for p in PAGES if blocks(p, "pycon") and p.parent.name != "zh"], ids=name
)
def test_examples_give_what_they_show(page):
    runner, names, said = doctest.DocTestRunner(verbose=False), {}, []
    for _, text in blocks(page, "pycon"):
        test = doctest.DocTestParser().get_doctest(text, names, name(page), str(page), 0)
        assert test.examples, text
        runner.run(test, out=said.append, clear_globs=False)
        names = test.globs
    assert not runner.summarize(verbose=False).failed, "".join(said)


@pytest.mark.parametrize("stem", STEMS)
def test_every_unit_has_a_derivation_and_an_example(stem):
    page = DOCS / "units" / f"{stem}.md"
    text = page.read_text("utf-8")
    assert "$$" in text
    assert "## By hand" in text or stem == "network"
    assert blocks(page, "pycon"), f"{page} has no example that is run"


def test_no_page_of_a_unit_is_left_over():
    assert {p.stem for p in (DOCS / "units").glob("*.md")} - {"index"} == set(STEMS)


# --- lessons -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS, ids=name)
def test_a_lesson_shows_what_its_commands_print(lesson, tmp_path):
    """Lines are compared in kind: the numbers in them may be others, and other lines between."""
    said = ""
    if lesson != LESSONS[0]:
        run("cnn-conformance template my_cnn", tmp_path)
    for kind, text in blocks(lesson, "sh", "text", "{code-block} python"):
        if kind == "sh":
            said = run(text, tmp_path)
        elif kind == "text":
            lines = {NUMBER.sub("#", " ".join(line.split())) for line in said.splitlines()}
            for line in text.splitlines():
                assert NUMBER.sub("#", " ".join(line.split())) in lines, f"{line}\n\n{said}"
        else:
            caption, _, code = text.partition("\n\n")
            (tmp_path / caption.removeprefix(":caption: ")).write_text(code, "utf-8")


# --- translations --------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS, ids=name)
def test_a_translated_lesson_has_the_same_code(lesson):
    kinds = "sh", "text", "pycon", "{code-block} python"
    assert blocks(DOCS / "zh" / lesson.name, *kinds) == blocks(lesson, *kinds)


def test_the_translated_template_names_the_same_files():
    english = (ROOT / "student_template" / "README.md").read_text("utf-8")
    chinese = COMPLETED["zh/template"]((DOCS / "zh" / "template.md").read_text("utf-8"))
    files, translated = (set(re.findall(r"`(\w+\.py)`", text)) for text in (english, chinese))
    assert translated == files


# --- commands ------------------------------------------------------------------------------------

STANDS_FOR = {
    "PATH": "my_cnn",
    "SUBMISSIONS": "submissions",
    "DIR": "made/out",
    "--golden private": "",
}
NOT_RUN = {
    r"pip install|python3 -m venv|git clone": "changes the environment; .ci/run installs",
    r"fixtures/generate\.py": "needs PyTorch: tests/fixtures",
    r"--golden=private|--golden golden|--golden private --nbgrader": "needs a private set",
    r"-m benchmarks": "takes minutes: tests/benchmarks",
    r"^docker|^dask|tcp://": "needs a service",
    r"watch": "does not end: tests/test_watch.py",
    r"pdb": "asks: tests/reproduce",
    r"--data|--late": "needs files: tests/reference, tests/batch",
    r"^pytest conformance": "takes as long as `grade`: tests/plugin, tests/implementation",
    r"-m reference train": "takes long: tests/reference/test_training.py",
    r"cs231n": "needs a course's files: tests/implementation/test_styles.py",
    r"completion": "needs a library: tests/test_commands.py",
    r"conformance docs": "tests/site/test_built.py",
}
READ = [ROOT / "README.md", *HOMES, *(page for page in PAGES if page not in LESSONS)]
SHOWN = {
    "sh",
    "text",
    "pycon",
    "python",
    "toml",
    "{code-block} python",
    "{toctree}",
    "{eval-rst}",
    "",
}
"""Kinds of block, of which `sh` is the only one for commands; and the end of a block."""
NAMED = re.compile(r"`(cnn-conformance [^`\n]+)`|^ {4}(cnn-conformance .+)$", flags=re.M)
"""A command in a sentence or a table, or in a block without a kind."""


def commands():
    """Return each command of README and docs, with the page that has it first."""
    found = {}
    for page in READ:
        for _, text in blocks(page, "sh", "bash"):
            for line in text.splitlines():
                command = re.sub(r"\s+# .*", "", line)
                found.setdefault(command, page)
    return found


def reason(command):
    return next((why for part, why in NOT_RUN.items() if re.search(part, command)), None)


def test_no_reason_is_left_over():
    for part in NOT_RUN:
        assert any(re.search(part, command) for command in commands()), part


def test_commands_of_readme_and_docs_run(tmp_path):
    (tmp_path / "my_cnn.py").write_text(WRONG, "utf-8")
    (tmp_path / "my_cnn").mkdir()
    shutil.copy(tmp_path / "my_cnn.py", tmp_path / "my_cnn" / "relu.py")
    (tmp_path / "submissions").mkdir()
    shutil.copy(tmp_path / "my_cnn.py", tmp_path / "submissions" / "ada.py")
    shutil.copy(ROOT / "conformance" / "rubric.toml", tmp_path)
    ran = 0
    for command in commands():
        if reason(command):
            continue
        for word, meant in STANDS_FOR.items():
            command = command.replace(word, meant)
        if command.startswith("cnn-conformance template"):
            command += "_of_course"
        if re.match(r"cnn-conformance (grade|batch) (?!.*--require)", command):
            command += " --isolation=process"
        run(command, tmp_path)
        ran += 1
    assert ran >= 8


@pytest.mark.parametrize("page", [*READ, *LESSONS], ids=name)
def test_commands_are_in_blocks_that_are_run(page):
    kinds = {kind.strip() for kind in re.findall(r"^```(.*)$", page.read_text("utf-8"), re.M)}
    assert kinds - SHOWN == set(), "name it sh, so that its commands are run, or text"


def options_of(command):
    """Return the options that a command has."""
    made = importlib.import_module(COMMANDS[command].module).parser()
    return {option for action in made._actions for option in action.option_strings}


@pytest.mark.parametrize("page", [*READ, *LESSONS], ids=name)
def test_a_command_that_is_named_is_one_with_such_options(page):
    for found in NAMED.findall(page.read_text("utf-8")):
        words = shlex.split(re.sub(r"\s+# .*", "", "".join(found)).partition(" && ")[0])[1:]
        if words[0] in ("--help", "--version", "COMMAND"):
            continue
        assert words[0] in COMMANDS, found
        given = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
        assert not given or given - options_of(words[0]) == set(), found


def test_a_reason_not_to_run_a_command_holds_for_one_and_names_tests_that_are_there():
    for part, why in NOT_RUN.items():
        assert any(re.search(part, command) for command in commands()), part
        for place in re.findall(r"tests/[\w/.]+", why):
            assert (ROOT / place).exists(), place


def run(commands, folder):
    """Run lines of shell in a folder; return what they print."""
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    said = ""
    for line in commands.splitlines():
        words = shlex.split(re.sub(r"\s+# .*", "", line))
        assert words[0] == "cnn-conformance", line
        call = [sys.executable, "-m", "cnn_conformance", *words[1:]]
        done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode in (0, 1), f"{line}\n{done.stdout}{done.stderr}"
        said += done.stdout + done.stderr
    return said
