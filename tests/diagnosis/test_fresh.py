"""What is found by asking the implementation again: unset memory, other defaults, further steps."""

import itertools

import numpy as np
import pytest

import reference
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis import known_mistakes, wrong_defaults
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.comparisons import comparison, failing_checks
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import catalogue, control
from cnn_conformance.phrases import say
from tests.grade import altered, grade


def grader_of(unit, wrong):
    return grade({unit: wrong}, unit).grader


def said(unit, wrong):
    graded = grade({unit: wrong}, unit, profile="full")
    assert graded.diagnosed["problems"] == []
    return graded.titles(unit)


def defaults_of(unit, wrong):
    grader = grade({unit: wrong}, unit).grader
    return wrong_defaults.unsaid(grader, unit, failing_checks(grader, unit))


def test_memory_that_is_never_set_is_said_before_any_other_clue():
    garbage = itertools.count(1)

    unset = altered("MaxPool2D", backward=lambda dx: dx + next(garbage))  # as np.empty leaves it
    titles = said("MaxPool2D", unset)
    assert titles == [say(Finding("differs from layer to layer", names=("dx",)))]


def test_what_is_wrong_in_the_same_way_each_time_does_not_differ():
    wrong = altered("MaxPool2D", backward=lambda dx: dx + 1.0)
    assert not any("differs" in title for title in said("MaxPool2D", wrong))


@pytest.mark.parametrize(
    ("unit", "wrong", "written"),
    [
        ("LeakyReLU", {"negative_slope": 0.3}, (("negative_slope", "0.01"),)),
        ("ELU", {"alpha": 0.1}, (("alpha", "1.0"),)),
        ("Dropout", {"p": 0.2}, (("p", "0.5"),)),
        ("RMSprop", {"alpha": 0.9}, (("alpha", "0.99"),)),
        ("BatchNorm2D", {"eps": 1e-2}, (("eps", "1e-05"),)),
        ("RMSprop", {"alpha": 0.9, "lr": 0.001}, (("lr", "0.01"), ("alpha", "0.99"))),
        ("SGD", {"momentum": 0.9}, (("momentum", "0.0"),)),
        ("Conv2D", {"padding": 1}, (("padding", "0"),)),
    ],
)
def test_another_default_is_named_whatever_the_unit(unit, wrong, written):
    right = control()[unit]

    class Unit(right):
        def __init__(self, *args, **options):
            taken = {"lr"} if unit in ("RMSprop", "SGD") and args else set()
            unsaid = {name: value for name, value in wrong.items() if name not in taken}
            super().__init__(*args, **{**unsaid, **options})

    (finding,) = defaults_of(unit, Unit)
    assert finding == Finding("default", arguments=written)
    assert say(finding) in said(unit, Unit)


def test_an_argument_that_is_wrong_however_it_comes_is_no_default():
    class LeakyReLU(reference.LeakyReLU):
        def __init__(self, negative_slope=0.01):
            super().__init__(2 * negative_slope)

    assert not defaults_of("LeakyReLU", LeakyReLU)


def test_what_is_right_by_chance_is_no_default():
    calls = itertools.count()

    class Dropout(reference.Dropout):
        def forward(self, x):
            y = super().forward(x)
            return 1.25 * y if self.training and next(calls) % 3 == 0 else y

    assert not defaults_of("Dropout", Dropout)


def test_optimizers_that_agree_in_the_first_wrong_step_only_are_told_apart():
    for name in ("corrected as at first", "correction one step behind"):
        (each,) = [m for m in catalogue() if m.unit == "Adam" and m.name == name]
        grader = grader_of("Adam", each.replaces["Adam"])
        found = known_mistakes.explain(grader, "Adam", Budget())
        assert [known.name for known in found.known] == [name]
        assert found.whole


def test_a_classic_dropout_is_named_though_its_mask_is_its_own():
    class Dropout(reference.Dropout):
        """Draws otherwise than any in the catalogue."""

        def forward(self, x):
            self.mask = np.random.default_rng().random(x.shape) >= self.p
            self.trains = self.training
            super().forward(x)
            return x * self.mask if self.training else x * (1 - self.p)

        def backward(self, dout):
            super().backward(dout)
            return dout * self.mask if self.trains else dout * (1 - self.p)

    titles = said("Dropout", Dropout)
    assert any("Nothing is scaled in training" in title for title in titles), titles


def test_only_names_that_a_unit_has_to_do_with_are_spoken_of():
    grader = grader_of("Dropout", altered("Dropout", backward=lambda dx: 7.0 * dx))
    compared = [c for r in grader.results.values() if (c := comparison(grader, r)) is not None]
    assert compared
    assert {name for each in compared for name in each.others} == {"x", "dout", "y", "dx"}


def test_what_a_law_adds_up_has_no_name():
    doubled = altered("AvgPool2D", backward=lambda dx: 2.0 * dx)
    grader = grader_of("AvgPool2D", doubled)
    laws = [r for k, r in grader.results.items() if manifest()[k].kind == "law"]
    assert any("sum" in repr(r.finding) for r in laws if r.finding is not None)
    assert not any("Σ" in title for title in said("AvgPool2D", doubled))


def test_a_clue_for_all_wrong_values_comes_before_a_mistake_that_explains_a_part():
    class Dense(reference.Dense):
        def backward(self, dout):
            dx = super().backward(dout)
            self.grads["weight"] = 7.5 * self.grads["weight"]
            if "bias" in self.grads:
                self.grads["bias"] = dout.mean(axis=tuple(range(dout.ndim - 1)))
            return dx

    titles = said("Dense", Dense)
    assert titles[0] == say(Finding("times number", tensor="dweight", factor="7.5"))
    assert any("bias" in title for title in titles[1:]), titles


def test_nan_that_forward_leaves_behind_is_no_second_mistake():
    class Softmax(reference.Softmax):
        def forward(self, x):
            super().forward(x)
            with np.errstate(all="ignore"):
                self.own = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
            return self.own.astype(x.dtype)

        def backward(self, dout):
            with np.errstate(all="ignore"):
                inner = dout - (self.own * dout).sum(-1, keepdims=True)
                return (self.own * inner).astype(dout.dtype)

    assert said("Softmax", Softmax) == ["The exponentials are taken as they stand"]


def test_two_that_contradict_each_other_are_not_both_shown():
    class SGD(reference.SGD):
        """With nesterov and a large momentum one thing, with a small one another."""

        def __init__(self, *args, **options):
            if options.get("momentum", 0) > 0.5 and "nesterov" in options:
                options = {**options, "momentum": 0.5}
            super().__init__(*args, **options)

    assert sum("nesterov" in title.lower() for title in said("SGD", SGD)) <= 1
