"""`cnn-conformance reproduce`: every kind of failure as a short script that shows it."""

import contextlib
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import types

import numpy as np
import pytest

import cnn_conformance.reproduce as command
from cnn_conformance.checks.grader import Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.mistakes import catalogue, units_of
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import WRONG
from cnn_conformance.reproduce import assertions, script
from cnn_conformance.reproduce.locate import Place
from cnn_conformance.reproduce.script import CannotShow
from tests import ROOT
from tests.grade import FIXTURES, RIGHT, altered, grade, in_this_process, printed

NOWHERE = "implementation_under_test"


class Doubled(RIGHT["ReLU"]):
    """Its gradient is twice what it should be."""

    def backward(self, dout):
        return 2 * super().backward(dout)


@pytest.fixture
def at_hand(monkeypatch):
    """Let scripts import units that are at hand."""
    modules = dict.fromkeys(specification.units(), (NOWHERE, ""))
    monkeypatch.setattr(command, "locate", lambda *_: Place(("/nowhere",), modules))


@pytest.fixture
def reproduced(at_hand):
    """Return what reproduces a requirement of units that are at hand."""

    def run(units, id_):
        return command.reproduce(Grader(in_this_process(units), FIXTURES), command.find(id_))

    return run


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """Return what executes a script on units that are at hand: what it prints and raises."""

    def run(made, units):
        module = types.ModuleType(NOWHERE)
        vars(module).update(units)
        monkeypatch.setitem(sys.modules, NOWHERE, module)
        file = tmp_path / "shown.py"
        script.write(file, made.text, made.data)
        prints, error = io.StringIO(), None
        path = list(sys.path)
        with contextlib.redirect_stdout(prints), np.errstate(all="ignore"):
            try:
                exec(compile(made.text, file, "exec"), {"__file__": str(file)})
            except Exception as raised:
                error = raised
        sys.path[:] = path
        return prints.getvalue(), error

    return run


def test_every_kind_of_check_is_failed_by_some_mistake():
    lost = {id_ for mistake in catalogue() for id_ in mistake.loses}
    checks = manifest().values()
    failed = {check.function for check in checks if check.requirement in lost}
    assert failed == {check.function for check in checks}


def one_for_each_kind():
    """Return for every kind of check, in every unit, a mistake that it finds, and where.

    Every pair of a mistake and a requirement that it loses has a script. To try them all takes
    minutes: `pytest tests/reproduce --all-pairs`.
    """
    checks = {}
    for check in manifest().values():
        checks.setdefault(check.requirement, check)
    found = {}
    for mistake in sorted(catalogue(), key=lambda each: len(each.loses)):
        for id_ in mistake.loses:
            kind = (checks[id_].function, specification.requirements()[id_].unit)
            found.setdefault(kind, (mistake, id_))
    return list(found.values())


def pytest_generate_tests(metafunc):
    if metafunc.definition.originalname == THE_TEST:
        everything = metafunc.config.getoption("--all-pairs")
        every = [(mistake, id_) for mistake in catalogue() for id_ in mistake.loses]
        pairs = every if everything else one_for_each_kind()
        ids = [f"{id_}-{mistake.name}" for mistake, id_ in pairs]
        metafunc.parametrize(("mistake", "id_"), pairs, ids=ids)


THE_TEST = "test_the_script_fails_for_the_mistake_and_passes_for_the_reference"


def test_the_script_fails_for_the_mistake_and_passes_for_the_reference(
    mistake, id_, reproduced, executed
):
    made = reproduced(units_of(mistake), id_)
    assert made.result.outcome in WRONG
    lines = made.text.splitlines()
    assert len(lines) <= 15
    assert not [line for line in lines if "import" in line and "conformance" in line]
    _, error = executed(made, units_of(mistake))
    assert error is not None, made.text
    assert not isinstance(error, (NameError, SyntaxError, ImportError)), made.text
    _, error = executed(made, RIGHT)
    assert error is None, made.text


@pytest.mark.parametrize("stem", sorted({check.stem for check in manifest().values()}))
def test_the_script_for_a_check_that_passes_passes(stem, at_hand, executed):
    grader = Grader(in_this_process(RIGHT), FIXTURES)
    for key in (key for key, check in manifest().items() if check.stem == stem):
        made = command.reproduce(grader, [key])
        assert len(made.text.splitlines()) <= 15, made.text
        assert executed(made, RIGHT)[1] is None, made.text


@pytest.mark.parametrize(
    ("mistake", "id_", "convention"),
    [
        ("deviation remembered", "BATCHNORM2D-6", "biased variance remembered"),
        ("batch normalization is not switched", "NETWORK-5", "biased variance remembered"),
        ("velocity never fades", "SGD-80", "velocity is an average"),
    ],
)
def test_a_convention_that_the_check_accepts_passes_the_script(
    mistake, id_, convention, reproduced, executed
):
    wrong, right = (
        units_of(next(each for each in catalogue() if each.name == name))
        for name in (mistake, convention)
    )
    made = reproduced(wrong, id_)
    assert executed(made, wrong)[1] is not None, made.text
    assert executed(made, right)[1] is None, made.text


