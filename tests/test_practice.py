"""`from cnn_conformance import check`: grading in a notebook or a Python shell."""

import json
import shutil
import subprocess
import sys
import types
from pathlib import Path

import jsonschema
import pytest

import cnn_conformance
import reference
from cnn_conformance import check, units, wrong_kind
from cnn_conformance.practice import NOTE
from tests import SCHEMA


class Conv2D(reference.Conv2D):
    def backward(self, dout):
        print("in backward")
        return super().backward(dout)[..., ::-1]


@pytest.fixture(scope="module")
def wrong():
    return check(Conv2D)


def test_a_right_class_is_true_and_a_wrong_one_false(wrong):
    assert check(reference.ReLU)
    assert not wrong


def test_it_prints_as_the_report_and_says_that_it_is_no_grade(wrong):
    text = str(wrong)
    assert "CONV2D-20 failed" in text
    assert "reversed along the column axis" in text or "looks like" in text
    assert NOTE in text
    assert "printed output: in backward" in wrong.full
    assert "isolation: none" in text
    assert 'check(..., only="CONV2D-20")' in text


def test_parts_of_the_report_are_one_empty_line_apart():
    class ReLU(reference.ReLU):
        def backward(self, dout):
            return super().backward(dout) + 1

    assert "\n\n\n" not in repr(check(ReLU, only="RELU-22"))


def test_only_the_unit_that_was_asked_for_is_shown(wrong):
    assert [unit["unit"] for unit in wrong.document["units"]] == ["Conv2D"]
    assert "missing" not in str(wrong)
    assert "MaxPool2D" not in str(wrong)
    assert wrong.document["partial"]
    jsonschema.validate(wrong.document, SCHEMA)


def test_what_the_code_prints_does_not_flood_the_notebook(capsys):
    check(Conv2D, only="CONV2D-20")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("only", "right"),
    [("forward", True), ("backward", False), ("conv2d", False), ("CONV2D-36", True)],
)
def test_a_part_can_be_asked_for(only, right):
    assert bool(check(Conv2D, only=only)) is right


def test_an_aspect_shows_that_aspect_only():
    aspects = check(Conv2D, only="forward").document["units"][0]["aspects"]
    assert list(aspects) == ["forward"]


def test_another_name_is_said_or_a_key():
    class MyReLU(reference.ReLU):
        pass

    assert check(MyReLU, unit="ReLU")
    assert check({"ReLU": MyReLU})
    with pytest.raises(
        ValueError, match=r"'MyReLU'; did you mean ReLU\? Then say so: check\(..., unit=\"ReLU\"\)$"
    ):
        check(MyReLU)
    with pytest.raises(ValueError, match="a key of the dict: unknown unit 'MyReLU'"):
        check({"MyReLU": MyReLU})


def test_functions_and_modules_and_paths(tmp_path):
    assert check(reference.predict)
    module = types.ModuleType("mine")
    module.ReLU = reference.ReLU
    result = check(module, only="ReLU")
    assert result
    assert result.document["implementation"] == "mine"
    assert "missing: Conv2D" in str(check(module, only="precision"))
    # a copy, as the modules of what is checked are forgotten, and other tests have imported these
    shutil.copytree(Path(reference.__file__).parent, tmp_path / "mine")
    assert check(tmp_path / "mine", only="RELU-20")


def test_a_file_is_read_again_after_a_change(tmp_path):
    file = tmp_path / "net.py"
    (tmp_path / "factor.py").write_text("FACTOR = 2\n")
    file.write_text(
        "import reference\nfrom factor import FACTOR\n\nclass ReLU(reference.ReLU):\n"
        "    def forward(self, x):\n        return FACTOR * super().forward(x)\n"
    )
    assert not check(file, only="RELU-1")
    (tmp_path / "factor.py").write_text("FACTOR = 1.0\n")
    assert check(str(file), only="RELU-1")


def test_what_is_no_unit_and_no_part_is_refused():
    with pytest.raises(ValueError, match="names no aspect"):
        check(Conv2D, only="sideways")
    with pytest.raises(ValueError, match="RELU-1"):
        check(Conv2D, only="RELU-1")


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (3, "expected a class, function, module, path or dict, got an object of type int"),
        (None, "expected a class, function, module, path or dict, got None"),
        ({}, "the dict is empty: expected units by name"),
        ("", "expected a path or a dotted name, got nothing"),
        ("none.py", "there is no file, folder or module none.py"),
        ("some/where", "there is no file, folder or module some/where"),
        (Path("somewhere"), "there is no file, folder or module somewhere"),
        ("some.where", "there is no file, folder or module some.where"),
    ],
)
def test_what_cannot_be_graded_is_refused_with_a_sentence(thing, reason):
    with pytest.raises(ValueError, match=f"^check: {reason}"):
        check(thing)


