"""The result document and the report: what they say of right, wrong and partial runs."""

import json
import math
import re

import jsonschema
import numpy as np
import pytest

from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import document
from cnn_conformance.implementation.imports import Policy
from cnn_conformance.oracle import specification
from cnn_conformance.reports.phrases import selection
from tests import SCHEMA
from tests.grade import RIGHT, checks_of, grade, printed
from tests.implementation import LEVELS
from tests.planted import EVERY_OUTCOME


def of_the_core():
    """Return the checks that the core profile runs."""
    core = specification.of_profile("core")
    return [key for key, check in manifest().items() if check.requirement in core]


@pytest.fixture(scope="module")
def right():
    return grade(RIGHT)


class WrongConv2D(RIGHT["Conv2D"]):
    """Convolves instead of correlating; says so, at length and in colour."""

    def forward(self, x):
        print("\x1b[31m" + "chatter " * 10_000)
        self.params["weight"] = self.params["weight"][..., ::-1, ::-1]
        y = super().forward(x)
        self.params["weight"] = self.params["weight"][..., ::-1, ::-1]
        return y


@pytest.fixture(scope="module")
def wrong():
    return grade(RIGHT | {"Conv2D": WrongConv2D})


@pytest.fixture(scope="module")
def sinful():
    keys = [k for k in manifest() if "relu" in k or "maxpool2d" in k or "conv2d.py::test_y" in k]
    return grade(EVERY_OUTCOME, keys, call=0.3)


# --- the document -----------------------------------------------------------------------------


def test_the_schema_is_a_schema_and_describes_every_field():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for name, field in SCHEMA["properties"].items():
        assert "description" in field or "$ref" in field, name


@pytest.mark.parametrize("run", ["wrong", "sinful"])
def test_documents_are_as_the_schema_says_and_json_without_nan(run, request):
    text = json.dumps(request.getfixturevalue(run).document, allow_nan=False)
    result = json.loads(text)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(SCHEMA, format_checker=checker).validate(result)
    assert list(result)[-1] == "complete"
    assert result["version"] == document.VERSION == SCHEMA["properties"]["version"]["const"]


def test_a_document_that_was_cut_or_changed_is_not_as_the_schema_says(right):
    result = {**right.document, "requirements": [], "units": []}
    jsonschema.validate(result, SCHEMA)
    for key in result.keys() - {"not_enforced", "style", "assumptions"}:  # not in earlier ones
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in result.items() if k != key}, SCHEMA)


def test_every_check_is_in_the_document_once(right, sinful):
    for run in (right, sinful):
        result = run.document
        checks = [case["check"] for r in result["requirements"] for case in r["cases"]]
        assert sorted(checks) == sorted(of_the_core())
        assert sum(result["counts"].values()) == len(of_the_core())


def test_the_reference_has_every_point(right):
    result = right.document
    assert not right.not_passed
    assert result["points"] == result["max_points"] == 100
    assert not result["partial"]


def test_a_partial_run_is_no_full_grade(sinful):
    result = grade(RIGHT, "ReLU").document
    assert result["partial"]
    assert result["points"] < result["max_points"] == 100
    assert "this is not a grade" in printed(result)
    assert result["counts"]["not-selected"] == len(of_the_core()) - len(checks_of("ReLU"))


def test_inf_and_nan_and_odd_numbers_are_json():
    class Dense(RIGHT["Dense"]):
        def forward(self, x):
            y = np.full_like(super().forward(x), -np.inf, np.longdouble)
            y[0] = np.nan
            return y

    result = grade({"Dense": Dense}, "Dense").document
    text = json.dumps(result, allow_nan=False)
    assert '"nan"' in text
    assert '"-inf"' in text


def test_isolation_makes_no_difference():
    keys = [key for key in manifest() if re.search("maxpool2d.py::test_y|relu|sgd|flatten", key)]
    runs = [grade(EVERY_OUTCOME, keys, isolation=each, policy=Policy()) for each in LEVELS]
    assert runs[0].outcomes == runs[1].outcomes
    assert len(set(runs[0].outcomes.values())) >= 4
    messages = [{key: r.message for key, r in run.results.items()} for run in runs]
    assert messages[0] == messages[1]


# --- the report -------------------------------------------------------------------------------


def test_a_wrong_unit_is_explained(wrong):
    text = printed(wrong.document)
    failure = text[text.index("CONV2D-1 failed") :].split("\n\n")[0].splitlines()
    assert failure[1].strip().startswith("`forward` is the cross-correlation of x with the kernel")
    assert failure[3].startswith("  case one-channel")
    assert re.search(r"^  y\[0, 0, 0, 0\] is \S+, expected \S+ \(off by \S+", text, re.MULTILINE)
    assert re.search(r"and \d+ more of its \d+ cases", text)
    assert re.search(r"^Conv2D +\d+/\d+ ", text, re.MULTILINE)
    assert "total" in text
    assert "100.0 %" not in text


def commands(text):
    return re.findall(r'run just this: pytest conformance --impl=mine -k "(.+)"', text)


def test_the_command_selects_exactly_the_check_that_failed(wrong, sinful):
    expressions = commands(printed(wrong.document)) + commands(printed(sinful.document))
    assert len(expressions) > 5
    expressions += [selection(key) for key in manifest()]
    keys = [key.lower() for key in manifest()]
    for expression in expressions:
        words = expression.lower().split(" and ")
        selected = [key for key in keys if all(word in key for word in words)]
        assert len(selected) == 1, expression


@pytest.mark.parametrize(
    ("points", "shown", "percent"),
    [
        (100.0, "100.0 / 100.0", "100.0 %"),
        (99.999999, "99.9 / 100.0", "99.9 %"),
        (99.96, "99.9 / 100.0", "99.9 %"),
        (0.00001, "0.0 / 100.0", "0.1 %"),
        (0.0, "0.0 / 100.0", "0.0 %"),
        (0.3, "0.3 / 100.0", "0.3 %"),
        (64.7, "64.7 / 100.0", "64.7 %"),
    ],
)
def test_only_everything_is_a_hundred_percent(right, points, shown, percent):
    text = printed({**right.document, "points": points})
    assert re.search(rf"total {re.escape(shown)}  \({re.escape(percent)}\)", text)


def test_what_steers_a_terminal_does_not_reach_it():
    class Dense(RIGHT["Dense"]):
        def forward(self, x):
            raise ValueError("\x1b[2J\x07\r\x9b31m\u202egnp.exe\ud800" + "long\n" * 5000)

    graded = grade({"Dense": Dense}, "Dense")
    graded.grader.implementation.problems = ["a \x1b]0;title\x07 problem"]
    graded.grader.implementation.target = "fol\x1b[1mder"
    text = printed(graded.document)
    assert all(c.isprintable() or c == "\n" for c in text)
    text.encode()
    assert max(len(part.splitlines()) for part in text.split("\n\n")) < 460


def test_a_withheld_grade_shows_no_points(right):
    result = right.document
    result |= {"withheld": True, "points": None}
    result["units"] = [{**unit, "points": None} for unit in result["units"]]
    text = printed(result)
    assert "grade withheld" in text
    assert "--" in text
    assert "%" not in text


def test_shares_of_the_tolerance_are_kept(right):
    shares = [r.share for r in right.results.values() if r.share is not None]
    assert len(shares) > 300
    assert all(0 <= share < 1 and math.isfinite(share) for share in shares)
