"""What would be false is not said: each rule of the diagnosis, on code that once broke it."""

import itertools

import numpy as np
import pytest

import reference
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis import (
    clues,
    explanation,
    later_calls,
    smallest,
)
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.choice import choose
from cnn_conformance.diagnosis.combinations import Match
from cnn_conformance.diagnosis.comparisons import Comparison, case_of, failing_checks
from cnn_conformance.diagnosis.needless import is_needless
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import catalogue
from cnn_conformance.phrases import say
from tests.diagnosis.test_clues import IMAGE, RNG
from tests.grade import altered, checks_of, grade


def said_of(unit, wrong, profile="core"):
    return grade({unit: wrong}, unit, profile=profile).titles(unit)


def mistake(unit, name):
    """Return what is said first of a mistake of the catalogue."""
    (said,) = (each.title for each in catalogue() if (each.unit, each.name) == (unit, name))
    return said


class CrossEntropy(reference.SoftmaxCrossEntropy):
    """Computes a cross-entropy of what it takes for probabilities."""

    def probabilities(self, logits):
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def forward(self, logits, target):
        super().forward(logits, target)
        rows = target if target.ndim == 2 else np.eye(logits.shape[1])[target]
        with np.errstate(all="ignore"):
            self.p, self.rows = self.probabilities(logits), rows.astype(logits.dtype)
            losses = -(self.rows * np.log(self.p)).sum(axis=1)
        return float(losses.sum() if self.reduction == "sum" else losses.mean())

    def backward(self):
        gradient = self.p - self.rows
        return gradient if self.reduction == "sum" else gradient / len(gradient)


class Unshifted(CrossEntropy):
    def probabilities(self, logits):
        powers = np.exp(logits)
        return powers / powers.sum(axis=1, keepdims=True)


class ShiftedByBatch(CrossEntropy):
    def probabilities(self, logits):
        powers = np.exp(logits - logits.max())
        return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("wrong", "cause", "other"),
    [
        (Unshifted, "no maximum taken off", "maximum of the whole batch"),
        (ShiftedByBatch, "maximum of the whole batch", "no maximum taken off"),
    ],
)
def test_nan_and_inf_tell_two_ways_of_overflow_apart(wrong, cause, other):
    titles = said_of("SoftmaxCrossEntropy", wrong)
    assert mistake("SoftmaxCrossEntropy", cause) in titles
    assert mistake("SoftmaxCrossEntropy", other) not in titles


class UnshiftedJacobian(Unshifted):
    """Goes back through the logarithm first, then through the softmax, in single precision."""

    def probabilities(self, logits):
        return super().probabilities(logits.astype(np.float32))

    def backward(self):
        with np.errstate(all="ignore"):
            of_p = -self.rows / self.p
            gradient = self.p * (of_p - (self.p * of_p).sum(axis=1, keepdims=True))
        return gradient if self.reduction == "sum" else gradient / len(gradient)


def test_what_another_mistake_explains_better_is_not_named():
    other = mistake("SoftmaxCrossEntropy", "maximum of the whole batch")
    assert other not in said_of("SoftmaxCrossEntropy", UnshiftedJacobian)


def test_an_epsilon_that_nobody_writes_out_is_told_from_a_clip():
    class OfTheMachine(CrossEntropy):
        def forward(self, logits, target):
            super().forward(logits, target)
            losses = -(self.rows * np.log(self.p + np.finfo(np.float32).eps)).sum(axis=1)
            return float(losses.sum() if self.reduction == "sum" else losses.mean())

    (first, *_) = said_of("SoftmaxCrossEntropy", OfTheMachine)
    assert first.startswith("1.19209e-07 is added to the probabilities")


