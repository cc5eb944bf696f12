"""Notebooks: what of them is run, where it is said to stand, and what a file may be instead."""

import time

import pytest

from cnn_conformance import check
from cnn_conformance.implementation import blame, imports, notebooks
from cnn_conformance.reports import phrases
from cnn_conformance.reproduce import main as reproduce
from tests.grade import grade, in_worker, printed
from tests.planted.batches import RIGHT, WRONG
from tests.planted.books import book

RAISES = RIGHT.replace("return dout * self.mask", "raise KeyError('cache')")


def notebook(folder, *cells, name="my net.v2.ipynb", **changes):
    file = folder / name
    file.write_text(book(*cells, **changes), "utf-8")
    return file


def loaded(file, *names):
    """Return the units, the notes and the problems of a file, imported in a process of its own."""
    made = in_worker(file, names=names or ("ReLU",))
    made.end()
    return sorted(made.units), made.notes, made.problems


def test_the_cells_are_a_module(tmp_path):
    imports_, relu = "import numpy as np", RIGHT.replace("import numpy as np", "")
    file = notebook(tmp_path, imports_, relu)
    graded = grade(file, "ReLU")
    assert not graded.not_passed
    assert "notes" not in graded.document


def test_what_computes_is_not_run_and_its_cells_are_named(tmp_path):
    training = "for step in range(10**12):\n    pass"
    plot = "import os\nos._exit(1)\nprint(ReLU())"
    units, notes, problems = loaded(notebook(tmp_path, RIGHT, training, "x = 3", plot))
    assert (units, problems) == (["ReLU"], [])
    (note,) = notes
    assert note.startswith(
        "my net.v2.ipynb, cells 2, 4: what computes, prints or plots was not run"
    )


def test_an_assignment_that_calls_is_run_where_a_unit_needs_it(tmp_path):
    make = f"{RIGHT}\nimport time\n\ndef make(base):\n    return type('ReLU', (base,), {{}})\n"
    ends = "ReLU = make(ReLU)\ntrained = time.sleep(1e6)"
    units, notes, _ = loaded(notebook(tmp_path, make, ends))
    assert units == ["ReLU"]
    assert len(notes) == 1
    shown = "scale = make()\ndef make():\n    return 1"
    assert loaded(notebook(tmp_path, shown, RIGHT))[1] == [notes[0].replace("cell 2", "cell 1")]


def test_a_local_variable_of_a_unit_does_not_make_a_cell_run(tmp_path):
    """A method's own `history` is another one than that of a training at top level."""
    local = RIGHT.replace("        self.mask", "        history = x\n        self.mask", 1)
    local = local.replace("np.maximum(x, 0)", "np.maximum(history, 0)")
    train = "import os\ndef train():\n    os._exit(1)\nhistory = train()"
    units, notes, problems = loaded(notebook(tmp_path, local, train))
    assert (units, problems) == (["ReLU"], [])
    assert len(notes) == 1
    said = "def scale():\n    global factor\n    return factor\nfactor = scale.__name__.upper()"
    used = f"{said}\n{RIGHT}\nclass ELU(ReLU):\n    names = [scale()]"
    assert loaded(notebook(tmp_path, used), "ELU")[0] == ["ELU"]


def test_what_raises_is_left_out_with_cell_and_line(tmp_path):
    file = notebook(
        tmp_path, "import nowhere\nfrom nowhere import ELU", "\ny = 1 / 0\nz = 2", RIGHT
    )
    units, notes, problems = loaded(file)
    assert (units, problems) == (["ReLU"], [])
    assert [note.partition("Error")[0] for note in notes] == [
        "my net.v2.ipynb, cell 1, line 1: ModuleNotFound",
        "my net.v2.ipynb, cell 1, line 2: ModuleNotFound",
        "my net.v2.ipynb, cell 2, line 2: ZeroDivision",
    ]
    units, _, problems = loaded(file, "ReLU", "ELU")
    assert units == ["ReLU"]
    assert len(problems) == 3  # one of them may be why ELU is not there


