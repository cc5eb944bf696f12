"""Bonus points and a limit: what a rubric says of them, and that every report shows it."""

import json

import jsonschema
import pytest

import reference
from cnn_conformance.__main__ import main
from cnn_conformance.grading import rubric, totals
from cnn_conformance.grading.session import Session
from cnn_conformance.reports import gradescope, html, markdown, phrases, prairielearn
from tests import SCHEMA
from tests.grade import altered, in_this_process, printed
from tests.planted.batches import batch, points

RUBRIC = "[units]\nReLU = 6\nFlatten = 4\n[bonus]\nSigmoid = 3\n"


def graded(path, **units):
    """Return the document of some units, by a rubric."""
    session = Session(in_this_process(units), None, rubric.points(path))
    for key in session.asked():
        session.run(key)
    return totals.apply(session.document(explained=False), totals.read(path))


def units(**others):
    return {name: getattr(reference, name) for name in ("ReLU", "Flatten", "Sigmoid")} | others


def test_a_bonus_counts_on_top(written):
    made = graded(written(RUBRIC), **units())
    assert (made["points"], made["max_points"]) == (13, 10)
    assert made["total"] == {"points": 13, "max_points": 13, "bonus": ["Sigmoid"]}
    jsonschema.validate(made, SCHEMA)


def test_a_limit_takes_off_what_is_more(written):
    made = graded(written(f"{RUBRIC}[total]\nmost = 11\n"), **units())
    assert (made["points"], made["max_points"]) == (11, 10)
    less = graded(written("[units]\nReLU = 6\n[total]\nmost = 5\n"), **units())
    assert (less["points"], less["max_points"]) == (5, 5)


def test_a_bonus_may_make_good_what_is_lost_elsewhere(written):
    wrong = altered("ReLU", backward=lambda dx: 2 * dx)
    made = graded(written(f"{RUBRIC}[total]\nmost = 10\n"), **units(ReLU=wrong))
    lost = 13 - made["total"]["points"]
    assert 0 < lost < 3
    assert made["points"] == 10


def test_every_report_says_so_and_adds_up(written):
    made = graded(written(f"{RUBRIC}[total]\nmost = 11\n"), **units())
    said = [
        "Bonus, on top of the other points: Sigmoid 3.0 / 3.0.",
        "At most 11 points are given; 13.0 were earned.",
    ]
    texts = [printed(made), markdown.render(made), html.render(made)]
    texts.append(json.loads(gradescope.render(made))["output"])
    texts.append(json.loads(prairielearn.render(made))["message"])
    for text in texts:
        assert all(sentence in text.replace("\\", "") for sentence in said)
    assert "total 11.0 / 10.0  (110.0 %)" in texts[0]
    worth = [each for each in phrases.points_of(made["units"], made) if each != "0.0 / 0.0"]
    assert worth == ["4.0 / 4.0", "6.0 / 6.0", "3.0 / 3.0"]
    assert json.loads(gradescope.render(made))["score"] == 11
    assert json.loads(prairielearn.render(made))["score"] == 1


def test_without_either_nothing_changes(written):
    path = written("[units]\nReLU = 6\n")
    assert "total" not in graded(path, **units())
    assert totals.read(rubric.DEFAULT) == totals.Totals()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[bonus]\nRelu = 1\n", "[bonus] names Relu, which SPEC.md does not have"),
        ("[bonus]\nSigmoid = -1\n", "[bonus] Sigmoid is -1, expected a number >= 0"),
        ("[units]\nReLU = 1\n[bonus]\nReLU = 1\n", "ReLU is in [bonus] and in [units], expected"),
        ("[bonus]\nSigmoid = 1\n[extended]\nSigmoid = 1\n", "Sigmoid is in [bonus] and in [exten"),
        ("[total]\nmost = true\n", "[total] most is True, expected a number >= 0"),
        ("[total]\nleast = 1\n", "[total] has least, expected most"),
    ],
)
def test_what_cannot_be_is_refused(text, why, written, capsys):
    file = written(text)
    assert main(["grade", "reference", "-k", "test_relu.py", f"--rubric={file}"]) == 4
    assert why in capsys.readouterr().err


def test_a_course_has_its_own_units(written, capsys):
    file = written("[bonus]\nSigmoid = 1\n")
    assert main(["grade", "reference", "--profile=cs231n", f"--rubric={file}"]) == 4
    assert "[bonus] is for the profiles core, extended, full" in capsys.readouterr().err


def test_a_class_is_graded_so(tmp_path, written):
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "a.py").write_text("from reference import ReLU, Flatten, Sigmoid\n")
    file = written(f'{RUBRIC}[total]\nmost = 12\n[imports]\nallowed = ["reference", "numpy"]\n')
    batch(folder, tmp_path / "out", file)
    assert points(tmp_path / "out") == {"a": "12.0"}