def test_few_wrong_elements_say_nothing_of_where_they_are():
    image = RNG.standard_normal((2, 3, 4, 5))
    for count, found in ((2, []), (60, [Finding("after the first sample", tensor="dx")])):
        off = image.copy()
        off[1].flat[:count] += 1
        said = clues.common([Comparison("LeakyReLU", "dx", off, image, 1e-9)])
        assert [clue for clue in said if clue.kind == "after the first sample"] == found


def test_what_overflows_in_forward_is_not_said_of_backward():
    class Tanh(reference.Tanh):
        """Is twice a sigmoid, less one, whose exponentials overflow."""

        def forward(self, x):
            with np.errstate(all="ignore"):
                powers = np.exp(2 * x)
                self._y = 2 * (powers / (1 + powers)) - 1
            return self._y.copy()

        def backward(self, dout):
            with np.errstate(all="ignore"):
                return super().backward(dout)

    other = mistake("Tanh", "secant overflows")
    assert other not in said_of("Tanh", Tanh, "extended")


class WithoutPadding(reference.MaxPool2D):
    """Takes no padding into account where it cuts its windows, and moves one gradient."""

    def forward(self, x):
        if self.padding != (0, 0) and x.size > 9:
            raise ValueError("could not broadcast input array")
        return super().forward(x)

    def backward(self, dout):
        dx = super().backward(dout)
        return np.where(dx == dx.max(), 0, dx) if dx.size == 9 and self.padding != (0, 0) else dx


def test_one_zero_is_no_evidence():
    other = mistake("MaxPool2D", "flat index with the width of the image")
    assert other not in said_of("MaxPool2D", WithoutPadding, "extended")


def test_what_differs_from_call_to_call_leaves_the_rest_explained():
    class Conv2D(reference.Conv2D):
        calls = itertools.count()

        def backward(self, dout):
            dx = super().backward(dout) + next(self.calls)
            self.grads = {name: grad / len(dout) for name, grad in self.grads.items()}
            return dx

    titles = said_of("Conv2D", Conv2D)
    assert mistake("Conv2D", "gradients averaged over the batch") in titles


@pytest.mark.parametrize(("others", "named"), [(0, {"crop", "turned"}), (99, {"crop"})])
def test_a_mistake_may_be_contradicted_where_another_explains_all(others, named):
    crop, turned = (
        next(m for m in catalogue() if (m.unit, m.name) == ("Conv2D", name))
        for name in ("crop from p to minus p", "kernel not turned in dx")
    )
    keys = [key for key in checks_of("Conv2D", "core") if "::test_dx[" in key]
    unpadded = frozenset(key for key in keys if manifest()[key].requirement == "CONV2D-21")
    padded = frozenset(key for key in keys if manifest()[key].requirement == "CONV2D-25")
    left = frozenset([key for key in keys if key not in unpadded | padded][:others])
    one = Match((crop,), unpadded, frozenset(), 1)
    two = Match((turned,), padded, unpadded, 1)
    found = choose([one, two], dict.fromkeys(unpadded | padded | left))
    assert {mistake.name for mistake in found.known} == {
        {"crop": crop.name, "turned": turned.name}[name] for name in named
    }


def test_an_argument_comes_before_the_steps_in_which_it_shows():
    class SGD(reference.SGD):
        def step(self, params, grads):
            before = getattr(self, "before", {})
            self.before = {name: grad.copy() for name, grad in grads.items()}
            grads = {
                n: g * (1 + self.momentum * np.abs(before.get(n, 0))) for n, g in grads.items()
            }
            super().step(params, grads)

    titles = said_of("SGD", SGD, "extended")
    assert any("`momentum` is given" in title for title in titles)


def test_of_wrong_dtypes_the_values_tell_what_made_them():
    class Conv2D(reference.Conv2D):
        def forward(self, x):
            if x.shape[2] != x.shape[3] or "bias" not in self.params:
                raise NotImplementedError("unsupported: this image, or no bias")
            return super().forward(x).astype(float)

    titles = said_of("Conv2D", Conv2D)
    assert titles[0].startswith(mistake("Conv2D", "always float64"))
    assert not any(mistake("Conv2D", "replaced entries unseen") in title for title in titles)