def test_an_error_of_a_neighbour_is_blamed_on_the_neighbour(tmp_path):
    (tmp_path / "layers.py").write_text("x = 1\n1 / 0\n", "utf-8")
    _, notes, _ = loaded(notebook(tmp_path, "\nfrom layers import ReLU"))
    assert notes == ["layers.py, line 2: ZeroDivisionError: division by zero, so it was left out"]
    (tmp_path / "layers.py").write_bytes(b"x = '\xe9'\n")
    _, notes, _ = loaded(notebook(tmp_path, "\nfrom layers import ReLU"))
    assert "not utf-8: save it again" in notes[0]


def test_lines_of_ipython_and_of_a_shell_are_left_out(tmp_path):
    magic = (
        "%matplotlib inline\n!pip install \\\n   'it's open (\nnp?\nfiles = !ls\n"
        "if True:\n    %cd ..\n"
        "rest = (7\n  % 4)\ntext = '''\n%not magic\n! nor this'''\n"
    )
    python = f"%%time\n{RIGHT}\nassert text == '\\n%not magic\\n! nor this' and rest == 3"
    python += "\nclass ELU(ReLU):\n    rest, text = rest, text.split()[0]\n    assert rest == 3"
    units, notes, problems = loaded(notebook(tmp_path, magic, python, "%%bash\nls"), "ReLU", "ELU")
    assert (units, problems) == (["ELU", "ReLU"], [])
    assert notes[1:] == [
        "my net.v2.ipynb, cells 1, 2: lines for IPython or a shell (%, !, ?) were left out",
        "my net.v2.ipynb, cell 3 is for %%bash, and was left out",
    ]


def test_a_cell_that_python_cannot_read_costs_no_other(tmp_path):
    bad = "x = 1\ndef broken(:\n    pass", "'\0'", "await x", "('" + "(" * 300, "\ud800 = 1"
    units, notes, problems = loaded(notebook(tmp_path, *bad, RIGHT), "ReLU", "ELU")
    assert units == ["ReLU"]
    first = "my net.v2.ipynb, cell 1, line 2: SyntaxError: invalid syntax, so the cell was left out"
    assert problems[0] == first
    assert set(problems) == set(notes[1:])


def test_the_report_speaks_of_cell_and_line(tmp_path):
    graded = grade(notebook(tmp_path, "a = 1", RAISES), "ReLU")
    shown = printed(graded.diagnosed)
    line = RAISES.split("\n").index("        raise KeyError('cache')") + 1
    assert f'my net.v2.ipynb, cell 2", line {line}, in backward' in shown
    assert "raise KeyError('cache')" in shown


def test_the_imports_are_looked_at_cell_by_cell(tmp_path):
    file = notebook(tmp_path, "a = 1", f"%cd x\nimport torch\n{RIGHT}")
    policy = imports.Policy(allowed=("numpy",), reported=("torch",))
    assert imports.noticed(policy, str(file), ()) == [
        {"name": "torch", "policy": "reported", "where": "my net.v2.ipynb, cell 2, line 2"}
    ]


def test_in_a_folder_a_notebook_gives_what_no_file_does(tmp_path):
    (tmp_path / "relu.py").write_text(RIGHT, "utf-8")
    notebook(tmp_path, WRONG, "class ELU:\n    pass")
    made = in_worker(tmp_path, names=("ReLU", "ELU"))
    assert sorted(made.units) == ["ELU", "ReLU"]
    made.end()
    assert not grade(tmp_path, "ReLU").not_passed
    assert loaded(tmp_path)[1] == []  # nobody needs the notebook


def test_a_notebook_in_a_known_style_is_translated(tmp_path):
    code = (
        "import numpy as np\ndef relu_forward(x):\n    return np.maximum(x, 0), x\n"
        "def relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
        "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w, b)\n"
        "def affine_backward(dout, cache):\n    x, w, b = cache\n"
        "    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(0)\n"
    )
    file = notebook(tmp_path, code, "relu_forward(1)")
    made = in_worker(file)
    made.end()
    assert made.style == "cs231n"
    assert "ReLU" in made.units
    assert len(made.notes) == 1


