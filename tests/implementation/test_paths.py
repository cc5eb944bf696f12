"""What `--impl` may name, and what comes of what it may not: units or one clear problem."""

import sys
import textwrap

import pytest

from cnn_conformance.implementation.imports import Policy
from tests.grade import in_worker
from tests.implementation import LEVELS, PROCESSES

RIGHT = "from reference import Dense, ReLU\n"
CALLS = """
from pathlib import Path
Path(__file__).with_name("was_run").write_text("x")
print("training ...")
"""


def write(folder, **files):
    """Write files into a folder; a double underscore in a name stands for a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
    return folder


def load(target, isolation="process", **limits):
    """Return the units that are found, the problems, and ask for one layer of each unit."""
    implementation = in_worker(target, isolation, policy=Policy(), **limits)
    try:
        if "Dense" in implementation.units:
            implementation.begin("Dense")
            implementation.layer("Dense", [2, 3], {}).arrays("params")
        return set(implementation.units), implementation.problems
    finally:
        implementation.end()


# --- what can be loaded -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mine", "my net", "json", "tabulate", "numpy", "conformance"])
def test_a_package_folder_with_relative_imports_whatever_its_name(tmp_path, name):
    folder = tmp_path / name
    write(folder, dense="from reference.dense import Dense\n", relu="from reference import ReLU\n")
    (folder / "__init__.py").write_text("from .dense import Dense\nfrom .relu import ReLU\n")
    assert load(folder) == ({"Dense", "ReLU"}, [])


def test_a_trailing_slash_and_a_relative_path(tmp_path, monkeypatch):
    write(tmp_path / "mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text(RIGHT)
    monkeypatch.chdir(tmp_path)
    assert load("mine/") == load("./mine") == load("mine") == ({"Dense", "ReLU"}, [])


def test_a_file_whose_siblings_are_imported(tmp_path):
    write(tmp_path, adapter="from others import *\n", others=RIGHT)
    assert load(tmp_path / "adapter.py") == ({"Dense", "ReLU"}, [])


def test_a_folder_of_loose_files_that_import_each_other(tmp_path):
    write(
        tmp_path,
        base="from reference.layer import Layer\n",
        dense="import base\nfrom reference import Dense as D\nclass Dense(D): pass\n",
        activations="from base import Layer\nfrom reference import ReLU as R\nclass ReLU(R): pass",
    )
    assert load(tmp_path) == ({"Dense", "ReLU"}, [])


@pytest.mark.parametrize(
    "imports", ["from dense import Dense", "from dense import *", "import dense as Dense"]
)
def test_a_training_script_among_loose_files_is_not_run(tmp_path, imports):
    dense = "from reference import Dense as D\nclass Dense(D): pass\n"
    script = f"{imports}\nfit = 3\nfor epoch in range(3): print(epoch)\n{CALLS}"
    write(tmp_path, dense=dense, train=script, a_train=script)
    assert load(tmp_path) == ({"Dense"}, [])
    assert not (tmp_path / "was_run").exists()


def test_a_definition_in_a_script_is_found_where_there_is_no_better_one(tmp_path):
    body = "from reference import Dense as D\nclass Dense(D): pass\n"
    write(tmp_path, a_script=body + CALLS, layers=body)
    assert load(tmp_path) == ({"Dense"}, [])
    assert not (tmp_path / "was_run").exists()
    (tmp_path / "layers.py").unlink()
    assert load(tmp_path) == ({"Dense"}, [])


def test_names_that_loose_files_take_from_a_subfolder_are_found(tmp_path):
    write(tmp_path, lib__layers=RIGHT, net="from lib.layers import *\n", other="import net\n")
    assert load(tmp_path) == ({"Dense", "ReLU"}, [])


def test_what_runs_only_as_a_script_makes_no_script(tmp_path):
    main = f"{RIGHT}if __name__ == '__main__':\n    raise SystemExit(3)\n"
    write(tmp_path, layers=main)
    assert load(tmp_path) == ({"Dense", "ReLU"}, [])


def test_one_broken_file_among_good_ones(tmp_path):
    write(
        tmp_path, layers=RIGHT, mse="class MSE:\n    def forward(self\n", sgd="class SGD: 1 / 0\n"
    )
    units, problems = load(tmp_path)
    assert units == {"Dense", "ReLU"}
    assert [p.split(": ", 1) for p in problems] == [
        [f"{tmp_path / 'mse.py'}, line 2", "SyntaxError: '(' was never closed"],
        [f"{tmp_path / 'sgd.py'}, line 1", "ZeroDivisionError: division by zero"],
    ]


@pytest.mark.parametrize("isolation", LEVELS)
def test_a_dotted_name_of_the_current_folder_or_installed(tmp_path, monkeypatch, isolation):
    name = f"dotted_{isolation}"
    write(tmp_path, **{f"{name}__sub": RIGHT})
    monkeypatch.chdir(tmp_path)
    assert load(f"{name}.sub", isolation) == ({"Dense", "ReLU"}, [])
    assert "Conv2D" in load("reference", isolation)[0]


def test_names_of_other_things_are_not_taken_for_units(tmp_path):
    write(tmp_path, net=f"{RIGHT}print('x')\ndef __getattr__(name): raise AttributeError(name)\n")
    assert load(tmp_path / "net.py") == ({"Dense", "ReLU"}, [])


# --- what cannot ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1\ndef f(:\n", "net.py, line 2: SyntaxError: invalid syntax"),
        ("\n\nraise ValueError('no')\n", "net.py, line 3: ValueError: no"),
        ("import no_such_module\n", "net.py, line 1: ModuleNotFoundError: No module named"),
        ("raise SystemExit(0)\n", "net.py, line 1: SystemExit: 0"),
        ("raise KeyboardInterrupt\n", "net.py, line 1: KeyboardInterrupt"),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E\n", "cannot be read"),
        ("raise SyntaxError\n", "SyntaxError"),
        ("def __getattr__(name): raise OSError(name)\n", "OSError"),
        ("import os\nos._exit(0)\n", "the process of the implementation ended by itself"),
        ("import ctypes\nctypes.string_at(0)\n", "SIGSEGV"),
        (
            "while True: pass\n",
            "no answer within 1 s of computing; --import-timeout",
        ),
        ("import sys\nsys.stdout.close()\nsys.stderr = None\n", None),
        ("import os\nos.closerange(3, 100)\n", "the process of the implementation"),
    ],
)
def test_an_import_that_fails_is_one_line_and_no_units(tmp_path, text, problem):
    target = write(tmp_path, net=text) / "net.py"
    units, problems = load(target, load=1 if "while" in text else 30)
    assert units == set()
    if problem is None:
        assert problems == []
        return
    assert len(problems) == 1
    assert problem in problems[0]
    assert "net.py" in problems[0]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("notes.txt", b"a recipe", "is not a Python file"),
        ("net.py", b"\x00\x01\xff", "net.py"),
        ("net.py", b"\xff\xfe", "net.py"),
        ("empty/nothing.txt", b"", "neither Python files nor notebooks in this folder"),
    ],
)
def test_a_target_that_is_no_python(tmp_path, name, content, problem):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    units, problems = load(path.parent if "empty" in name else path, "none")
    assert units == set()
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_dotted_name_that_does_not_exist():
    units, problems = load("no_such_module")
    assert units == set()
    assert problems == ["no_such_module: ModuleNotFoundError: No module named 'no_such_module'"]


# --- what is left of it -------------------------------------------------------------------------


def test_units_in_this_process_that_overlap_leave_the_search_path_as_it_was(tmp_path):
    before = list(sys.path)
    opened = []
    for name in ("first", "second", "third"):
        write(tmp_path / name, mine=RIGHT)
        opened.append(in_worker(tmp_path / name / "mine.py", "none"))
        assert opened[-1].units
    for implementation in opened:
        implementation.end()
    assert sys.path == before


def test_a_search_path_with_many_entries_alike_keeps_no_worker_from_starting(tmp_path, monkeypatch):
    """As notebooks have that add a folder whenever a cell runs."""
    monkeypatch.setattr(sys, "path", sys.path + [str(tmp_path)] * 10_000)
    write(tmp_path, mine=RIGHT)
    for level in PROCESSES:
        assert load(tmp_path / "mine.py", level) == ({"Dense", "ReLU"}, [])
