"""Which texts of an error name what came: any notation of the shape, and not another shape."""

import numpy as np
import pytest

from cnn_conformance.checks import robustness
from cnn_conformance.outcomes import NotPassed
from tests.grade import FIXTURES, in_this_process


def judge(unit, case, text):
    """Ask the check about a unit that refuses everything, with one and the same text."""

    class Refuses:
        def __init__(self, *args, **kwargs):
            self.x = None

        def forward(self, x):
            self.x = x
            if case != "dout-shape":
                raise ValueError(text)
            return np.zeros(1)

        def backward(self, dout):
            raise ValueError(text)

    error = FIXTURES.unit(unit.lower()).errors[case]
    robustness.names_what_came(in_this_process({unit: Refuses}), error)


@pytest.mark.parametrize(
    "text",
    [
        "MaxPool2D: dout is (2, 3, 2, 4), expected (2, 3, 2, 3)",
        "maxpool2d.backward: torch.Size([2, 3, 2, 4])",
        "2x3x2x4 is no output of MaxPool2D",
        "MaxPool2D: expected [2 3 2 3], got [2 3 2 4]",
        "MaxPool2D: N=2, C=3, H=2, W=4 as int64",
    ],
)
def test_a_shape_is_named_in_any_notation(text):
    judge("MaxPool2D", "dout-shape", text)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("MaxPool2D: the shape is wrong", "(2, 3, 2, 4)"),
        ("MaxPool2D: expected (2, 3, 2, 3)", "(2, 3, 2, 4)"),
        ("MaxPool2D: got 2, 3, 2 and 3, 4", "(2, 3, 2, 4)"),
        ("MaxPool2D: dout has 4 dimensions", "(2, 3, 2, 4)"),
        ("MaxPool2D: (12, 3, 2, 4)", "(2, 3, 2, 4)"),
        ("Pool: (2, 3, 2, 4)", "MaxPool2D"),
        ("", "MaxPool2D"),
    ],
)
def test_another_shape_is_not_the_one_that_came(text, missing):
    with pytest.raises(NotPassed) as failure:
        judge("MaxPool2D", "dout-shape", text)
    assert missing in map(str, failure.value.finding.facts.values())


@pytest.mark.parametrize("text", ["Flatten: 1-d input", "Flatten: shape (6,)", "Flatten: 1 axis"])
def test_a_wrong_number_of_dimensions_is_enough(text):
    judge("Flatten", "one-dimension", text)


@pytest.mark.parametrize(
    "text",
    ["Dropout: p is -0.50", "Dropout: p=-.5", "Dropout: -5e-1", "Dropout: got np.float64(-0.5)"],
)
def test_a_number_is_named_in_any_notation(text):
    judge("Dropout", "p-negative", text)


@pytest.mark.parametrize("text", ["Dropout: p is 0.5", "Dropout: p is -0.05", "Dropout: p below 0"])
def test_another_number_is_not_the_one_that_came(text):
    with pytest.raises(NotPassed) as failure:
        judge("Dropout", "p-negative", text)
    assert "-0.5" in map(str, failure.value.finding.facts.values())


def test_the_ends_of_a_range_are_two_numbers():
    judge("Conv2D", "kernel-0", "Conv2D: kernel_size must be in 1..9, is 0")
    judge("Conv2D", "kernel-0", "Conv2D: 0..9")


def test_the_digits_of_a_name_are_no_size():
    with pytest.raises(NotPassed, match="does not name 0"):
        judge("Conv2D", "kernel-0", "Conv2D: conv2d in float10 or int0 is impossible")


def test_a_size_may_be_negative():
    judge("Conv2D", "padding-negative", "Conv2D: padding=-1")
    with pytest.raises(NotPassed, match="does not name -1"):
        judge("Conv2D", "padding-negative", "Conv2D: padding 1")


@pytest.mark.parametrize(
    "text", ["SoftmaxCrossEntropy: (2,) targets", "SoftmaxCrossEntropy: 2 labels for logits (4, 3)"]
)
def test_the_shape_of_the_targets_is_enough_where_their_number_is_wrong(text):
    class Refuses:
        def forward(self, prediction, target):
            raise ValueError(text)

    error = FIXTURES.unit("softmaxcrossentropy").errors["too-few-labels"]
    robustness.names_what_came(in_this_process({"SoftmaxCrossEntropy": Refuses}), error)
