"""How small a mistake is found: gradients a little off, and float32 where float64 came."""

import numpy as np
import pytest

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
    *("long-rows", "one-channel-bias"),
    *("large-logits", "large-logits-onehot", "rows-far-apart", "rows-far-apart-onehot"),
    *("large-logits-sum", "large-logits-sum-onehot"),
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