def test_check_and_reproduce_take_a_notebook(tmp_path, capsys):
    file = notebook(tmp_path, WRONG)
    assert not check(file, only="RELU-20")
    out = tmp_path / "shown.py"
    assert reproduce(["RELU-20", f"--impl={file}", f"--out={out}"]) == 0
    assert str(file) in out.read_text("utf-8")
    with pytest.raises(AssertionError):
        exec(compile(out.read_text("utf-8"), str(out), "exec"), {"__file__": str(out)})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "in line 1, column 1 it is not JSON"),
        (book(RIGHT)[:-9].encode(), "it is damaged|not saved completely"),
        (b"{}", 'expected an object with "nbformat" and "cells"'),
        (b"[1]", 'expected an object with "nbformat" and "cells"'),
        (b'{"nbformat": 3, "worksheets": []}', "format 3, expected 4: open it in Jupyter"),
        (b'{"nbformat": 4, "cells": 7}', "format 4, expected 4"),
        (b"\xff\xfe{\0}\0", "is UTF-16, expected UTF-8"),
        (b'{"a": "\xe9"}', "byte 7 is not UTF-8"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"1" * 10_000 + b"}", "is no notebook"),
        (b"[" * (notebooks.MAX_CONTAINERS + 1), "lists and objects: clear its outputs"),
        (b" " * (notebooks.MAX_BYTES + 1), "more than 16 MiB"),
        (book(*["1"] * (notebooks.MAX_CELLS + 1)).encode(), "more than 5,000 cells"),
        (
            book(RIGHT, metadata={"kernelspec": {"language": "R"}}).encode(),
            "a notebook in R, expected Python",
        ),
    ],
)
def test_what_is_no_notebook_is_said(data, why, tmp_path):
    file = tmp_path / "net.ipynb"
    file.write_bytes(data)
    with pytest.raises(blame.BadSource, match=why):
        blame.read_source(file)
    assert list(imports.named(str(file))) == []
    units, _, problems = loaded(file)
    assert units == []
    assert len(problems) == 1


def test_odd_metadata_and_cells_are_no_obstacle():
    odd = {"metadata": {"kernelspec": [], "language_info": {"name": "ipython"}}}
    cells = [1, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "x = 1"]}]
    read = notebooks.read(book(cells=cells, **odd).encode())
    assert [cell.source for cell in read.cells] == ["", "x = 1"]


@pytest.mark.parametrize("line", ["%x\n", "'''\n", "\"\\'''", "x = (\n", "a" * 80 + ", ", "\\\n"])
def test_a_hostile_cell_is_read_in_time_that_grows_with_its_length(line):
    data = book("%x\n" + line * (400_000 // len(line)), "a = 1").encode()
    started = time.perf_counter()
    read = notebooks.read(data)
    assert time.perf_counter() - started < 5
    assert read.cells[-1].source == "a = 1"


def test_an_encoding_that_a_cell_declares_is_not_taken():
    read = notebooks.read(book("# coding: utf-7\nx = '+AGE-'").encode())
    assert blame.ast.unparse(blame.ast.parse(read.text.encode())) == "x = '+AGE-'"


def test_future_imports_hold_for_the_cells_below(tmp_path):
    future = "from __future__ import annotations"
    units, notes, _ = loaded(notebook(tmp_path, future, "class ReLU:\n    x: Nothing = 1"))
    assert (units, notes) == (["ReLU"], [])


def test_notes_are_shown_in_every_report(tmp_path):
    graded = grade(notebook(tmp_path, RIGHT, "print(1)"), "ReLU").document
    (notice,) = phrases.notices(graded)
    assert notice.startswith("Left out of the notebook:\n")
    assert "cell 2: what computes" in printed(graded).replace("\n    ", " ")