class OneBiasGradient(reference.Dense):
    """With one sample it is what a squeezed axis gives; with more, nothing that is known."""

    def backward(self, dout):
        dx = super().backward(dout)
        if "bias" in self.grads:
            self.grads["bias"] = np.full(dout.shape[1], dout.sum() / len(dout) ** 2)
        return dx


def test_what_fits_few_wrong_gradients_of_many_is_not_said():
    titles = said_of("Dense", OneBiasGradient)
    assert mistake("Dense", "bias gradient of a single sample") not in titles


def test_of_a_requirement_only_what_explains_it_is_said():
    class Dense(OneBiasGradient):
        def backward(self, dout):
            dx = super().backward(dout)
            self.grads["weight"] = self.grads["weight"] / len(dout)
            return dx

    document = grade({"Dense": Dense}, "Dense").diagnosed
    (bias,) = (each for each in document["requirements"] if each["id"] == "DENSE-22")
    averaged = mistake("Dense", "gradients averaged over the batch")
    assert averaged not in [said["title"] for said in bias["diagnosis"]]


def test_a_mistake_that_would_lose_what_has_passed_is_not_named():
    class FloatForLabels(reference.SoftmaxCrossEntropy):
        def forward(self, logits, target):
            self.of_labels = np.asarray(target).ndim == 1
            return super().forward(logits, target)

        def backward(self):
            gradient = super().backward()
            return gradient.astype(np.float64) if self.of_labels else gradient

    always = mistake("SoftmaxCrossEntropy", "gradient always float64")
    assert always in said_of(
        "SoftmaxCrossEntropy", altered("SoftmaxCrossEntropy", backward=np.float64)
    )
    assert always not in said_of("SoftmaxCrossEntropy", FloatForLabels)


def test_zeros_tell_whether_backward_drops_anything():
    seeds = itertools.count()  # other masks each time, and the same in every run

    class Dropout(reference.Dropout):
        def __init__(self, p=0.5, rng=None):
            super().__init__(p, next(seeds) if rng is None else rng)

        def backward(self, dout):
            return dout * (super().backward(np.ones_like(dout)) != 0)

    first, *_ = said_of("Dropout", Dropout, "extended")
    assert first == mistake("Dropout", "gradient not scaled")


def test_keys_are_compared_with_their_numbers():
    def counted(dicts):
        learning = enumerate(arrays for arrays in dicts if arrays)
        return {f"{n}.{name}": arrays[name] for n, arrays in learning for name in arrays}

    class Sequential(reference.Sequential):
        params = property(lambda self: counted(layer.params for layer in self.layers))
        grads = property(lambda self: counted(layer.grads for layer in self.layers))

    titles = said_of("Sequential", Sequential)
    assert mistake("Sequential", "only layers with parameters counted") in titles
    assert mistake("Sequential", "counted from one") not in titles


def test_a_factor_that_two_sizes_explain_alike_is_ascribed_to_neither_alone():
    alike = Comparison("Conv2D", "dweight", IMAGE / 3, IMAGE, 1e-9, {"N": 3, "K": 3})
    apart = Comparison("Conv2D", "dweight", IMAGE / 3, IMAGE, 1e-9, {"N": 3, "K": 5})
    (clue, *_) = clues.common([alike])
    assert clue == Finding("times one of", tensor="dweight", factors=("1/N", "1/K"))
    assert clues.common([alike, apart])[0].factor == "1/N"


def test_few_numbers_are_no_evidence_of_an_order():
    small, large = RNG.standard_normal((1, 1, 2, 2)), RNG.standard_normal((1, 1, 3, 4))
    for array, found in ((small, []), (large, [Finding("rotated", tensor="y")])):
        turned = Comparison("MaxPool2D", "y", array[:, :, ::-1, ::-1].copy(), array, 1e-9)
        assert [clue for clue in clues.common([turned]) if clue.kind == "rotated"] == found


