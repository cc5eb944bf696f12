"""Known deviations: what a list expects, what fails the run, and the list that a result fits."""

import json
import subprocess
import sys
import tomllib

import pytest

from cnn_conformance.grading import expected
from cnn_conformance.mistakes import catalogue
from cnn_conformance.mistakes.catalogue import units_of
from cnn_conformance.reports import compare, ctrf, expect, html, junit, load, markdown, phrases
from tests.grade import RIGHT, grade, printed
from tests.planted.documents import case, document, requirement

MISTAKES = {(each.unit, each.name): each for each in catalogue()}
ROW = '[[expected]]\nrequirement = "CONV2D-1"\nreason = "the course"\n'
FORGETS = """\
class ReLU:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        if x.ndim < 1:
            raise ValueError(f"ReLU: {x.shape}")
        self.x = x.copy()
        return x * (x > 0)

    def backward(self, dout):
        if not hasattr(self, "x"):
            raise RuntimeError("ReLU: backward before forward")
        if dout.shape != self.x.shape:
            raise ValueError(f"ReLU: dout has shape {dout.shape}")
        return dout * (self.x >= 0)
"""


@pytest.fixture
def listed(tmp_path):
    """Return what reads the rows of a text."""

    def read(text):
        path = tmp_path / "expected.toml"
        path.write_text(text)
        return expected.read(path)

    return read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROW.replace("CONV2D-1", "CONV2D-999"), "row 1: unknown requirement 'CONV2D-999'"),
        (ROW.replace("CONV2D-1", "CONV2D1"), "did you mean 'CONV2D-1'?"),
        ('[[expected]]\nrequirement = "CONV2D-1"\n', "CONV2D-1 has no reason: say why"),
        (ROW.replace("the course", " "), "reason is ' ', expected a text"),
        (ROW * 2, "row 2: CONV2D-1 is listed twice: drop one of the rows"),
        (ROW + 'unit = "Dense"\n', "CONV2D-1 belongs to Conv2D, not to Dense"),
        (ROW + 'why = "x"\n', "why is not a key; the keys are unit, requirement, mistake, reason"),
        (ROW + 'mistake = "x"\n', "has both requirement (CONV2D-1) and mistake (x): name one"),
        ('[[expected]]\nreason = "x"\n', "has neither requirement nor unit"),
        ('[[expected]]\nunit = "conv"\nreason = "x"\n', "unknown unit 'conv'"),
        (
            '[[expected]]\nunit = "Conv2D"\nmistake = "kernel rotate"\nreason = "x"\n',
            "Conv2D has no known mistake 'kernel rotate'; did you mean 'kernel rotated'?",
        ),
        (
            '[[expected]]\nunit = "Conv2D"\nmistake = "kernel rotated"\nreason = "x"\n' + ROW,
            "CONV2D-1 belongs to CONV2D-1 and to the mistake 'kernel rotated' of Conv2D",
        ),
        ("expected = 1\n", "expected [[expected]] tables and nothing else"),
        ("[[expected\n", "expected.toml: "),
    ],
)
def test_what_is_wrong_with_a_list_is_said_with_what_came(listed, text, said):
    with pytest.raises(expected.BadList) as raised:
        listed(text)
    assert said in str(raised.value)


def test_a_listed_failure_holds_and_keeps_its_points_lost(listed):
    before = document(requirement(1, case("a", "failed")), requirement(2, case("b")))
    after = expected.apply(before, listed(ROW))
    assert after["expected"]["held"]
    assert after["points"] == before["points"]
    assert [r.get("expected") for r in after["requirements"]] == ["the course", None]


@pytest.mark.parametrize(
    ("outcomes", "unlisted", "passes"),
    [
        (("passed", "passed"), [], ["CONV2D-1"]),
        (("failed", "failed"), ["CONV2D-2"], []),
        (("failed", "missing"), ["CONV2D-2"], []),
        (("not-selected", "blocked"), ["CONV2D-2"], []),
        (("blocked", "blocked"), ["CONV2D-2"], []),
    ],
)
def test_a_listed_one_that_passes_and_an_unlisted_failure_do_not_hold(
    listed, outcomes, unlisted, passes
):
    made = document(*(requirement(k, case("a", o)) for k, o in enumerate(outcomes, 1)))
    found = expected.apply(made, listed(ROW))["expected"]
    assert not found["held"]
    assert found["unlisted"] == unlisted
    assert found["listed"][0]["passes"] == passes


@pytest.mark.parametrize("outcomes", [("failed", "blocked"), ("not-selected", "passed")])
def test_what_waits_for_a_listed_failure_or_was_not_selected_needs_no_row(listed, outcomes):
    made = document(*(requirement(k, case("a", o)) for k, o in enumerate(outcomes, 1)))
    assert expected.apply(made, listed(ROW))["expected"]["held"]


def test_what_is_worth_no_points_needs_no_row(listed):
    made = document(requirement(1, case("a", "failed"), max_points=0.0))
    assert expected.apply(made, listed(""))["expected"]["held"]
    assert "[[expected]]" not in expect.render(made)


def test_a_unit_that_is_not_there_has_one_row_until_it_is_there(listed):
    rows = listed('[[expected]]\nunit = "Conv2D"\nreason = "not in this course"\n')
    gone = document(*(requirement(k, case("a", "missing")) for k in (1, 2)))
    assert expected.apply(gone, rows)["expected"]["held"]
    there = document(requirement(1, case("a")), requirement(2, case("a", "failed")))
    found = expected.apply(there, rows)
    assert found["expected"]["unlisted"] == ["CONV2D-2"]
    assert "Conv2D is listed as not there, and is" in phrases.expectations(found)[1]


