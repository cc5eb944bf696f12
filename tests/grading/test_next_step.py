"""What `cnn-conformance grade` ends with where a template is not finished."""

import pytest

from cnn_conformance import next_step, template
from cnn_conformance.__main__ import main
from cnn_conformance.oracle import specification
from tests.grade import RIGHT, altered, grade
from tests.planted.batches import RIGHT as RIGHT_RELU
from tests.planted.batches import WRONG, batch

ONLY = {
    r.id for r in specification.requirements().values() if r.unit in ("ReLU", "Flatten", "Dense")
}


class NotStarted:
    def __init__(self, *arguments):
        raise NotImplementedError("TODO")


@pytest.fixture
def begun(tmp_path):
    """Return a function that writes a template in which a file has another text."""

    def write(**files):
        folder = tmp_path / "net"
        assert template.main([str(folder)]) == 0
        for stem, text in files.items():
            (folder / f"{stem}.py").write_text(text, "utf-8")
        return str(folder)

    return write


def ended(path, capsys, *options):
    """Return the last paragraph of what grade says."""
    capsys.readouterr()
    main(["grade", path, "-k", "relu or flatten", *options])
    return capsys.readouterr().out.rstrip("\n").rpartition("\n\n")[2]


def test_an_untouched_template_ends_with_the_unit_to_write_first(begun, capsys):
    path = begun()
    assert ended(path, capsys) == "next: write ReLU (relu.py)"
    assert ended(path, capsys, "--lang=zh") == "下一步：编写 ReLU（relu.py）"


def test_a_wrong_unit_comes_before_one_that_is_not_started(begun, capsys):
    said = ended(begun(relu=WRONG), capsys)
    assert said.startswith("next: RELU-")
    assert len(said.splitlines()) < 3


def test_a_half_finished_template_ends_with_what_is_not_started(begun, capsys):
    assert ended(begun(relu=RIGHT_RELU), capsys) == "next: write Flatten (flatten.py)"


@pytest.mark.parametrize(
    "units",
    [
        {"ReLU": RIGHT["ReLU"]},
        {"ReLU": altered("ReLU", backward=lambda dx: 2 * dx), "Flatten": RIGHT["Flatten"]},
    ],
)
def test_code_that_is_no_beginning_gets_no_advice(units):
    assert next_step.of_a_beginning(grade(units, only=ONLY).document) == ""


def test_it_is_what_watch_names_and_nothing_where_less_is_shown():
    made = grade({"ReLU": NotStarted, "Flatten": RIGHT["Flatten"]}, only=ONLY).document
    assert next_step.of_a_beginning(made) == next_step.what_next(made).partition("\n")[0]
    assert next_step.of_a_beginning(made | {"reveal": "verdict"}) == ""
    assert next_step.of_a_beginning(made | {"withheld": True}) == ""


def test_failures_that_are_expected_are_no_next_step():
    made = grade({"ReLU": NotStarted, "Flatten": NotStarted}, only=ONLY).document
    rows = [{**r, "expected": "later"} if r["unit"] == "ReLU" else r for r in made["requirements"]]
    assert next_step.of_a_beginning(made | {"requirements": rows}).startswith("next: write Flatten")


def test_nothing_that_was_selected_is_lost_and_nothing_is_said(begun, capsys):
    path = begun(relu=RIGHT_RELU)
    capsys.readouterr()
    assert main(["grade", path, "-k", "test_relu and test_y["]) == 0
    assert "next:" not in capsys.readouterr().out


def test_a_batch_says_nothing_of_it(begun, tmp_path, capsys):
    begun()
    rubric = tmp_path / "rubric.toml"
    rubric.write_text("[units]\nReLU = 1\n", "utf-8")
    batch(tmp_path / "net", tmp_path / "out", rubric)
    assert "next:" not in capsys.readouterr().out
