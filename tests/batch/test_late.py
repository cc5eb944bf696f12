"""What being late costs: in the gradebooks, and nowhere else."""

import csv
import io

import pytest

from cnn_conformance.batch import gradebook, late
from cnn_conformance.batch.late import BadLate, Policy
from cnn_conformance.grading import rubric
from tests.batch.test_batch import EXPORT, entry
from tests.planted.batches import RIGHT, RUBRIC, batch, table, write

LATE = RUBRIC + "[late]\nper_day = 0.1\nmost = 0.25\nfree_days = 1\n"


@pytest.mark.parametrize(
    ("days", "share"), [(0, 0), (1, 0), (1.01, 0.1), (2, 0.1), (2.5, 0.2), (3.5, 0.25), (99, 0.25)]
)
def test_each_begun_day_costs_up_to_a_limit(days, share):
    assert Policy(0.1, 0.25, 1).share(days * late.DAY) == pytest.approx(share)


def written(folder, name, text):
    (folder / name).write_text(text, "utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("who,late_days\na,1\n", "expected the columns name and one of late_days, late_hours"),
        ("name,days\na,1\n", "found name, days"),
        ("name,late_days\na,soon\n", "line 2: late_days is 'soon', expected a number >= 0"),
        ("name,late_days\na,-1\n", "line 2: late_days is '-1'"),
        ("name,late_days\na,nan\n", "line 2: late_days is 'nan'"),
        ("name,late_days\na,1\na,2\n", "line 3: 'a' is there with another late_days too"),
        ("", "found none"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(text, why, tmp_path):
    with pytest.raises(BadLate, match=why):
        late.table(written(tmp_path, "late.csv", text))
    with pytest.raises(BadLate, match="cannot be read"):
        late.table(tmp_path / "nowhere.csv")


def test_a_rubric_without_a_policy_is_refused(tmp_path):
    with pytest.raises(BadLate, match=r"expected a table \[late\] with per_day, .*got none"):
        late.policy(written(tmp_path, "rubric.toml", RUBRIC))


def test_a_policy_changes_no_points_of_the_code(tmp_path):
    file = written(tmp_path, "rubric.toml", LATE)
    usual = written(tmp_path, "usual.toml", RUBRIC)
    assert rubric.points(file) == rubric.points(usual)


def test_canvas_and_nbgrader_get_the_final_points(tmp_path):
    entries = [entry("anna", 2.0), entry("bert", 2.0), entry("nobody", None)]
    told = late.applied(entries, {"anna": 2 * late.DAY, "nobody": 5.0}, Policy(0.1))
    assert entries[0] == entry("anna", 2.0)
    export = written(tmp_path, "export.csv", EXPORT)
    rows = list(csv.DictReader(io.StringIO(gradebook.canvas(told, export, "CNN (77)").text)))
    assert [row["CNN (77)"] for row in rows] == ["1.6", "2.0"]
    rows = list(csv.DictReader(io.StringIO(gradebook.nbgrader(told, "cnn"))))
    assert [(r["raw_score"], r["late_submission_penalty"], r["score"]) for r in rows] == [
        ("2.0", "0.4", "1.6"),
        ("2.0", "0.0", "2.0"),
    ]


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(late.DAY, "1 day late, which costs 0.09 points"), (0.5 * late.DAY, "0.5 days late, which")],
)
def test_a_remark_counts_days_in_words_and_points_to_two_digits(seconds, says):
    (told,) = late.applied([entry("anna", 0.94)], {"anna": seconds}, Policy(0.1))
    assert gradebook.remark(told).startswith(says)


def test_a_batch_takes_off_what_being_late_costs(tmp_path, capsys):
    folder = write(tmp_path / "class", anna=RIGHT, bert=RIGHT)
    points = written(tmp_path, "rubric.toml", LATE)
    who = written(tmp_path, "late.csv", "name,late_hours\nanna,49\nstranger,2\n")
    assert batch(folder, tmp_path / "out", points, "--late", str(who)) == 0
    assert "but without a submission: stranger" in capsys.readouterr().out
    rows = table(tmp_path / "out" / "gradebook.csv")
    assert [rows["anna"][key] for key in ("points", "late_days", "late_cost", "final_points")] == [
        "1.0", "2.0417", "0.2", "0.8",
    ]  # fmt: skip
    assert rows["bert"]["final_points"] == "1.0"
    assert rows["anna"]["remark"].startswith("2.0417 days late, which costs 0.20 points")
    assert batch(folder, tmp_path / "out", points) == 0
    assert "final_points" not in table(tmp_path / "out" / "gradebook.csv")["anna"]
    usual = written(tmp_path, "usual.toml", RUBRIC)
    assert batch(folder, tmp_path / "other", usual, "--late", str(who)) == 2
    assert "--late: " in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
