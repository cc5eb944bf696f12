"""Every finding has a phrase, every phrase a finding, and nothing depends on the words."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import cnn_conformance
import reference
from cnn_conformance import phrases, units
from cnn_conformance.checks.registry import manifest
from cnn_conformance.findings import Finding
from cnn_conformance.matrix import own_checks
from cnn_conformance.mistakes import catalogue, units_of
from tests.grade import grade

PACKAGE = Path(cnn_conformance.__file__).parent
FILES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not {"reference", "suite", "fixtures"} & set(path.relative_to(PACKAGE).parts)
]
RAISING = ("Finding", "failed", "blocked", "adding")
OPTIONAL = {"when", "by", "instead"}
"""Facts that a finding may be without."""
KINDS = {*phrases.FUNCTIONS, *(kind for kind in phrases.phrases() if kind != "more")}


def calls():
    """Yield the kind of each finding in the source, with its call and where it is."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if called in RAISING and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value, node, f"{path.relative_to(PACKAGE)}:{node.lineno}"


CALLS = list(calls())


def test_there_are_findings_at_all():
    assert len(CALLS) > 200


@pytest.mark.parametrize(("kind", "call", "place"), CALLS, ids=[place for *_, place in CALLS])
def test_a_finding_has_a_phrase_for_its_facts(kind, call, place):
    assert kind in KINDS
    if kind in phrases.FUNCTIONS or any(word.arg is None for word in call.keywords):
        return
    fields = {name for _, name, *_ in string.Formatter().parse(phrases.phrases()[kind]) if name}
    given = {word.arg for word in call.keywords}
    given |= {"cause"} if getattr(call.func, "id", "") == "adding" else set()
    assert fields - given <= OPTIONAL, "the phrase mentions a fact that the finding has not"


def test_every_phrase_is_said_of_something():
    named = {
        node.value
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and path.name != "phrases.py"
    }
    assert sorted(KINDS - named) == []


def test_a_kind_has_one_phrase():
    assert phrases.FUNCTIONS.keys() & phrases.phrases().keys() == set()


def test_only_kinds_have_more_to_say():
    assert phrases.phrases()["more"].keys() <= KINDS


def test_a_fact_that_is_a_finding_is_put_into_words():
    cause = Finding("no answer", seconds=2.0)
    said = phrases.say(Finding("limit", cause=cause, option="call-timeout"))
    assert said == f"{phrases.say(cause)}; --call-timeout raises the limit"


def test_findings_are_equal_by_kind_and_facts():
    assert Finding("times", tensor="dx", factor="N") == Finding("times", factor="N", tensor="dx")
    assert Finding("times", tensor="dx", factor="N") != Finding("times", tensor="dw", factor="N")
    assert len({Finding("rotated", tensor="y"), Finding("rotated", tensor="y")}) == 1


# --- what came and what was expected never look the same ---------------------------------------


def test_the_first_call_that_differs_is_shown():
    def fit(model, loss, optimizer, x, y, **options):
        history = reference.fit(model, loss, optimizer, x, y, **options)
        loss.forward(model.forward(x), y)  # once more, at the very end
        return history

    messages = [r.message for r in grade({"fit": fit}, "FIT-13").not_passed.values()]
    assert messages
    said = "the call after optimizer.step is loss.forward, expected none"
    assert all(said in message for message in messages)


@pytest.mark.parametrize(
    ("got", "expected", "shown"),
    [
        (1.5, 2.5, "y is 1.5, expected 2.5 "),
        (0.1234567890, 0.1234567891, "y is 0.123456789, expected 0.1234567891 "),
        (1.0 + 2**-52, 1.0, "y is 1.0000000000000002, expected 1 "),
    ],
)
def test_two_numbers_have_digits_until_they_differ(got, expected, shown):
    facts = {"tensor": "y", "off": 1.0, "allowed": 0.0, "elements": 1, "wrong": 1}
    assert phrases.say(Finding("values", got=got, expected=expected, **facts)).startswith(shown)


# --- no verdict and no diagnosis depends on a word ---------------------------------------------


def without_words(document):
    """Return what a document says beside its sentences."""
    return [
        (r["id"], r["verdict"], r["points"], len(r.get("diagnosis", ())), outcomes(r))
        for r in document["requirements"]
    ]


def outcomes(requirement):
    return [case["outcome"] for case in requirement["cases"]]


SAMPLE = [each for each in catalogue()[::20] if each.unit != units.NETWORK]
"""Without those that several units make together, which count what has been made before."""


@pytest.mark.parametrize("mistake", SAMPLE, ids=[f"{each.unit}: {each.name}" for each in SAMPLE])
def test_with_keys_for_phrases_the_same_is_found(mistake, monkeypatch):
    ids = {manifest()[key].requirement for key in own_checks(mistake)}

    def graded():
        return grade(units_of(mistake), profile="full", only=ids).diagnosed

    usual = graded()
    monkeypatch.setattr(phrases, "FUNCTIONS", {})
    monkeypatch.setattr(phrases, "phrases", lambda: {kind: kind for kind in KINDS} | {"more": {}})
    keys = graded()
    assert without_words(keys) == without_words(usual)
    known = [len(unit.get("diagnosis", ())) for unit in usual["units"]]
    assert known == [len(unit.get("diagnosis", ())) for unit in keys["units"]]
    said = [
        case["message"] for r in keys["requirements"] for case in r["cases"] if "message" in case
    ]
    assert said
    assert {kind for text in said for kind in text.split(", ")} <= KINDS
