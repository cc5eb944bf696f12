"""Dialects: conventions that a rubric declares are judged as declared, in true sentences."""

import itertools
import re
import subprocess
import sys
from functools import cache

import pytest

from cnn_conformance import units
from cnn_conformance.batch import class_report
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import rubric
from cnn_conformance.grading.session import Session
from cnn_conformance.locations import GOLDEN
from cnn_conformance.mistakes import catalogue
from cnn_conformance.mistakes.dialect import implementation, mistakes_of, with_conventions
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.oracle.dialect import BadDialect, Dialect, conventions, declared, parse
from cnn_conformance.outcomes import WRONG
from cnn_conformance.reference import clear
from cnn_conformance.reports import compare, ctrf, html, junit, load, markdown
from tests.fixtures.script import FOLDER
from tests.grade import grade, in_this_process, printed
from tests.planted.batches import RIGHT as RELU

PLAIN = {unit: getattr(clear, unit) for unit in units.EXPORTED}


def rounds():
    """Return all conventions in a few sets, each with one of a unit at most."""
    by_unit = [[c for c in conventions() if c.unit == unit] for unit in units.UNITS]
    for together in itertools.zip_longest(*by_unit):
        yield Dialect(tuple(each for each in together if each))


KNOWN = specification.requirements()


@pytest.fixture(scope="module")
def golden(tmp_path_factory):
    """Return what returns the golden data of conventions, computed once for each."""

    @cache
    def computed(dialect):
        if not dialect.computed:
            return Fixtures(GOLDEN, dialect)
        folder = tmp_path_factory.mktemp("golden") / "set"
        words = [word for n, v in dialect.computed.items() for word in ("--with", f"{n}={v}")]
        subprocess.run(
            [sys.executable, FOLDER / "generate.py", *words, "--out", folder], check=True
        )
        return Fixtures(folder, dialect)

    return lambda *each: computed(Dialect(each))


def graded(objects, fixtures, of, only_lost=False):
    """Run the checks of units and of networks; one lost check of a requirement may be enough."""
    session = Session(in_this_process(objects), fixtures, rubric.points(profile="full"))
    lost = set()
    for key, check in manifest().items():
        if KNOWN[check.requirement].unit not in (*of, units.NETWORK):
            continue
        if only_lost and check.requirement in lost:
            continue
        if session.run(key).outcome in WRONG:
            lost.add(check.requirement)
    session.implementation.end()
    return session, tuple(id_ for id_ in KNOWN if id_ in lost)


@pytest.mark.torch
@pytest.mark.parametrize("dialect", list(rounds()))
def test_code_that_has_a_convention_scores_all_and_the_reference_loses_what_it_asks(
    golden, dialect
):
    fixtures = golden(*dialect.conventions)
    of = [each.unit for each in dialect.conventions]
    session, _ = graded(implementation(dialect.conventions), fixtures, of)
    assert {key: r.message for key, r in session.results.items() if r.outcome != "passed"} == {}
    _, lost = graded(PLAIN, fixtures, of, only_lost=True)
    assert {*lost} == {id_ for each in dialect.conventions for id_ in each.loses}


def test_every_convention_of_the_catalogue_of_mistakes_can_be_declared():
    rows = {(each.unit, each.row["mistake"]) for each in conventions() if "mistake" in each.row}
    eps = {(each.unit, "another eps unless given") for each in conventions() if ".eps" in each.name}
    missing = {(m.unit, m.name) for m in catalogue() if m.is_a_convention} - rows - eps
    assert missing == set()


def test_every_convention_changes_a_sentence_of_what_it_takes_from_the_reference():
    for each in conventions():
        assert each.says.keys() & set(each.loses), each.name
        assert "{" not in each.said + "".join(each.says.values())


def test_an_implementation_can_have_any_two_conventions():
    for one, other in itertools.combinations(conventions(), 2):
        if one.unit == other.unit and one.name != other.name:
            assert implementation([one, other])[one.unit]


TOGETHER = {
    "Conv2D": {"kernel": "rotated", "bias": "(K, 1, 1)"},
    "Flatten.order": "F",
    "Dense.weight": "(in, out)",
    "MSE": {"scale": 0.5, "mean": "samples"},
    "SGD.velocity": "average",
    "BatchNorm2D.running_var": "biased",
    "ReLU.at_zero": 0.5,
}


def test_conventions_work_together():
    dialect = declared(TOGETHER)
    assert len(dialect.conventions) == 9
    objects = implementation(dialect.conventions)
    session, lost = graded(objects, Fixtures(GOLDEN, dialect), ["MSE", "Flatten", "Dense"])
    assert lost == ()
    assert {r.outcome for r in session.results.values()} == {"passed"}


@pytest.mark.torch
def test_computed_conventions_work_together(golden):
    words = (
        "Dense.gradients=mean Conv2D.gradients=mean SoftmaxCrossEntropy.gradient=sum Adam.eps=0.01"
    )
    dialect = parse(words.split())
    objects = implementation(dialect.conventions)
    session, lost = graded(objects, golden(*dialect.conventions), ["SoftmaxCrossEntropy"])
    assert lost == ()
    assert {r.outcome for r in session.results.values()} == {"passed"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"ReLU": {"at_zer": 1}}, "ReLU.at_zer is not a convention that can be declared; did you"),
        ({"Tanh.x": 1}, "Tanh.x is not a convention that can be declared"),
        ({"ReLU.at_zero": 2}, "ReLU.at_zero is 2, expected 0.5, 1, or 0 as in the specification"),
        ({"ReLU.at_zero": True}, "ReLU.at_zero is True, expected"),
        ({"Adam": {"eps": -1}}, "Adam.eps is -1, expected a number above 0"),
        ({"Adam": {"eps": "small"}}, "Adam.eps is 'small', expected a number above 0"),
    ],
)
def test_what_is_no_convention_is_refused_with_what_can_be_declared(table, said):
    with pytest.raises(BadDialect, match=f"^{re.escape(said)}"):
        declared(table)


