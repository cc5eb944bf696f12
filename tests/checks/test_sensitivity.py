"""How small a mistake is found: gradients a little off, and float32 where float64 came."""

import numpy as np
import pytest

from cnn_conformance.checks.registry import manifest
from cnn_conformance.oracle.comparison import agree
from tests.grade import RIGHT, altered, checks_of, grade

OFF = 1 + 5e-4
GRADIENTS = [
    ("Conv2D", "dx"),
    ("Conv2D", "dweight"),
    ("Conv2D", "dbias"),
    ("Dense", "dx"),
    ("Dense", "dweight"),
    ("Dense", "dbias"),
    ("SoftmaxCrossEntropy", "dlogits"),
]

LARGE_SUMS = {  # whose terms are so large that a right sum may be off by as much
    *("long-rows", "one-channel-bias", "combined-127"),
    *("large-logits", "large-logits-onehot", "rows-far-apart", "rows-far-apart-onehot"),
    *("large-logits-sum", "large-logits-sum-onehot"),
    *("large-logits-one-sample", "large-logits-sum-probabilities"),
    *("rows-far-apart-sum", "rows-far-apart-sum-onehot"),
}


def off(array, everywhere):
    """Return an array that is 0.05 % too large, everywhere or in its largest element."""
    array = array.copy()
    place = ... if everywhere else np.unravel_index(np.abs(array).argmax(), array.shape)
    array[place] *= OFF
    return array


@pytest.mark.parametrize("everywhere", [True, False], ids=["everywhere", "in-one-element"])
@pytest.mark.parametrize(("unit", "name"), GRADIENTS)
def test_a_gradient_that_is_off_by_a_twentieth_of_a_percent_is_found(unit, name, everywhere):
    keys = [key for key in checks_of(unit) if f"::test_{name}[" in key]
    answer = "backward" if name in ("dx", "dlogits") else name.removeprefix("d")
    wrong = altered(unit, **{answer: lambda gradient: off(gradient, everywhere)})
    results = grade({unit: wrong}, keys).results.values()
    assert {str(r.outcome) for r in results} <= {"failed", "passed"}
    right = {r.case for r in results if r.outcome == "passed"}
    assert right <= LARGE_SUMS
    assert len(right) < len(keys) / 2


def in_float32(unit):
    """Return a unit that computes in float32 and gives back float64."""
    right = RIGHT[unit]

    def single(value):
        is_real = isinstance(value, np.ndarray) and value.dtype == np.float64
        return value.astype(np.float32) if is_real else value

    def double(value):
        return value.astype(np.float64) if isinstance(value, np.ndarray) else float(value)

    class Single(right):
        def _within(self, method, args):
            outer = dict(getattr(self, "params", {}))
            for key, value in outer.items():
                self.params[key] = single(value)
            result = method(*(single(arg) for arg in args))
            for key, value in outer.items():
                self.params[key] = value
            for key, value in getattr(self, "grads", {}).items():
                self.grads[key] = double(value)
            wide = all(getattr(arg, "dtype", None) != np.float32 for arg in args)
            return double(result) if wide else result

        def forward(self, *args):
            return self._within(super().forward, args)

        def backward(self, *args):
            return self._within(super().backward, args)

    return Single


@pytest.mark.parametrize("unit", ["Conv2D", "MaxPool2D", "Dense", "SoftmaxCrossEntropy", "MSE"])
def test_computing_in_float32_inside_costs_precision_only(unit):
    graded = grade({unit: in_float32(unit)}, unit)
    lost = {r["aspect"] for r in graded.document["requirements"] if r["verdict"] == "failed"}
    assert lost == {"precision"}, {k: r.message for k, r in graded.not_passed.items()}


@pytest.mark.parametrize("unit", ["Conv2D", "Dense", "ReLU", "RNN", "BatchNorm2D", "Softmax"])
@pytest.mark.parametrize("bound", [5.0, 1e12], ids=["near", "far"])
def test_a_gradient_that_is_clipped_is_found(unit, bound):
    clipped = altered(unit, backward=lambda dx: np.clip(dx, -bound, bound))
    results = grade({unit: clipped}, f"{unit.upper()}-39").not_passed
    assert "test_any_dout" in {key.partition("::")[2].partition("[")[0] for key in results}


@pytest.mark.parametrize("unit", ["Conv2D", "Dense", "ReLU", "RNN", "BatchNorm2D", "Softmax"])
def test_a_number_that_is_added_to_the_gradient_is_found(unit):
    added = altered(unit, backward=lambda dx: dx + 1e-12)
    results = grade({unit: added}, f"{unit.upper()}-39").not_passed
    assert results
    assert all("with dout times 7.9e-31" in result.message for result in results.values())


def test_a_case_about_sizes_is_not_judged_for_precision():
    checks = [key for key in manifest() if key.endswith("[many-samples]")]
    assert checks
    assert not [key for key in checks if "::test_float" in key]


def test_an_infinite_answer_agrees_with_itself_alone():
    infinite = np.array([np.inf, 1.0])
    assert agree(infinite, infinite, 0.0)
    assert not agree(infinite, -infinite, 10.0)
    assert not agree(infinite, np.ones(2), 10.0)
    assert not agree(np.array([np.nan]), np.array([np.nan]), 10.0)
