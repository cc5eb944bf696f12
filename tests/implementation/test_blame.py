"""Which line an error of an import is blamed on, and which file that cannot be read is named."""

import argparse
import ast
import importlib
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from cnn_conformance.implementation import loading
from tests.grade import in_worker

RELU = "class ReLU:\n    pass\n"


def problem(target, names=("ReLU",)):
    """Return the one problem of an import in this process, without the folder."""
    before, path = set(sys.modules), list(sys.path)
    try:
        (found,) = loading.load(str(target), list(names)).problems
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            del sys.modules[name]
        importlib.invalidate_caches()
    folder = target if target.is_dir() else target.parent
    return found.replace(f"{folder}/", "")


# --- errors that a library raises ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("argparse.ArgumentParser().parse_args(['--nope'])", "SystemExit: 2"),
        ("argparse.ArgumentParser().add_argument('--a', action='nope')", "ValueError: unknown"),
        ("ast.parse('x =')", "SyntaxError: invalid syntax"),
        ("ast.literal_eval('f()')", "ValueError: malformed node"),
        ("compile('x =', 'nowhere.py', 'exec')", "SyntaxError: invalid syntax"),
        ("json.loads('{')", "JSONDecodeError: "),
        ("re.compile('(')", r"error: missing \)"),
        ("Path('nowhere').read_text()", "FileNotFoundError: "),
        ("importlib.import_module('nowhere')", "ModuleNotFoundError: "),
        ("np.zeros(3).reshape(2)", "ValueError: cannot reshape"),
        ("np.testing.assert_array_equal(1, 2)", "AssertionError: "),
        ("exec('1 / 0')", "ZeroDivisionError: "),
    ],
)
def test_an_error_raised_in_a_library_belongs_to_the_line_that_called_it(call, says, tmp_path):
    modules = (argparse, ast, importlib, json, re)
    lines = [f"import {', '.join(m.__name__ for m in modules)}", "import numpy as np"]
    lines += [f"from pathlib import {Path.__name__}", call, RELU]
    assert np is not None
    (tmp_path / "submission.py").write_text("\n".join(lines), "utf-8")
    assert re.match(f"submission.py, line 4: {says}", problem(tmp_path / "submission.py"))


def test_a_callback_that_a_library_calls_is_the_submission_s_own_line(tmp_path):
    text = f"import json\njson.loads('[1.5]',\n    parse_float=lambda x: 1 / 0)\n{RELU}"
    (tmp_path / "submission.py").write_text(text, "utf-8")
    assert problem(tmp_path / "submission.py").startswith("submission.py, line 3: ZeroDivision")


def test_what_is_installed_beside_a_submission_is_a_library_too(tmp_path):
    installed = tmp_path / ".venv" / "lib" / "site-packages"
    installed.mkdir(parents=True)
    (installed / "installed.py").write_text("def f():\n    raise KeyError(1)\n", "utf-8")
    text = f"import sys\nsys.path.append({str(installed)!r})\nimport installed\ninstalled.f()\n"
    (tmp_path / "submission.py").write_text(text + RELU, "utf-8")
    assert problem(tmp_path / "submission.py") == "submission.py, line 4: KeyError: 1"


def test_a_submission_that_is_installed_itself_is_no_library(tmp_path):
    home = tmp_path / "site-packages" / "mine"
    home.mkdir(parents=True)
    (home / "submission.py").write_text(f"\nraise KeyError(1)\n{RELU}", "utf-8")
    assert problem(home / "submission.py") == "submission.py, line 2: KeyError: 1"


def test_a_syntax_error_of_a_file_is_at_its_own_line(tmp_path):
    (tmp_path / "submission.py").write_text(f"import helper\n{RELU}", "utf-8")
    (tmp_path / "helper.py").write_text("\n\nx =\n", "utf-8")
    assert problem(tmp_path / "submission.py") == "helper.py, line 3: SyntaxError: invalid syntax"


# --- files that are no source --------------------------------------------------------------------

