"""report.html: what it shows, that it loads nothing, and that no text in it becomes markup."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from cnn_conformance.oracle.comparison import compare
from cnn_conformance.oracle.comparison import details as details_of
from cnn_conformance.outcomes import NotPassed
from cnn_conformance.reports import html, load
from cnn_conformance.reports.heatmap import heat_map
from tests.grade import altered, grade
from tests.planted import documents

ALLOWED_TAGS = set(
    re.findall(
        r"\w+",
        """html head meta title style body a header div p h1 h2 h3 h4 code span svg rect main
        section dl dt dd time abbr label input button output details summary b pre table
        caption thead tbody tr td th ul li script""",
    )
)


class Page(HTMLParser):
    """A page taken apart: its tags with their attributes, and the text outside of script."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.raw, self.texts, self.open = [], {}, [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "input", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        else:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    def every(self, tag, kind=""):
        return [a for t, a in self.tags if t == tag and kind in ["", *a.get("class", "").split()]]


@pytest.fixture(scope="module")
def page():
    return Page(html.render(documents.of_every_outcome()))


def test_every_tag_is_closed_and_known(page):
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= ALLOWED_TAGS


def test_hostile_texts_become_no_markup():
    page = Page(html.render(documents.hostile()))
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= ALLOWED_TAGS
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "alert(" not in page.raw["script"]
    assert "{{ 7*7 }}" in page.text


def test_what_stands_in_backticks_is_code_and_still_no_markup():
    assert html.prose("a `<b>` c") == "a <code>&lt;b&gt;</code> c"
    assert html.prose("<i> `x`") == "&lt;i&gt; <code>x</code>"
    assert html.prose("a ` b") == "a ` b"


def test_hostile_texts_bring_no_control_characters_and_are_cut():
    text = html.render(documents.hostile())
    assert all(c.isprintable() or c == "\n" for c in text)
    assert text.encode()
    assert len(text) < 150_000


@pytest.mark.parametrize("make", [documents.of_every_outcome, documents.hostile])
def test_the_policy_allows_our_script_and_style_and_nothing_else(make):
    page = Page(html.render(make()))
    policies = [a["content"] for a in page.every("meta") if "http-equiv" in a]
    rules = dict(rule.strip().split(" ", 1) for rule in policies[0].split(";"))
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert len(policies) == 1


def test_nothing_is_loaded_and_links_stay_on_the_page(page):
    for tag, attributes in page.tags:
        assert not {"src", "srcset", "action", "formaction", "data", "style"} & set(attributes), tag
        assert attributes.get("href", "#").startswith("#")
    assert not re.search(r"https?:|url\(|@import", page.raw["script"] + page.raw["style"])


def test_every_link_has_its_target(page):
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(set(ids)) == len(ids)
    assert {a["href"][1:] for a in page.every("a")} <= set(ids)


def test_the_state_of_the_run_stands_at_the_top(page):
    top = page.text.partition("What to fix")[0]
    for words in ("my_cnn.py", "2.0 / 22.0", "partial", "isolation", "numpy 2.0.0", "0123456789ab"):
        assert words in top
    assert "not a grade" in top
    without = Page(html.render(documents.document(documents.requirement(1, documents.case("a")))))
    assert "complete" in without.text
    assert "not a grade" not in without.text


def test_a_grade_that_is_withheld_has_no_points_anywhere():
    page = Page(html.render(documents.withheld()))
    assert "withheld" in page.text
    assert "-- / 4.0" in page.text
    assert not re.search(r"\b[01]\.\d+ / ", page.text)
    assert "1.25" not in page.text


def test_a_failure_shows_all_that_helps():
    details = {"traceback": "my_cnn.py, line 7", "reproduce": "import my_cnn", "got_shape": [1, 2]}
    failure = documents.case("small", "failed", prints="spoke", details=details)
    known = [{"title": "Rotated", "text": "Look at `w`."}]
    document = documents.document(documents.requirement(3, failure, diagnosis=known))
    page = Page(html.render(document))
    for words in (
        "CONV2D-3 What forward has to do.",
        "Why small.",
        "small is failed",
        "Looks like: Rotated.Look at w.",
        "actual shape(1, 2)",
        "my_cnn.py, line 7",
        "import my_cnn",
        "spoke",
        'cnn-conformance grade my_cnn.py -k "test_conv2d.py and test_y[small]"',
    ):
        assert words in page.text


