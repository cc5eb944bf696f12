"""The report for the terminal: in which order it says what, once, and in how many rows."""

import re

import pytest

import reference
from cnn_conformance import units
from cnn_conformance.reports import failures
from tests.grade import checks_of, grade, printed

SHORT_ENOUGH = 66
"""Rows of the report of a usual implementation that fails: 60, and the last failure may be long."""


class ReLU(reference.ReLU):
    """It writes into dout, takes any dout, and has no error of its own before forward."""

    def forward(self, x):
        self.x = x
        return x * (x > 0)

    def backward(self, dout):
        dout[self.x <= 0] = 0
        return dout


class Dense(reference.Dense):
    """Its gradients are means, and it takes any dout."""

    def backward(self, dout):
        self.grads["weight"] = dout.T @ self._x / len(dout)
        self.grads["bias"] = dout.mean(axis=0)
        return dout @ self.params["weight"]


class Broken(reference.Conv2D):
    """Nothing of it works, for one reason."""

    def forward(self, x):
        return windows(x)  # noqa: F821


@pytest.fixture(scope="module")
def usual():
    """Return the document of a network that is half written and has mistakes."""
    code = {name: getattr(reference, name) for name in ("Flatten", "MSE", "SGD")}
    code |= {"Dense": Dense, "ReLU": ReLU}
    return grade(code, [key for unit in code for key in checks_of(unit, "core")]).diagnosed


def places(text, *words):
    return [text.index(word) for word in words]


def test_what_it_looks_like_stands_directly_above_the_table_which_is_last(usual):
    text = printed(usual)
    order = places(text, "DENSE-21 failed", "for a debugger", "Dense looks", "\nunit ", "\ntotal ")
    assert order == sorted(order)
    between = text[text.index("Dense looks like") : text.index("\nunit ")]
    assert [part.split()[0] for part in between.strip().split("\n\n")] == ["Dense", "ReLU"]
    assert len(text[text.index("\ntotal ") :].strip().splitlines()) < 4


def test_forward_and_backward_of_all_units_come_before_the_other_aspects(usual):
    shown = re.findall(r"^(?:RELU|DENSE)-(\d+) ", printed(usual, full=True), re.MULTILINE)
    later = [int(number) >= 40 for number in shown]
    assert True in later
    assert later == sorted(later)


def test_units_take_turns():
    requirements = [
        {"id": f"{unit}-{n}", "unit": unit, "aspect": aspect, "verdict": "failed"}
        for unit in "AB"
        for n, aspect in enumerate(("robustness", "forward", "backward"))
    ]
    ordered = [requirement["id"] for requirement in failures.in_order(requirements)]
    assert ordered == ["A-1", "B-1", "A-2", "B-2", "A-0", "B-0"]


def test_an_error_is_printed_once_with_the_number_of_cases():
    graded = grade({"Conv2D": Broken}, checks_of("Conv2D", "core")).diagnosed
    text = printed(graded, full=True)
    assert text.count("NameError: name 'windows' is not defined\n  |") == 1
    failing = [r for r in graded["requirements"] if r["verdict"] == "error"]
    cases = sum(case["outcome"] == "error" for r in failing for case in r["cases"])
    assert f"and {cases - 1} more cases with the same error" in text
    head = text[: text.index("\n\n")]
    assert all(requirement["id"] in head for requirement in failing)


def test_the_report_of_a_usual_implementation_is_short_and_full_has_the_rest(usual):
    lost = [r["id"] for r in usual["requirements"] if r["verdict"] in ("failed", "error")]
    short, full = printed(usual), printed(usual, full=True)
    assert 40 < failures.height(short) <= SHORT_ENOUGH
    assert "everything: the same with --full" in short
    assert all(re.search(rf"^{id_} ", full, re.MULTILINE) for id_ in lost)
    assert all(id_ in short for id_ in lost), "none is kept back"
    assert "--full" not in full


@pytest.mark.parametrize("wide", [40, 80, 160])
def test_lines_fit_into_the_terminal_but_for_what_is_to_be_copied(usual, wide, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(wide))
    lines = printed(usual).splitlines()
    kept = [line for line in lines if "run just this" not in line and "--impl=" not in line]
    assert max(map(len, kept)) <= wide
    assert failures.height("\x1b[31m" + "x" * wide + "\x1b[0m\ny") == 2


def test_many_units_that_are_wrong_alike_are_still_a_page():
    class Wrong:
        def __init__(self, *args, **options):
            raise TypeError("not like this")

    layers = [name for name in units.EXPORTED if units.of(name).profile == "core"]
    text = printed(grade(dict.fromkeys(layers, Wrong)).diagnosed)
    assert failures.height(text) < 100