def test_what_the_specification_asks_may_be_declared_too():
    assert declared({"ReLU.at_zero": 0, "Adam.eps": 1e-8}) == Dialect()


def test_a_rubric_names_its_file_where_it_declares_something_else(tmp_path):
    path = tmp_path / "rubric.toml"
    path.write_text("[units]\n[aspects]\n[dialect]\nReLU.at_zero = 3\n")
    with pytest.raises(rubric.BadRubric, match=r"rubric.toml: \[dialect\] ReLU.at_zero is 3"):
        rubric.dialect(path)


def test_golden_data_that_is_not_there_is_named_with_the_command_that_makes_it():
    dialect = parse(["BatchNorm2D.eps=1e-3", "MaxPool2D.ties=shared", "ReLU.at_zero=1"])
    command = (
        "python fixtures/generate.py --with MaxPool2D.ties=shared --with BatchNorm2D.eps=0.001 "
        "--out DIR, then --golden=DIR"
    )
    with pytest.raises(BadFixtures) as raised:
        Fixtures(GOLDEN, dialect)
    assert str(raised.value).endswith(command)


@pytest.mark.torch
def test_golden_data_of_a_dialect_is_refused_without_it(golden):
    folder = golden(*parse(["Adam.eps=1e-3"]).conventions).folder
    with pytest.raises(BadFixtures, match=r"with Adam\.eps = 0\.001, which the rubric does not"):
        Fixtures(folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--with", "ReLU.at_zero=1", "--out", "x"], "the committed golden data will do for that"),
        (["--with", "Adam.eps=1e-3"], "--with makes a set of its own: it takes --out DIR"),
        (["--with", "Adam.eps", "--out", "x"], "--with: Adam.eps has no value"),
        (["--with", "Adam.eps=x", "--out", "x"], "--with: Adam.eps is 'x', expected a number"),
    ],
)
def test_the_generator_says_what_it_cannot_compute(words, said):
    ended = subprocess.run(
        [sys.executable, FOLDER / "generate.py", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert said in ended.stderr


@pytest.fixture(scope="module")
def shown():
    """Return the document of a reference that is judged by another derivative at zero."""
    fixtures = Fixtures(GOLDEN, declared({"ReLU.at_zero": 1}))
    ids = [id_ for id_, r in KNOWN.items() if r.unit == "ReLU"]
    return grade(PLAIN, "ReLU", fixtures=fixtures, only=ids).diagnosed


def test_every_report_says_which_conventions_were_declared(shown):
    load.check(shown)
    said = "The derivative of ReLU at exactly 0 is 1."
    for text in (printed(shown), markdown.render(shown), html.render(shown), ctrf.render(shown)):
        assert said in " ".join(text.split())
    assert said in junit.render(shown)
    assert said in class_report.render([], {}, "class", declared({"ReLU.at_zero": 1}))


def test_sentences_and_the_diagnosis_are_those_of_the_dialect(shown):
    (lost,) = (r for r in shown["requirements"] if r["verdict"] == "failed")
    assert lost["sentence"] == "The derivative at exactly 0 is 1 (a convention)."
    (title,) = (entry for entry in shown["units"][0]["diagnosis"] if entry["text"])
    assert title["title"] == "The derivative at exactly 0 is 0, as in PyTorch"
    assert "The rubric declares another convention" in title["text"]
    assert "--rubric RUBRIC" in markdown.render(shown)


def test_results_of_different_dialects_are_told_apart(shown):
    other = {key: value for key, value in shown.items() if key != "dialect"}
    assert "was graded by other conventions than" in compare.render([shown, other], ["a", "b"])


def test_mistakes_are_those_of_code_that_has_the_convention():
    dialect = declared({"Dense.weight": "(in, out)"})
    found = {each.name: each for each in mistakes_of("Dense", dialect)}
    assert "weight kept transposed" not in found
    assert "Dense.weight as in the specification" in found
    wrong = next(each for each in found.values() if each.edits and "weight" not in each.name)
    assert wrong.replaces["Dense"](2, 3).params["weight"].shape == (2, 3)
    assert with_conventions("Dense", dialect.conventions)(2, 3).params["weight"].shape == (2, 3)


def test_a_run_with_a_rubric_that_declares_it_takes_the_convention(tmp_path):
    (tmp_path / "cnn.py").write_text(RELU.replace("x > 0", "x >= 0"))
    text = "[units]\nReLU = 1\n[aspects]\nbackward = 1\n"
    (tmp_path / "rubric.toml").write_text(f"{text}[dialect]\nReLU.at_zero = 1\n")
    ended = subprocess.run(
        [sys.executable, "-m", "cnn_conformance", "grade", "cnn.py", "-k", "test_relu and test_dx",
         "--rubric=rubric.toml", "--isolation=process"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Graded by conventions that the rubric declares (ReLU.at_zero = 1)" in ended.stdout