def test_every_outcome_is_named_in_words_beside_its_colour(page):
    badges = re.findall(r"\S+ ([a-z-]+)", page.text)
    assert set(documents.OUTCOMES) <= set(badges)


def test_controls_have_labels_and_tables_have_headers(page):
    assert page.every("html")[0]["lang"] == "en"
    assert [tag for tag, _ in page.tags].count("label") == len(page.every("input")) == 2
    assert len(page.every("caption")) == len(page.every("table", "map")) == 3
    assert {a.get("scope") for a in page.every("th")} == {"row", "col"}
    assert all("tabindex" in a for a in page.every("pre", "scroll"))


def test_the_filter_knows_what_passed(page):
    marks = {a["id"]: a["data-passed"] for a in page.every("details", "requirement")}
    assert [key for key, passed in marks.items() if passed == "yes"] == ["CONV2D-1", "MAXPOOL2D-5"]


def test_the_picture_has_the_slices_that_are_wrong_and_marks_the_elements():
    picture = heat_map(documents.comparison()["details"])
    assert [s.place for s in picture.slices] == ["[1]"]
    got, expected, difference = (
        getattr(picture.slices[0], name) for name in ("got", "expected", "difference")
    )
    assert [[cell.wrong for cell in row] for row in got] == [[False, False], [False, True]]
    assert [[cell.text for cell in row] for row in expected] == [["5", "-6"], ["7", "8.5"]]
    assert [[cell.text for cell in row] for row in difference][1] == ["\N{MIDDLE DOT}", "+nan"]
    assert (got[0][1].shade, got[1][1].shade, expected[1][1].shade) == ("n6", "odd", "p9")


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [2, 2]},
        {"shape": []},
        {"shape": [True, 2, 2]},
        {"shape": [10**9] * 3},
        {"allowed": "1"},
        {"got_values": None},
        {"got_values": [1.0] * 8},
        {"expected_values": [[["a", 1], [1, 1]], [[1, 1], [1, 1]]]},
        {"difference_values": [[[True, 1], [1, 1]], [[1, 1], [1, 1]]]},
    ],
)
def test_there_is_no_picture_of_values_that_do_not_fit(change):
    assert heat_map(documents.comparison()["details"] | change) is None


def test_many_slices_are_counted_rather_than_shown():
    values = [[[float(k)]] for k in range(20)]
    details = {"shape": [20, 1, 1], "allowed": 0.5, "got_values": values}
    details |= {"expected_values": [[[0.0]]] * 20, "difference_values": values}
    picture = heat_map(details)
    assert len(picture.slices) == 4
    assert picture.omitted == 15


def test_a_real_failure_has_its_picture():
    document = grade({"ReLU": altered("ReLU", forward=lambda y: y + 0.25)}, "ReLU").document
    load.check(document)
    page = Page(html.render(document))
    captions = re.findall(r"(?:got|expected|difference)\[[0-9, ]+\]", page.text)
    assert {caption.partition("[")[0] for caption in captions} == {"got", "expected", "difference"}
    assert "+0.25" in page.text
    assert "_got" not in str(document)


@pytest.mark.parametrize(("shape", "kept"), [((20, 20), True), ((401,), False), ((), True)])
def test_small_arrays_are_kept_in_few_digits(shape, kept):
    expected = np.full(shape, 1 / 3)
    with pytest.raises(NotPassed) as failure:
        compare(expected + 1e-9, expected, 1e-12, "y")
    details = details_of(failure.value.finding.compared)
    assert ("got_values" in details) == kept
    if kept:
        assert np.shape(details["got_values"]) == shape
        assert set(np.ravel(details["got_values"])) == {0.3333333}
        assert set(np.ravel(details["difference_values"])) == {1e-9}