@pytest.fixture(scope="module")
def wrong():
    """Return the diagnosed document of a known mistake of ReLU's."""
    units = units_of(MISTAKES["ReLU", "derivative one at zero"])
    return grade(units, "ReLU", only=ids("ReLU")).diagnosed


def ids(unit):
    from cnn_conformance.oracle import specification

    return [id_ for id_, r in specification.requirements().items() if r.unit == unit]


def test_the_list_of_a_result_names_its_mistake_and_holds_for_it(wrong, listed):
    text = expect.render(wrong)
    rows = tomllib.loads(text)["expected"]
    assert [(row["unit"], row["mistake"]) for row in rows] == [("ReLU", "derivative one at zero")]
    assert rows[0]["reason"].startswith("The derivative at exactly 0 is 1")
    assert expected.apply(wrong, listed(text))["expected"]["held"]


def test_a_listed_mistake_that_is_gone_does_not_hold(wrong, listed):
    right = grade(RIGHT, "ReLU", only=ids("ReLU")).document
    found = expected.apply(right, listed(expect.render(wrong)))
    assert not found["expected"]["held"]
    assert "The listed mistake" in " ".join(phrases.expectations(found))


def test_the_list_of_every_outcome_holds_for_its_result(listed):
    made = document(
        requirement(1, case("a", "failed"), case("b")),
        requirement(2, case("a", "blocked")),
        requirement(3, case("a", "unsupported")),
        *(requirement(k, case("a", "missing"), unit="ReLU") for k in (1, 2)),
        requirement(1, case("a", "blocked"), unit="Flatten"),
    )
    text = expect.render(made)
    rows = tomllib.loads(text)["expected"]
    assert [row.get("requirement", row["unit"]) for row in rows] == [
        "CONV2D-1", "CONV2D-3", "ReLU", "FLATTEN-1",
    ]  # fmt: skip
    assert rows[0]["reason"] == "failed in 1 of 2 cases, such as a"
    assert expected.apply(made, listed(text))["expected"]["held"]


@pytest.fixture
def shown(listed):
    """Return a document with an expected failure, one that passes, and one that is not listed."""
    rows = listed(ROW + ROW.replace("D-1", "D-2"))
    outcomes = ("failed", "passed", "failed")
    made = document(*(requirement(k, case("a", o)) for k, o in enumerate(outcomes, 1)))
    return expected.apply(made, rows)


def test_the_document_is_valid_and_every_report_says_what_is_expected(shown):
    load.check(json.loads(json.dumps(shown)))
    for text in (printed(shown), markdown.render(shown), html.render(shown)):
        assert "Not all is as the list of known deviations (--expect) says" in text
        assert "the course" in text
        assert "CONV2D-2 passes, and is listed as expected to fail: drop its row." in text
        assert "Not on the list: CONV2D-3." in text
    annotations = markdown.error_lines(shown)
    assert "CONV2D-1 failed" not in annotations
    assert "CONV2D-3 failed" in annotations
    assert "drop its row" in annotations


def test_a_unit_that_is_missing_and_not_on_the_list_is_named_once(shown):
    missing = {**shown, "units": [{**unit, "verdict": "missing"} for unit in shown["units"]]}
    missing["expected"] = {**shown["expected"], "unlisted": ["CONV2D-3", "CONV2D-1"]}
    assert "Not on the list: Conv2D (missing)." in printed(missing)


def test_test_reports_skip_what_is_expected_and_fail_what_passes(shown):
    text = junit.render(shown)
    assert 'tests="3" failures="2" errors="0" skipped="1"' in text
    assert 'message="expected: the course"' in text
    tests = json.loads(ctrf.render(shown))["results"]["tests"]
    assert [test["status"] for test in tests] == ["other", "failed", "failed"]
    assert tests[0]["extra"]["expected"] == "the course"


@pytest.mark.parametrize(
    ("ids_listed", "status", "said"),
    [
        (
            ["RELU-22"],
            0,
            "All is as the list of known deviations (--expect) says. Expected failures: 1;",
        ),
        (["RELU-22", "RELU-1"], 1, "RELU-1 passes, and is listed as expected to fail"),
        ([], 1, "Not on the list: RELU-22."),
        (["RELU-0"], 4, "--expect: "),
    ],
)
def test_the_exit_status_of_a_run_follows_the_list(tmp_path, ids_listed, status, said):
    (tmp_path / "cnn.py").write_text(FORGETS)
    rows = [ROW.replace("CONV2D-1", id_) for id_ in ids_listed]
    (tmp_path / "list.toml").write_text("".join(rows))
    ended = subprocess.run(
        [sys.executable, "-m", "cnn_conformance", "grade", "cnn.py", "-k", "test_relu",
         "--expect=list.toml", f"--result={tmp_path / 'result.json'}", "--isolation=process"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert said in ended.stdout + ended.stderr
    assert ended.returncode == status
    if status == 0:
        assert load.load(tmp_path / "result.json")["expected"]["held"]


@pytest.mark.parametrize(
    ("first", "second", "status"), [("passed", "failed", 1), ("failed",) * 2 + (0,)]
)
def test_a_comparison_ends_with_1_if_something_got_worse_and_that_is_asked(
    tmp_path, capsys, first, second, status
):
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, outcome in zip(paths, (first, second), strict=True):
        path.write_text(json.dumps(document(requirement(1, case("a", outcome)))))
    names = [str(path) for path in paths]
    assert compare.main([*names, "--fail-on-worse"]) == status
    assert compare.main(names) == 0
    assert compare.main([*names[::-1], "--fail-on-worse"]) == 0
    capsys.readouterr()