def test_one_number_is_no_evidence_of_a_sign():
    one = np.full((1, 1, 1, 4), 0.5)
    assert clues.common([Comparison("Conv2D", "y", -one, one, 1e-9)]) == []


def test_never_is_said_of_a_unit_only_if_it_never_is():
    def last_window(y):
        y = y.copy()
        y[..., -1] = 0
        return y

    titles = said_of("MaxPool2D", altered("MaxPool2D", forward=last_window))
    one_sided = {say(Finding(kind, tensor="y")) for kind in ("too large", "too small")}
    assert not one_sided & set(titles)


class InTheOrderOfTheWindow(reference.Conv2D):
    def backward(self, dout):
        dx = super().backward(dout)
        K, C, KH, KW = self.grads["weight"].shape
        by_place = self.grads["weight"].reshape(K, C, KH * KW).transpose(2, 0, 1)
        mixed = by_place.reshape(K, KH * KW, C).swapaxes(1, 2)
        self.grads["weight"] = mixed.reshape(K, C, KH, KW)
        return dx


@pytest.mark.parametrize(
    ("feature", "makes_no_difference"),
    [("several samples", True), ("image not square", True), ("several filters", False)],
)
def test_a_feature_that_makes_no_difference_is_not_said(feature, makes_no_difference):
    grader = grade({"Conv2D": InTheOrderOfTheWindow}, "CONV2D-29").grader
    failing = [case_of(grader, key) for key in failing_checks(grader, "Conv2D")]
    found = is_needless(grader, "Conv2D", "dweight", Finding(feature), failing, Budget())
    assert found == makes_no_difference


def test_a_backward_that_fits_stands_beside_something_else():
    tripled = altered("ReLU", forward=lambda y: 3.0 * y, backward=lambda dx: 3.0 * dx)
    titles = said_of("ReLU", tripled)
    assert titles[0] != say(explanation.FITTING)
    assert say(explanation.FITTING) in titles


def test_a_backward_that_averages_over_what_forward_sums_does_not_fit():
    halved = altered("SoftmaxCrossEntropy", forward=lambda loss: loss / 2)
    assert say(explanation.FITTING) not in said_of("SoftmaxCrossEntropy", halved)


class Squared(reference.Dense):
    def forward(self, x):
        y = super().forward(x)
        return y + 0.1 * y * y


class LaterStepsLarger(reference.RNN):
    def backward(self, dout, *more):
        came = super().backward(dout, *more)
        dx = came[0] if more else came
        dx *= 1.01 ** np.arange(dx.shape[1])[:, None]
        return came


@pytest.mark.parametrize(
    ("unit", "wrong", "tensor"), [("Dense", Squared, "y"), ("RNN", LaterStepsLarger, "dx")]
)
def test_where_nothing_is_known_a_small_example_is_shown(unit, wrong, tensor):
    grader = grade({unit: wrong}, unit, profile="extended").grader
    failing = failing_checks(grader, unit)
    (found,) = smallest.example(grader, unit, failing, Budget())
    assert found.tensor == tensor
    assert found.got != found.expected
    assert len(dict(found.given)["x"]) < 40
    assert say(found) in said_of(unit, wrong, "extended")


def test_a_right_unit_has_no_example():
    wrong = grade({"Dense": Squared}, "Dense").grader
    right = grade({"Dense": reference.Dense}, "Dense").grader
    assert smallest.example(right, "Dense", failing_checks(wrong, "Dense"), Budget()) == []


class NoBackward(reference.ReLU):
    def backward(self, dout):
        raise NotImplementedError("unsupported: backward")


def test_a_backward_that_is_refused_is_not_said_to_keep_state():
    titles = grade({"ReLU": NoBackward}, "ReLU").titles("ReLU")
    assert say(later_calls.LATER) not in titles
