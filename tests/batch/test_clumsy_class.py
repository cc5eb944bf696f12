"""A class of hostile and clumsy items: each has its row, and the good ones have their grades."""

import csv
import io
import re
import shutil
import subprocess

import pytest

from cnn_conformance.batch.journal import Journal
from tests.planted import clumsy_class
from tests.planted.batches import RUBRIC, batch


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clumsy")
    (folder / "rubric.toml").write_text(RUBRIC, "utf-8")
    try:
        clumsy_class.build(folder / "class")
        with pytest.MonkeyPatch.context() as patch:
            said = io.StringIO()
            patch.setattr("sys.stdout", said)
            status = batch(folder / "class", folder / "out", folder / "rubric.toml", "--nbgrader=x")
        yield status, folder / "out", said.getvalue()
    finally:  # which pytest's own removal is not up to
        subprocess.run(["rm", "-rf", str(folder / "class")], check=True)
        shutil.rmtree(folder)


def rows(out):
    text = (out / "gradebook.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_item_has_a_row_and_no_other_is_there(graded):
    status, out, said = graded
    expected = sorted(item.row for item in clumsy_class.ITEMS)
    assert len(expected) >= 60
    assert sorted(row["name"] for row in rows(out)) == expected
    assert status == 0
    count = len(expected)
    assert re.search(
        rf"\n{count} items, {count} rows: \d+ graded, \d+ not graded, 0 withheld\n$", said
    )


def test_everybody_has_the_points_and_the_reason_that_are_theirs(graded):
    _, out, _ = graded
    found = {row["name"]: row for row in rows(out)}
    for item in clumsy_class.ITEMS:
        row = found[item.row]
        assert item.remark in row["remark"], item
        assert item.points is None or row["points"] == item.points, (item, row["remark"])


def test_whatever_a_batch_writes_is_text_that_does_no_harm(graded):
    _, out, said = graded
    page = (out / "class.html").read_text("utf-8")
    assert "<script>alert" not in page
    texts = [page, (out / "gradebook.csv").read_text("utf-8"), said]
    texts += [(out / "nbgrader.csv").read_text("utf-8")]
    texts += [path.read_text("utf-8") for path in out.glob("results/*/*")]
    for text in texts:
        assert {c for c in text if not c.isprintable()} <= {"\n"}
    assert str(out.parent / "class") not in "".join(texts[4:])


def test_the_journal_has_each_item_and_a_second_run_grades_nothing_again(graded, capsys):
    _, out, _ = graded
    before = (out / "journal.jsonl").read_bytes()
    assert len(Journal(out / "journal.jsonl").entries) == len(clumsy_class.ITEMS)
    assert batch(out.parent / "class", out, out.parent / "rubric.toml") == 0
    count = len(clumsy_class.ITEMS)
    assert f"{count} submissions, {count} of them already graded" in capsys.readouterr().out
    assert (out / "journal.jsonl").read_bytes() == before


def test_nothing_of_an_archive_lies_outside_of_its_folder(graded):
    _, out, _ = graded
    assert not list(out.glob("submissions/*.part"))
    assert {place.name for place in out.iterdir()} == {
        "alike.csv", "batch.lock", "class.html", "gradebook.csv", "journal.jsonl", "nbgrader.csv",
        "results", "submissions",
    }  # fmt: skip
