"""The diagnosis names the mistake: one of the catalogue, two together, or a clue."""

from dataclasses import replace

import numpy as np
import pytest

import reference
from cnn_conformance.checks.grader import Grader
from cnn_conformance.diagnosis import (
    changed_arrays,
    changed_formula,
    explanation,
    failing_cases,
    known_mistakes,
    later_calls,
)
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.findings import Finding
from cnn_conformance.matrix import own_checks
from cnn_conformance.mistakes import catalogue, units_of
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome
from cnn_conformance.phrases import say
from tests.grade import RIGHT, altered, checks_of, grade

EVERY = 10
SAMPLE = [
    each
    for each in catalogue()[::EVERY]
    if any(specification.requirements()[id_].aspect != "robustness" for id_ in each.loses)
]


def explained(unit, wrong):
    """Return the titles of the diagnosis of a unit, and the document."""
    graded = grade({unit: wrong}, unit)
    return graded.titles(unit), graded.diagnosed


def titles(entry):
    return [said["title"] for said in entry.get("diagnosis", ())]


def test_a_known_mistake_is_named_first_in_at_least_95_of_100():
    named = []
    for each in SAMPLE:
        grader = grade(units_of(each), own_checks(each)).grader
        found = known_mistakes.explain(grader, each.unit, Budget())
        named.append(found.whole and found.known[0].name == each.name)
    assert sum(named) >= 0.95 * len(SAMPLE), [
        each.name for each, hit in zip(SAMPLE, named, strict=True) if not hit
    ]


def test_a_mistake_in_forward_and_one_in_backward_are_both_named():
    class Dense(reference.Dense):
        def forward(self, x):
            y = super().forward(x)
            return y - self.params["bias"] if "bias" in self.params else y

        def backward(self, dout):
            dx = super().backward(dout)
            self.grads["weight"] = np.zeros_like(self.grads["weight"])
            return dx

    titles, _ = explained("Dense", Dense)
    said = " ".join(titles).lower()
    assert "bias" in said
    assert "weight" in said


def test_units_that_pass_get_no_diagnosis():
    result = grade(RIGHT).diagnosed
    assert not any("diagnosis" in entry for entry in [*result["units"], *result["requirements"]])


def test_a_mistake_outside_the_catalogue_gets_a_clue():
    titles, result = explained("Conv2D", altered("Conv2D", weight=lambda dweight: 7.5 * dweight))
    clues = {
        requirement["id"]: [entry["title"] for entry in requirement.get("diagnosis", ())]
        for requirement in result["requirements"]
    }
    factor = say(Finding("times number", tensor="dweight", factor="7.5"))
    assert clues["CONV2D-29"] == [factor]
    assert factor in titles


def contrasts_of(unit, wrong):
    keys = checks_of(unit, profile="core")
    grader = grade({unit: wrong}, keys).grader
    return failing_cases.contrasts(grader, unit)


def conv_with(change):
    """Return a Conv2D whose backward works on something else than dout."""

    class Conv2D(reference.Conv2D):
        def backward(self, dout):
            return super().backward(change(dout))

    return Conv2D


def test_a_mistake_that_shows_under_two_conditions_together_is_told_by_both():
    def mixed(dout):
        N, K = dout.shape[:2]
        turned = dout.reshape(K, N, *dout.shape[2:])
        return np.ascontiguousarray(turned.transpose(1, 0, 2, 3))

    (said,) = contrasts_of("Conv2D", conv_with(mixed))
    assert said.names == ("dx", "dweight", "dbias")
    assert {said.where.one, said.where.two} == {
        Finding("several samples"),
        Finding("several filters"),
    }


def test_what_sets_few_cases_apart_by_accident_is_not_said():
    apart = [{Finding("zeros"): True, Finding("several samples"): True}] * 3
    others = [{Finding("zeros"): False, Finding("several samples"): n % 2 == 0} for n in range(4)]
    names = [Finding("several samples"), Finding("zeros")]
    best = failing_cases._best
    assert best(names, apart, others, names) == Finding("wherever", name=Finding("zeros"))
    assert best(names, apart, others[:2], names) is None


def pool_that_is_wrong(where):
    """Return a MaxPool2D whose backward is wrong where values are tied, or windows overlap."""

    class MaxPool2D(reference.MaxPool2D):
        def forward(self, x):
            self.tied = np.unique(x).size < x.size
            return super().forward(x)

        def backward(self, dout):
            overlap = any(s < k for s, k in zip(self.stride, self.kernel_size, strict=True))
            return super().backward(dout) * (0.9 if where(self.tied, overlap) else 1.0)

    return MaxPool2D


def test_a_mistake_that_shows_where_windows_overlap_only_is_told_by_that():
    where = Finding("wherever", name=Finding("windows overlap"))
    assert contrasts_of("MaxPool2D", pool_that_is_wrong(lambda tied, overlap: overlap)) == [
        Finding("wrong where", names=("dx",), where=where)
    ]


