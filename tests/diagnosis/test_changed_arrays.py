"""What comes of one array that is changed: it is said if it holds in every case."""

import numpy as np

from cnn_conformance.diagnosis import changed_arrays
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.findings import Finding
from cnn_conformance.phrases import say
from tests.grade import FIXTURES, RIGHT, grade, in_this_process


def changed(unit, **dout):
    """Return a unit of which some gradients are made from another dout, by their names."""

    class Changed(RIGHT[unit]):
        def backward(self, upstream):
            dx = super().backward(upstream)
            right = {"dx": dx, **{f"d{name}": grad for name, grad in self.grads.items()}}
            for name, change in dout.items():
                other = super().backward(change(upstream))
                wrong = {"dx": other, **{f"d{n}": grad for n, grad in self.grads.items()}}
                right[name] = wrong[name]
            for name in self.grads:
                self.grads[name] = right[f"d{name}"]
            return right["dx"]

    return Changed


def last_pixel(dout):
    kept = np.zeros_like(dout)
    kept[..., -1, -1] = dout[..., -1, -1]
    return kept


def said_of(unit, wrong):
    return grade({unit: wrong}, unit, profile="extended").titles(unit)


def test_a_part_of_dout_that_alone_counts_is_named():
    first, *_ = said_of("Conv2D", changed("Conv2D", dweight=last_pixel))
    assert first == "dweight is what comes of the last pixel of dout alone"


def test_a_dout_without_its_negative_elements_is_named():
    first, *_ = said_of("Sigmoid", changed("Sigmoid", dx=lambda dout: np.maximum(dout, 0)))
    assert first == "dx is what comes of the positive elements of dout alone"


def test_what_a_right_case_contradicts_is_not_said():
    def large_ones_only(dout):
        return last_pixel(dout) if dout.shape[0] > 1 else dout

    said = say(Finding("pixel of dout", which="last"))
    assert not any(
        said in each for each in said_of("Conv2D", changed("Conv2D", dx=large_ones_only))
    )


def test_a_change_that_changes_nothing_explains_nothing():
    case = FIXTURES.unit("conv2d").cases["square"]
    divided = case["dweight"] / len(case["x"])
    compared = Comparison("Conv2D", "dweight", divided, case["dweight"], 1e-9)
    assert changed_arrays.variant(in_this_process(RIGHT), case, compared) == []