@pytest.mark.parametrize("case", ["square", "bias-square"])
@pytest.mark.parametrize("argument", ["padding", "dilation"])
def test_objects_that_differ_in_an_argument_are_made_where_the_check_made_them(
    case, argument, at_hand, executed
):
    name = f"{argument} on the class"
    wrong = units_of(next(m for m in catalogue() if (m.unit, m.name) == ("Conv2D", name)))
    grader = Grader(in_this_process(wrong), FIXTURES)
    made = command.reproduce(grader, [f"test_conv2d.py::test_own_arguments[{case}]"])
    raised = [executed(made, units)[1] for units in (wrong, RIGHT)]
    assert (raised[0] is None, raised[1]) == (made.result.outcome not in WRONG, None), made.text


def test_what_came_stands_beside_what_was_expected(reproduced, executed):
    doubled = {"Conv2D": altered("Conv2D", backward=lambda dx: 2 * dx)}
    made = reproduced(RIGHT | doubled, "CONV2D-24")
    case = FIXTURES.unit("conv2d").cases[made.result.case]
    prints, error = executed(made, doubled)
    assert prints.startswith(f"got\n{2 * case['dx']}\nexpected\n{case['dx']}")
    assert isinstance(error, AssertionError)


def test_the_smallest_failing_case_is_shown(reproduced):
    made = reproduced({"Conv2D": altered("Conv2D", forward=lambda y: y + 1)}, "CONV2D-1")
    assert made.result.case == "one-channel-one-sample"
    assert not made.data, "small inputs stand in the script"
    assert made.text.startswith('"""CONV2D-1, case one-channel-one-sample: ')


def test_the_script_makes_a_layer_in_a_form_that_it_offers(reproduced, executed):
    class Dense(RIGHT["Dense"]):
        def __init__(self, in_features, out_features, bias=True):
            if not bias:
                raise NotImplementedError("unsupported: a layer without a bias")
            super().__init__(in_features, out_features)

        def backward(self, dout):
            return super().backward(np.resize(dout, (2, 3)))

    made = reproduced({"Dense": Dense}, "DENSE-72")
    assert made.result.finding.kind == "nothing raised"
    _, error = executed(made, {"Dense": Dense})
    assert isinstance(error, AssertionError)
    assert executed(made, RIGHT)[1] is None, made.text


# --- what can be named, and what cannot be shown ----------------------------------------------


def test_a_requirement_or_a_check_can_be_named():
    one = ["test_conv2d.py::test_dx[stride-2]"]
    assert one[0] in command.find("CONV2D-24")
    assert command.find("conv2d-24") == command.find("CONV2D-24")
    for name in ("conv2d::test_dx[stride-2]", one[0], f"conformance/{one[0]}"):
        assert command.find(name) == one
    assert len(command.find("conv2d::test_dx")) > 10


@pytest.mark.parametrize("name", ["CONV2D-999", "conv2d", "conv2d::test_nothing", ""])
def test_what_is_neither_is_refused(name, capsys):
    assert command.main([name, "--impl=reference"]) == 2
    assert "expected an id such as CONV2D-24" in capsys.readouterr().err


def test_what_no_script_can_say_is_said_in_one_line(reproduced, monkeypatch):
    for kind in list(assertions.KINDS):
        monkeypatch.delitem(assertions.KINDS, kind)
    with pytest.raises(CannotShow, match=r"not fit into a short script; instead: pytest .*pdb"):
        reproduced({"ReLU": Doubled}, "RELU-20")


def test_a_unit_that_is_not_there_has_no_script(reproduced):
    with pytest.raises(CannotShow, match="CONV2D-1 missing"):
        reproduced({}, "CONV2D-1")


def test_a_script_of_too_many_lines_is_not_written():
    draft = script.Draft({}, ["pass"] * 20, units=["ReLU"])
    with pytest.raises(CannotShow, match="would take"):
        script.render("title", draft, Place((), {"ReLU": ("a", "")}))


def test_the_report_tells_how_to_get_the_script():
    doubled = altered("ReLU", backward=lambda dx: 2 * dx)
    graded = grade({"ReLU": doubled}, command.find("RELU-20")).document
    for fixtures, more in (("", ""), ("my set", " --golden 'my set'")):
        text = printed(graded, "pytest conformance", fixtures, full=True)
        shown = re.findall(r"^  reproduce: (.+)$", text, re.MULTILINE)
        assert shown == [f"cnn-conformance reproduce RELU-20 --impl=planted{more}"]


# --- by plain python, for an implementation in any form -----------------------------------------