def test_a_mistake_that_shows_at_ties_only_is_told_by_that():
    (said,) = contrasts_of("MaxPool2D", pool_that_is_wrong(lambda tied, overlap: tied))
    assert said.where.name == Finding("equal values")


def test_two_mistakes_that_show_in_two_places_are_told_together():
    either = {"one": Finding("windows overlap"), "two": Finding("equal values")}
    wrong = pool_that_is_wrong(lambda tied, overlap: tied or overlap)
    (said,) = contrasts_of("MaxPool2D", wrong)
    assert said.where == Finding("wherever either", **either)


def test_what_is_right_by_accident_of_equal_sizes_is_told_by_that():
    class MaxPool2D(reference.MaxPool2D):
        def forward(self, x):
            y = super().forward(x)
            return y if x.shape[2] == x.shape[3] else y[..., ::-1, ::-1]

    (said,) = contrasts_of("MaxPool2D", MaxPool2D)
    assert said.where.kind == "wherever both"
    assert {said.where.one, said.where.two} == {
        Finding("several windows"),
        Finding("image not square"),
    }


def raising(where):
    """Return a Dense whose backward raises where something holds of dout."""

    class Dense(reference.Dense):
        def backward(self, dout):
            if where(dout):
                raise IndexError(f"index {dout.shape[1]} is out of bounds")
            return super().backward(dout)

    return Dense


def test_a_backward_that_always_raises_is_told_by_its_error():
    (said,) = contrasts_of("Dense", raising(lambda dout: True))
    assert set(said.names) == {"dx", "dweight", "dbias"}
    assert (said.kind, said.type, said.how) == ("not computed", "IndexError", "any")
    assert "not computed in any case: IndexError: index" in say(said)


def test_a_backward_that_raises_for_one_kind_of_input_is_told_by_that():
    (said, *_) = contrasts_of("Dense", raising(lambda dout: len(dout) > 1))
    assert (said.kind, said.type) == ("not computed where", "IndexError")
    assert said.where.name == Finding("several samples")


def test_an_error_in_few_of_many_wrong_cases_is_not_said_of_them():
    class Dense(raising(lambda dout: len(dout) == 1)):
        def backward(self, dout):
            return 3 * super().backward(dout)

    crashes = [each for each in contrasts_of("Dense", Dense) if each.kind == "not computed"]
    assert all("dx" not in each.names for each in crashes)


def test_what_is_wrong_everywhere_has_no_contrast():
    assert contrasts_of("Conv2D", conv_with(lambda dout: 3 * dout)) == []


def test_what_is_wrong_on_a_later_call_only_is_told_so():
    class Dense(reference.Dense):
        calls = 0

        def forward(self, x):
            self.calls = 0
            return super().forward(x)

        def backward(self, dout):
            self.calls += 1
            return super().backward(dout) * (1.0 if self.calls == 1 else 1.5)

    _, result = explained("Dense", Dense)
    (lost,) = [r for r in result["requirements"] if r["id"] == "DENSE-46"]
    assert [entry["title"] for entry in lost["diagnosis"]] == [say(later_calls.LATER)]


@pytest.mark.parametrize(
    ("array", "change", "said"),
    [
        ("weight", lambda a: a[:, :, ::-1], Finding("upside down", array="kernel")),
        (
            "weight",
            lambda a: a[:, ::-1],
            Finding("channels reversed", array="kernel"),
        ),
        (
            "dout",
            lambda a: a.reshape(a.shape[1], a.shape[0], *a.shape[2:]).swapaxes(0, 1),
            Finding("reshaped for exchanged", array="dout"),
        ),
    ],
)
def test_an_array_that_is_turned_inside_backward_is_named(array, change, said):
    class Conv2D(reference.Conv2D):
        def backward(self, dout):
            right = super().backward(dout)
            twin = reference.Conv2D(*self._arguments, **self._options)
            arrays = {"dout": dout, **self.params}
            arrays[array] = np.ascontiguousarray(change(arrays[array]))
            twin.params = {name: arrays[name] for name in self.params}
            twin.forward(self._seen)
            dx = twin.backward(arrays["dout"])
            assert dx.shape == right.shape
            return dx

        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self._arguments, self._options = arguments, options

        def forward(self, x):
            self._seen = x
            return super().forward(x)

    grader = grade({"Conv2D": Conv2D}, "CONV2D-24").grader
    wrong = [r for r in grader.results.values() if r.outcome is Outcome.FAILED]
    assert wrong
    assert Finding("comes of", tensor="dx", change=said) in changed_arrays.explain(grader, wrong)


def test_a_batch_that_is_dropped_shows_where_the_last_one_is_shorter():
    def fit(model, loss, optimizer, x, y, *, batch_size=32, **options):
        whole = len(x) // batch_size * batch_size
        return reference.fit(
            model, loss, optimizer, x[:whole], y[:whole], batch_size=batch_size, **options
        )

    said = contrasts_of("fit", fit)
    assert any(each.where.name == Finding("short last batch") for each in said), said


