"""`--reveal`: below `all`, no number of the golden data and no text of the implementation's."""

import copy
import json
import re
import subprocess
import sys

import jsonschema
import numpy as np
import pytest

from cnn_conformance.grading import reveal
from cnn_conformance.reports import command
from tests import ROOT, SCHEMA
from tests.grade import FIXTURES, RIGHT, checks_of, grade, printed

LOWER = [level for level in reveal.LEVELS if level != "all"]


class Conv2D(RIGHT["Conv2D"]):
    """Wrong, and tells what it was given wherever it can."""

    def forward(self, x):
        print("it got", x.tolist())
        if x.shape[0] == 3:
            raise ValueError(f"Conv2D: {x.tolist()}")
        if self.stride != (1, 1):
            raise type(f"Secret{x.flat[0]}", (Exception,), {})
        return super().forward(x) + 0.125

    def backward(self, dout):
        return super().backward(dout)[..., ::-1]


@pytest.fixture(scope="module")
def whole():
    keys = [*checks_of("Conv2D"), *checks_of("ReLU")]
    graded = grade({"Conv2D": Conv2D, "ReLU": RIGHT["ReLU"]}, keys)
    for result in graded.not_passed.values():  # in a worker, prints are kept
        object.__setattr__(result, "prints", "it got 0.8625861534")
    graded.diagnosed["fixtures"]["seed"] = 12345
    return json.loads(json.dumps(graded.diagnosed))


def numbers(stem):
    """Return the numbers of a unit's cases, as they are written with 8 and with all digits."""
    cases = FIXTURES.unit(stem).cases.values()
    arrays = [a for case in cases for n, a in case.arrays.items() if not n.endswith(".bound")]
    values = np.abs(np.concatenate([array.ravel() for array in arrays])).tolist()
    written = {f"{value:.{digits}g}" for value in values for digits in (8, 17)}
    return {text for text in written if len(text) > 8 and "e" not in text}


def shown_in(text):
    """Return the numbers with a point that stand in a text."""
    return set(re.findall(r"\d+\.\d+", text))


def reports(shown):
    """Return every text in which a document is shown or written."""
    texts = [render(shown) for render in command.FILES.values()]
    return [printed(shown, full=True), *texts]


def test_everything_is_everything(whole):
    shown = reveal.apply(whole, "all")
    assert shown == whole
    assert len(shown_in(json.dumps(shown)) & numbers("conv2d")) > 100, "the test can fail"


@pytest.mark.parametrize("level", LOWER)
def test_no_number_and_no_text_of_the_implementation_is_shown(whole, level):
    shown = reveal.apply(whole, level)
    for text in reports(shown):
        assert not shown_in(text) & numbers("conv2d")
        assert "it got" not in text
        assert "Secret" not in text
        assert "12345" not in text
    jsonschema.validate(shown, SCHEMA)
    assert shown["reveal"] == level


@pytest.mark.parametrize("level", LOWER)
def test_verdicts_and_points_stay(whole, level):
    shown = reveal.apply(whole, level)
    for before, after in zip(whole["requirements"], shown["requirements"], strict=True):
        for key in ("id", "verdict", "points", "sentence"):
            assert before[key] == after[key]
    assert shown["points"] == whole["points"]
    assert shown["counts"] == whole["counts"]


def test_the_document_that_was_given_is_not_changed(whole):
    before = copy.deepcopy(whole)
    for level in reveal.LEVELS:
        reveal.apply(whole, level)
    assert whole == before


def test_the_levels_show_less_and_less(whole):
    texts = {level: reports(reveal.apply(whole, level))[0] for level in reveal.LEVELS}
    assert "elements (the numbers are hidden)" in texts["diagnosis"]
    assert "ValueError was raised" in texts["diagnosis"]
    assert re.search("looks like|likely:", texts["diagnosis"])
    assert not re.search("looks like|likely:|case |elements", texts["requirement"])
    assert "CONV2D-1 error\n  `forward` is the cross-correlation" in texts["requirement"]
    assert "\nunit " in texts["verdict"]
    assert "CONV2D-1" not in texts["verdict"]
    lengths = [len(text) for text in texts.values()]
    assert lengths == sorted(lengths, reverse=True)


def test_an_unknown_level_is_refused(whole):
    with pytest.raises(ValueError, match="expected one of all, diagnosis, requirement, verdict"):
        reveal.apply(whole, "nothing")


def test_neither_pytest_nor_its_own_reports_show_the_numbers(tmp_path, allowing_reference):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\nfrom reference import ReLU as Right\n\nclass ReLU(Right):\n"
        "    def forward(self, x):\n        print(x)\n        return super().forward(x) + 1\n"
    )
    result, junit = tmp_path / "result.json", tmp_path / "junit.xml"
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "conformance"),
            *("--impl", str(tmp_path / "mine.py"), "-k", "test_relu and test_y"),
            *("--reveal=requirement", f"--result={result}", f"--junitxml={junit}"),
            f"--rubric={allowing_reference}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1, ended.stderr
    assert json.loads(result.read_text())["reveal"] == "requirement"
    for text in (ended.stdout, result.read_text(), junit.read_text()):
        assert "RELU-2" in text or text.startswith("<?xml")
        assert not shown_in(text) & numbers("relu")
