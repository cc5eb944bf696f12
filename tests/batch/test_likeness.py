"""Whose code is the same or nearly so: what somebody has written, without what all were given."""

import re
import shutil

import pytest

from cnn_conformance import template
from cnn_conformance.batch import likeness
from cnn_conformance.batch.likeness import IDENTICAL, RENAMED, SIMILAR, Alike
from cnn_conformance.batch.submissions import find
from cnn_conformance.locations import REFERENCE
from tests.planted.batches import RIGHT, RUBRIC, WRONG, batch, zipped
from tests.planted.books import book

TEMPLATE = template.build(REFERENCE)
GIVEN = likeness.of_texts(text for name, text in TEMPLATE.items() if name.endswith(".py"))
LAYOUT = RIGHT.replace("    def forward", "    # my own\n\n    def forward").replace("'", '"')
DOCUMENTED = RIGHT.replace("(self, x):", '(self, x: "array") -> "array":\n        """Mine."""')
NAMED = re.sub(r"\bdout\b", "gradient", re.sub(r"\bx\b", "inputs", RIGHT))
OTHER = """
import numpy as np

class ReLU:
    def forward(self, array):
        positive = np.where(array > 0, 1, 0)
        self.cache = positive.astype(array.dtype)
        return array * self.cache

    def backward(self, upstream):
        assert self.cache is not None, "ReLU"
        result = np.multiply(upstream, self.cache)
        return result.astype(upstream.dtype)

    def describe(self):
        return "A rectifier with a cache of " + str(self.cache.shape) + " elements"
"""


@pytest.fixture
def alike(tmp_path, monkeypatch):
    """Return what makes a class of sources and tells who is alike, without copydetect."""

    def of(near=False, **sources):
        folder = tmp_path / "class"
        folder.mkdir()
        for name, text in sources.items():
            (folder / (f"{name}.ipynb" if text.startswith("{") else f"{name}.py")).write_text(text)
        if not near:
            monkeypatch.setattr(likeness, "can_compare", lambda: False)
        return likeness.find(find(folder, tmp_path / "work"), GIVEN)

    return of


def test_comments_layout_docstrings_and_annotations_make_no_difference(alike):
    found = alike(anna=RIGHT, bert=LAYOUT, carl=DOCUMENTED, dora=book(RIGHT), emil=OTHER)
    assert found == [Alike(("anna", "bert", "carl", "dora"), IDENTICAL)]


def test_names_make_a_difference_that_is_told(alike):
    found = alike(anna=RIGHT, bert=NAMED, carl=OTHER, dora=WRONG)
    assert found == [Alike(("anna", "bert"), RENAMED)]


def test_what_was_given_to_all_is_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(likeness, "can_compare", lambda: False)
    for name in ("anna", "bert", "carl", "dora"):
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        for file, text in TEMPLATE.items():
            (folder / file).write_text(text, "utf-8")
    for name in ("carl", "dora"):
        (tmp_path / "class" / name / "relu.py").write_text(RIGHT, "utf-8")
    found = likeness.find(find(tmp_path / "class", tmp_path / "work"), GIVEN)
    assert found == [Alike(("carl", "dora"), IDENTICAL)]
    assert likeness.of_folder(tmp_path / "class" / "anna") == GIVEN


def test_what_is_short_is_alike_easily_and_says_nothing(alike):
    assert alike(anna="x = 1\n", bert="x = 1\n") == []


@pytest.mark.parametrize(
    "text", ["def broken(:\n" * 40, "(" * 5000, "\0" * 400, "x = 1" + " + 1" * 20_000]
)
def test_what_cannot_be_parsed_is_compared_by_its_lines(text, alike):
    found = alike(anna=text, bert=text, carl=RIGHT)
    assert [each.names for each in found] in ([("anna", "bert")], [])


@pytest.mark.copydetect
def test_near_copies_are_found(alike):
    near = RIGHT.replace("np.maximum(x, 0)", "x * (x > 0)").replace('"ReLU"', '"relu"')
    found = alike(near=True, anna=RIGHT * 2, bert=RIGHT + near, carl=OTHER)
    assert [(each.names, each.how) for each in found] == [(("anna", "bert"), SIMILAR)]
    assert likeness.NEAR <= found[0].share < 1


def test_a_batch_says_who_is_alike_and_costs_nobody_a_point(tmp_path, capsys):
    folder, rubric = tmp_path / "class", tmp_path / "rubric.toml"
    rubric.write_text(RUBRIC, "utf-8")
    for name in ("=anna", "bert"):
        (folder / name).mkdir(parents=True)
        (folder / name / "relu.py").write_text(RIGHT, "utf-8")
    zipped(folder / "<b>carl.zip", {"relu.py": RIGHT})
    (folder / "dora.py").write_text(OTHER, "utf-8")
    assert batch(folder, tmp_path / "out", rubric) == 0
    said = capsys.readouterr().out
    assert "to look at: <b>carl, =anna, bert have identical code" in said
    table = (tmp_path / "out" / "alike.csv").read_text("utf-8")
    assert table == "submissions,how,share\n<b>carl; =anna; bert,identical,1.00\n"
    page = (tmp_path / "out" / "class.html").read_text("utf-8")
    assert "Identical and similar code" in page
    assert "<b>carl" not in page
    shutil.rmtree(folder / "bert")
    shutil.rmtree(folder / "=anna")
    assert batch(folder, tmp_path / "out", rubric) == 0
    assert "Identical and similar" not in (tmp_path / "out" / "class.html").read_text("utf-8")


def test_an_instructor_s_own_template_is_not_compared(tmp_path, capsys):
    folder, rubric = tmp_path / "class", tmp_path / "rubric.toml"
    rubric.write_text(RUBRIC, "utf-8")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "relu.py").write_text(RIGHT, "utf-8")
    for name in ("anna", "bert"):
        (folder / name).mkdir(parents=True)
        (folder / name / "relu.py").write_text(RIGHT, "utf-8")
    assert batch(folder, tmp_path / "out", rubric, "--template", str(tmp_path / "given")) == 0
    assert "to look at" not in capsys.readouterr().out