def test_three_mistakes_at_once_are_all_named():
    """The mean of the batches' losses, an accuracy for regression, and training left True."""

    def evaluate(model, loss, x, y, *, batch_size=256):
        losses, hits = [], 0
        for start in range(0, len(x), batch_size):
            out = model.forward(x[start : start + batch_size])
            target = y[start : start + batch_size]
            losses.append(loss.forward(out, target))
            labels = target if target.ndim == 1 else target.argmax(1)
            hits += (out.argmax(1) == labels).sum()
        return {"loss": np.mean(losses), "accuracy": hits / len(x)}

    titles, _ = explained("evaluate", evaluate)
    said = " / ".join(titles)
    assert "mean of the batches' losses" in said
    assert "accuracy for regression" in said
    assert "training is True" in said


def test_wrong_numbers_are_told_before_a_wrong_dtype():
    wrong = altered(
        "Dense", forward=lambda y: y.astype(np.float64), weight=lambda dweight: 7.5 * dweight
    )
    said, _ = explained("Dense", wrong)
    assert "float64" not in said[0]
    assert "float64" in said[-1]


def test_digits_are_no_clue_where_the_values_are_wrong():
    coarse = altered("Dense", forward=lambda y: 1.1 * y.astype(np.float32).astype(y.dtype))
    _, result = explained("Dense", coarse)
    said = [e["title"] for r in result["requirements"] for e in r.get("diagnosis", ())]
    assert say(explanation.DIGITS) not in said


def test_a_backward_that_fits_a_wrong_forward_is_told_so():
    tripled = altered("ReLU", forward=lambda y: 3.0 * y, backward=lambda dx: 3.0 * dx)
    titles, _ = explained("ReLU", tripled)
    assert say(explanation.FITTING) in titles


def test_a_backward_that_is_not_started_fits_nothing():
    class ReLU(altered("ReLU", forward=lambda y: 3.0 * y)):
        def backward(self, dout):
            raise NotImplementedError("TODO")

    titles, _ = explained("ReLU", ReLU)
    assert say(explanation.FITTING) not in titles


def test_no_explanation_gives_the_corrected_code_away():
    for each in catalogue():
        text = f"{each.said} {each.asks} {each.look}"
        assert not any(code in text for code in ("self.params", "self.grads", "return (", "=="))


@pytest.fixture(scope="module")
def graded_once():
    """Every backward wrong, graded."""
    broken = {
        name: type(name, (value,), {"backward": lambda self, *dout: np.zeros((1, 1))})
        for name, value in RIGHT.items()
        if isinstance(value, type) and hasattr(value, "backward")
    }
    return grade(RIGHT | broken)


@pytest.fixture
def backward_wrong(graded_once):
    """The same, as if nothing had been diagnosed yet."""
    return replace(graded_once)


def test_the_diagnosis_of_everything_wrong_runs_a_bounded_number_of_checks(
    backward_wrong, monkeypatch
):
    run, keys = Grader.run, []
    monkeypatch.setattr(Grader, "run", lambda self, key: (keys.append(key), run(self, key))[1])
    wrong = {r["unit"] for r in backward_wrong.diagnosed["requirements"] if "diagnosis" in r}
    assert 0 < len(keys) < 300 * len(wrong) + changed_formula.TRIED


def test_a_search_that_ends_before_its_end_says_so_and_finds_no_less_in_the_next_unit(
    backward_wrong, monkeypatch
):
    monkeypatch.setattr(explanation, "Budget", lambda: Budget(3))
    said = [titles(unit)[-1] for unit in backward_wrong.diagnosed["units"] if titles(unit)]
    assert said.count(say(explanation.ENDED)) >= 3


def test_a_failure_costs_one_unit_its_sentences_and_is_noted_once(backward_wrong, monkeypatch):
    usual = backward_wrong.diagnosed
    right = known_mistakes.explain

    def explain(grader, unit, budget):
        if unit in ("Conv2D", "Dense"):
            raise ArithmeticError("planted")
        return right(grader, unit, budget)

    monkeypatch.setattr(known_mistakes, "explain", explain)
    result = replace(backward_wrong).diagnosed
    for unit, before in zip(result["units"], usual["units"], strict=True):
        assert titles(unit) == ([] if unit["unit"] in ("Conv2D", "Dense") else titles(before))
    assert result["problems"] == ["the diagnosis failed (Conv2D, Dense: ArithmeticError: planted)"]


@pytest.mark.parametrize("unit", ["SGD", "fit", "Sequential"])
def test_units_without_golden_layers_are_explained_too(unit):
    known = specification.requirements()
    mine = [each for each in catalogue() if each.unit == unit]
    each = next(each for each in mine if known[each.loses[0]].aspect == "forward")
    grader = grade(units_of(each), own_checks(each)).grader
    assert each in known_mistakes.explain(grader, unit, Budget()).known