BAD = {
    "is UTF-16, expected UTF-8": RELU.encode("utf-16"),
    "is UTF-16, expected UTF-8: save": RELU.encode("utf-16-be"),
    "is UTF-32, expected UTF-8": RELU.encode("utf-32"),
    "has a NUL byte in line 3": b"x = 1\ny = 2\nz = 3\0\n",
    "has the byte 0xe9 in line 2, which is not utf-8": "x = 1\ny = 'é'\n".encode("latin-1"),
    "has the byte 0xe9 in line 1, which is not utf-8": "x = 'é'\n".encode("latin-1"),
    "declares an encoding that Python does not know: unknown encoding: nope": b"# coding: nope\n",
    "has the byte 0xe9 in line 2, which is not ascii": "# coding: ascii\nx = 'é'\n".encode(
        "latin-1"
    ),
    "is not zlib_codec, which it declares to be": b"# coding: zlib_codec\n",
}


def plant(file, data):
    if isinstance(data, bytes):
        file.write_bytes(data)
    elif data is None:
        os.mkfifo(file)
    else:
        file.symlink_to(data)


KINDS = {
    **BAD,
    "is a link to nowhere, which is not there": "nowhere",
    "is a device, expected a file": "/dev/zero",
    "is a named pipe, expected a file": None,
}


@pytest.mark.parametrize("says", BAD)
def test_a_single_file_that_is_no_source_says_why(says, tmp_path):
    plant(tmp_path / "submission.py", BAD[says])
    assert problem(tmp_path / "submission.py").startswith(f"submission.py: {says}")


@pytest.mark.parametrize("says", KINDS)
@pytest.mark.parametrize(
    "line", ["import helper", "from helper import x", "if True:\n    import json, helper"]
)
def test_a_file_that_another_imports_is_named_and_not_the_import(says, line, tmp_path):
    (tmp_path / "submission.py").write_text(f"{line}\n{RELU}", "utf-8")
    plant(tmp_path / "helper.py", KINDS[says])
    assert problem(tmp_path / "submission.py").startswith(f"helper.py: {says}")


@pytest.mark.parametrize("says", KINDS)
@pytest.mark.parametrize("line", ["from .helper import x", "from . import helper"])
def test_a_file_of_a_package_is_named(says, line, tmp_path):
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text(f"{line}\n{RELU}", "utf-8")
    plant(package / "helper.py", KINDS[says])
    assert problem(package).startswith(f"helper.py: {says}")


@pytest.mark.parametrize("says", KINDS)
def test_a_file_of_a_folder_is_named_and_costs_the_others_nothing(says, tmp_path):
    (tmp_path / "relu.py").write_text(RELU, "utf-8")
    plant(tmp_path / "helper.py", KINDS[says])
    assert problem(tmp_path).startswith(f"helper.py: {says}")


def test_what_editors_and_macos_leave_beside_sources_is_none(tmp_path):
    (tmp_path / "relu.py").write_text(RELU, "utf-8")
    (tmp_path / "._relu.py").write_bytes(b"\0\5\x16\7")
    (tmp_path / ".#relu.py").symlink_to("somebody@somewhere.123")
    assert loading.load(str(tmp_path), ["ReLU"]).problems == []


@pytest.mark.parametrize(
    "text",
    [
        "# -*- coding: latin-1 -*-\n# é\nx = 'é'\n".encode("latin-1"),
        "# é, which Python never reads\n".encode("latin-1"),
        "x = 'é'\n".encode("utf-8-sig"),
    ],
)
def test_what_python_can_read_is_no_problem(text, tmp_path):
    (tmp_path / "submission.py").write_bytes(text + RELU.encode())
    assert loading.load(str(tmp_path / "submission.py"), ["ReLU"]).problems == []


def test_in_a_sandbox_a_pipe_and_a_device_cost_no_time_and_no_memory(tmp_path):
    (tmp_path / "relu.py").write_text("from reference import ReLU\n", "utf-8")
    plant(tmp_path / "pipe.py", None)
    plant(tmp_path / "zeros.py", "/dev/zero")
    implementation = in_worker(tmp_path, "process")
    try:
        assert implementation.units == {"ReLU"}
        assert len(implementation.problems) == 2
        assert implementation.account.spent < 5
    finally:
        implementation.end()