WRONG_RELU = """
import numpy as np

class ReLU:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, dout):
        return factor() * dout * (self.x > 0)
"""
NEIGHBOUR = "def factor():\n    return 3\n"
FORMS = {
    "package": ("net", {"net/__init__.py": "from .relu import ReLU\n", "net/relu.py": ""}),
    "package without exports": ("net", {"net/__init__.py": "", "net/relu.py": ""}),
    "loose files": ("loose", {"loose/relu.py": ""}),
    "file": ("net.py", {"net.py": ""}),
    "file whose name is no word": ("my-net.py", {"my-net.py": ""}),
    "file with the name of a module": ("json.py", {"json.py": ""}),
    "dotted": ("parts.layers", {"parts/__init__.py": "", "parts/layers.py": ""}),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_script_loads_every_form_of_implementation(form, tmp_path, monkeypatch, capsys):
    target, files = FORMS[form]
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        relative = "." if "from ." in files.get("net/__init__.py", "") else ""
        inside = "parts." if form == "dotted" else ""
        import_ = f"from {relative}{inside}neighbour import factor\n"
        path.write_text(text or import_ * ("__init__" not in name) + WRONG_RELU)
        (path.parent / "neighbour.py").write_text(NEIGHBOUR)
        if name.endswith("__init__.py") and not text:
            path.write_text("")
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "shown" / "relu.py"
    out.parent.mkdir()
    assert command.main(["RELU-20", f"--impl={target}", f"--out={out}"]) == 0, capsys.readouterr()
    assert "RELU-20" in capsys.readouterr().out
    ended = plain_python(out)
    assert ended.returncode == 1, ended.stderr
    assert "AssertionError" in ended.stderr, ended.stderr
    assert ended.stdout.startswith("got\n[")
    (tmp_path / files_of_neighbour(form)).write_text(NEIGHBOUR.replace("3", "1"))
    assert plain_python(out).returncode == 0, "after mending it passes"


def files_of_neighbour(form):
    folder = next(iter(FORMS[form][1])).rpartition("/")[0]
    return f"{folder}/neighbour.py" if folder else "neighbour.py"


def plain_python(path):
    return subprocess.run(
        [sys.executable, "-I", "-B", str(path)], capture_output=True, text=True, timeout=60
    )


def test_unless_told_where_it_writes_into_a_new_folder_for_temporary_files(
    tmp_path, monkeypatch, capsys
):
    here, scratch = tmp_path / "here", tmp_path / "scratch"
    here.mkdir()
    scratch.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert command.main(["RELU-20", "--impl=reference"]) == 0
    (made,) = scratch.rglob("*.py")
    assert f"python {made}" in capsys.readouterr().out
    assert not list(here.iterdir())


def test_code_with_an_interface_of_its_own_is_shown_through_a_draft_beside_the_script(
    tmp_path, capsys
):
    foreign = (ROOT / "tests/adapt/foreign/channels_last.py").read_text("utf-8")
    code, out = tmp_path / "pools.py", tmp_path / "shown.py"
    code.write_text(foreign.replace("out[place] += delta", "out[place] = delta"), "utf-8")
    assert command.main(["MAXPOOL2D-21", f"--impl={code}", f"--out={out}"]) == 0
    assert f"through {tmp_path / 'shown_adapter.py'}, a draft" in capsys.readouterr().out
    ended = plain_python(out)
    assert ended.returncode == 1, ended.stderr
    assert "AssertionError" in ended.stderr, ended.stderr
    code.write_text(foreign, "utf-8")
    assert plain_python(out).returncode == 0, "after mending it passes"


def test_the_reference_passes_by_plain_python(tmp_path, capsys):
    out = tmp_path / "shown.py"
    assert command.main(["CONV2D-24", "--impl=reference", f"--out={out}"]) == 0
    assert "CONV2D-24, test_conv2d.py::test_dx[" in capsys.readouterr().out
    assert plain_python(out).returncode == 0


def test_a_private_set_gives_its_own_numbers(tmp_path, capsys):
    private = tmp_path / "private"
    shutil.copytree(FIXTURES.folder, private, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with np.load(private / "relu.npz") as stored:
        arrays = {name: stored[name] * (1 if "bound" in name else 2) for name in stored.files}
    np.savez(private / "relu.npz", **arrays)
    manifest_ = json.loads((private / "manifest.json").read_text())
    content = (private / "relu.npz").read_bytes()
    manifest_["files"]["relu.npz"] = hashlib.sha256(content).hexdigest()
    (private / "manifest.json").write_text(json.dumps(manifest_))
    out = tmp_path / "shown.py"
    argv = ["relu::test_y[images]", "--impl=reference", f"--out={out}", f"--golden={private}"]
    assert command.main(argv) == 0, capsys.readouterr()
    with np.load(out.with_suffix(".npz")) as written:
        np.testing.assert_array_equal(written["x"], arrays["images/x"])
        np.testing.assert_array_equal(written["expected"], arrays["images/y"])
    assert plain_python(out).returncode == 0


def test_the_name_of_the_script_ends_in_py():
    with pytest.raises(SystemExit):
        command.main(["RELU-1", "--impl=reference", "--out=script.txt"])
