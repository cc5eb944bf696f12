"""A grader's own rubric: what it may leave out, and what it may add."""

import pytest

from cnn_conformance.__main__ import main
from cnn_conformance.grading import rubric
from cnn_conformance.oracle import specification
from tests.grade import in_worker
from tests.planted.batches import RIGHT

KNOWN = specification.requirements()


def sums(worth):
    """Return the points of each unit that has any."""
    found = {}
    for id_, points in worth.items():
        found[KNOWN[id_].unit] = found.get(KNOWN[id_].unit, 0.0) + points
    return {unit: round(points, 6) for unit, points in found.items() if points}


def test_the_points_of_units_are_enough(written):
    worth = rubric.points(written("[units]\nReLU = 3\nDense = 7\n"))
    assert sums(worth) == {"ReLU": 3, "Dense": 7}
    usual = rubric.points()
    share = worth["RELU-20"] / usual["RELU-20"]  # the aspects weigh as usual
    for id_ in (id_ for id_ in worth if KNOWN[id_].unit == "ReLU"):
        assert worth[id_] == pytest.approx(share * usual[id_])


def test_the_weights_of_aspects_are_enough(written):
    worth = rubric.points(written("[aspects]\nforward = 1\n"))
    assert sums(worth) == sums(rubric.points())
    assert {KNOWN[id_].aspect for id_, points in worth.items() if points} == {"forward"}


@pytest.mark.parametrize("profile", ["core", "extended", "full"])
def test_a_unit_of_a_larger_profile_is_graded_in_every_one(profile, written):
    text = "[units]\nReLU = 3\nBatchNorm2D = 5\nGELU = 2\n[extended]\nSigmoid = 4\n"
    expected = {"ReLU": 3, "BatchNorm2D": 5, "GELU": 2}
    found = sums(rubric.points(written(text), profile))
    assert found == expected | ({} if profile == "core" else {"Sigmoid": 4})


def test_what_a_larger_profile_asks_of_a_unit_of_core_is_not_added(written):
    ids = rubric.points(written("[units]\nConv2D = 3\nBatchNorm2D = 5\n"))
    assert {KNOWN[id_].profile for id_ in ids if KNOWN[id_].unit == "Conv2D"} == {"core"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[unit]\nReLU = 1\n", "there is no table unit; did you mean units?"),
        ("[bonuses]\nReLU = 1\n", "there is no table bonuses"),
        ("", "expected a table"),
        ("units = 3", "expected a table"),
        ("[units]\nConv4D = 1\n", r"\[units\] names Conv4D"),
        ("[units]\nReLU = -1\n", "expected a number >= 0"),
        ("[units]\nELU = 1\n[extended]\nELU = 1\n", r"ELU is in \[units\] and in \[extended\]"),
        ("[extended]\nReLU = 1\n", r"\[extended\] names ReLU"),
    ],
)
def test_what_a_rubric_cannot_say_is_refused(text, why, written):
    with pytest.raises(rubric.BadRubric, match=why):
        rubric.points(written(text))


EVERY_TABLE = [
    ("[late]\nper_day = 2\n", "[late] per_day is 2, expected a number from 0 to 1"),
    ("[late]\nper_day = -0.1\n", "[late] per_day is -0.1, expected"),
    ("[late]\nper_day = nan\n", "[late] per_day is nan, expected"),
    ("[late]\nper_day = true\n", "[late] per_day is True, expected"),
    ("[late]\nper_day = 'much'\n", "[late] per_day is 'much', expected"),
    ("[late]\nper_day = 0.1\nper_hour = 1\n", "[late] has per_hour, expected per_day, most, free"),
    ("[late]\nmost = 1\n", "[late] has no per_day, expected per_day, most, free_days"),
    ("[late]\n", "[late] has no per_day"),
    ("[total]\nmost = -1\n", "[total] most is -1, expected a number >= 0"),
    ("[imports]\nforbid = []\n", "[imports] has forbid, expected allowed"),
    ("[dialect]\nReLU.at_one = 1\n", "[dialect] ReLU.at_one is not a convention"),
    ("[units]\nConv4D = 1\n", "[units] names Conv4D"),
    ("[full]\nGELU = -1\n", "[full] GELU is -1"),
]
"""For each table something that cannot be, and what is said of it."""


@pytest.mark.parametrize("command", ["grade", "batch", "deploy", "a course"])
@pytest.mark.parametrize(("text", "why"), EVERY_TABLE)
def test_each_table_is_checked_when_a_rubric_is_read(command, text, why, written, tmp_path, capsys):
    file, code, out = written(text), tmp_path / "class", tmp_path / "out"
    code.mkdir()
    (code / "anna.py").write_text(RIGHT, "utf-8")
    arguments = {
        "grade": ["grade", str(code / "anna.py"), "-k", "relu"],
        "a course": ["grade", str(code / "anna.py"), "--profile=cs231n"],
        "batch": ["batch", str(code), "--out", str(out)],
        "deploy": ["deploy", "docker", "--out", str(out)],
    }[command]
    assert main([*arguments, "--rubric", str(file)]) == (4 if arguments[0] == "grade" else 2)
    assert why in capsys.readouterr().err
    assert not out.exists()


def test_units_that_a_rubric_does_not_name_are_not_graded(written):
    worth = rubric.points(written("[units]\nReLU = 6\nDense = 0\n[bonus]\nSigmoid = 3\n"))
    assert {KNOWN[id_].unit for id_ in worth} == {"ReLU", "Dense", "Sigmoid"}


def test_a_run_grades_what_such_a_rubric_asks_for(written, tmp_path):
    from cnn_conformance.grading import session

    file = tmp_path / "mine.py"
    elu = RIGHT.replace("class ReLU", "class Identity").replace("np.maximum(x, 0)", "x.copy()")
    elu = elu.replace("dout * self.mask", "dout.copy()")
    file.write_text(RIGHT + elu, "utf-8")
    worth = rubric.points(written("[units]\nReLU = 3\nIdentity = 2\n"))
    only = [id_ for id_ in worth if KNOWN[id_].unit in ("ReLU", "Identity")]
    graded = session.grade(in_worker(file), worth=worth, only=only, explained=False)
    points = {unit["unit"]: unit["points"] for unit in graded["units"]}
    assert points["ReLU"] == 3
    assert points["Identity"] > 0