class Nothing:
    """It could be no unit."""


def relu(x):
    return x * (x > 0)


def fit(model, data):
    """Take what no loop takes."""


@pytest.mark.parametrize(
    ("thing", "unit", "reason"),
    [
        (relu, "ReLU", r"ReLU is a layer: .* forward\(x\) and backward; relu\(...\) raised Type"),
        (Nothing, "ReLU", r"ReLU is a layer: .*; what Nothing\(...\) gives has no forward"),
        (Nothing, "SGD", r"SGD is an optimizer: expected a class with step\(params, grads\); "),
        (Nothing, "Sequential", "Sequential is a container: .*; Nothing has no forward"),
        (reference.MSE, "ReLU", r"ReLU is a layer: .*, got MSE.forward\(self, pred, target\)"),
        (reference.ReLU, "MSE", r"MSE is a loss: .* forward\(pred, target\).*, got ReLU.forward"),
        (reference.ReLU, "fit", "fit is a function, got the class ReLU"),
        (fit, "fit", r"expected fit\(model, loss, optimizer, x, y, ...\), got fit\(model, data\)"),
        (reference.ReLU(), None, r"expected a class, got an object: say ReLU, not ReLU\(...\)"),
        (Path("mine.py"), "ReLU", "unit='ReLU' says what a class or function is; of a .* path"),
        ({"ReLU": relu}, None, "ReLU is a layer: "),
    ],
)
def test_what_could_not_be_that_unit_is_refused_in_one_line(thing, unit, reason):
    with pytest.raises(ValueError, match=f"^check: {reason}") as refused:
        check(thing, unit=unit)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("unit", [u for u in units.EXPORTED if u not in units.WRAPPERS])
def test_no_unit_of_the_reference_is_refused(unit):
    assert wrong_kind.said(unit, getattr(reference, unit)) == ""


def test_a_function_may_make_a_layer_and_a_class_may_lack_backward_yet():
    class Forward:
        def forward(self, x):
            return x * (x > 0)

    assert check(lambda: reference.ReLU(), unit="ReLU", only="forward")
    assert check(Forward, unit="ReLU", only="RELU-1")


def test_an_interrupt_ends_the_check():
    class ReLU(reference.ReLU):
        def forward(self, x):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(ReLU)


def test_an_import_that_fails_is_said(tmp_path):
    (tmp_path / "net.py").write_text("def (\n")
    result = check(tmp_path / "net.py", only="ReLU")
    assert not result
    assert "net.py, line 1: SyntaxError" in str(result)


def test_hostile_text_does_not_leave_the_frame():
    class ReLU(reference.ReLU):
        def forward(self, x):
            raise ValueError('"></iframe><script>alert(1)</script>')

    page = check(ReLU)._repr_html_()
    assert page.count("<iframe") == page.count("</iframe>") == 1
    assert "<script" not in page


def test_importing_the_package_stays_light():
    code = (
        "import sys, cnn_conformance; print(len([m for m in sys.modules if 'conformance.' in m]))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "0"
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        cnn_conformance.chekc  # noqa: B018


NOTEBOOK = """
import nbclient, nbformat
source = '''
import numpy as np
class ReLU:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, dout):
        return 2 * dout * (self.x > 0)
'''
cells = [source, "from cnn_conformance import check; result = check(ReLU); result", "print(result)"]
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
nbclient.NotebookClient(book, timeout=60, kernel_name="python3").execute()
print(nbformat.writes(book))
"""


@pytest.mark.nbclient
def test_in_a_real_notebook(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", NOTEBOOK], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    shown, printed = (cell["outputs"] for cell in json.loads(ended.stdout)["cells"][1:])
    assert "<iframe" in "".join(shown[0]["data"]["text/html"])
    assert "RELU-20 failed" in "".join(shown[0]["data"]["text/plain"])
    assert "RELU-20 failed" in "".join(printed[0]["text"])
