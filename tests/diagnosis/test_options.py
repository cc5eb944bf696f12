"""Arguments that are not used, or used wrongly, are named."""

import numpy as np
import pytest

import reference
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis import ignored_arguments
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.findings import Finding
from cnn_conformance.oracle import specification
from tests.grade import checks_of, grade


def said(unit, wrong, aspect="forward"):
    known = specification.requirements()
    keys = [
        key
        for key in checks_of(unit)
        if manifest()[key].kind == "case" and known[manifest()[key].requirement].aspect == aspect
    ]
    grader = grade({unit: wrong}, keys).grader
    return ignored_arguments.ignored(grader, unit, Budget())


def found(how, option, backward_only):
    return Finding("argument ignored", how=how, option=option, backward_only=backward_only)


def test_a_stride_that_backward_takes_for_the_size_of_the_window():
    class MaxPool2D(reference.MaxPool2D):
        """The stride of backward is always the window's size."""

        def __init__(self, kernel_size, stride=None, padding=0):
            super().__init__(kernel_size, stride, padding)
            self._arguments = kernel_size, padding

        def forward(self, x):
            self._x = x
            return super().forward(x)

        def backward(self, dout):
            kernel, padding = self._arguments
            twin = reference.MaxPool2D(kernel, padding=padding)
            y = twin.forward(self._x)
            fits = tuple(slice(min(pair)) for pair in zip(y.shape, dout.shape, strict=True))
            around = np.zeros_like(y)
            around[fits] = dout[fits]
            return twin.backward(around)

    assert said("MaxPool2D", MaxPool2D, "backward") == [found("left out", "stride", True)]


def test_a_pair_in_the_wrong_order():
    class Conv2D(reference.Conv2D):
        def __init__(self, *arguments, stride=1, **others):
            exchanged = stride[::-1] if isinstance(stride, tuple) else stride
            super().__init__(*arguments, stride=exchanged, **others)

    assert found("exchanged", "stride", False) in said("Conv2D", Conv2D)


@pytest.mark.parametrize(
    ("unit", "wrong", "aspect"),
    [
        ("Conv2D", type("Conv2D", (reference.Conv2D,), {}), "forward"),
        (
            "Dense",
            type(
                "Dense",
                (reference.Dense,),
                {"forward": lambda self, x: 2.0 * reference.Dense.forward(self, x)},
            ),
            "forward",
        ),
    ],
)
def test_arguments_that_are_used_are_not_blamed(unit, wrong, aspect):
    assert said(unit, wrong, aspect) == []


def test_a_gradient_of_the_mean_where_the_sum_is_asked_for():
    class SoftmaxCrossEntropy(reference.SoftmaxCrossEntropy):
        def backward(self):
            return super().backward() / self._count

        def forward(self, logits, target):
            self._count = len(logits) if self._sums else 1
            return super().forward(logits, target)

        def __init__(self, reduction="mean"):
            super().__init__(reduction)
            self._sums = reduction == "sum"

    clues = said("SoftmaxCrossEntropy", SoftmaxCrossEntropy, "backward")
    assert clues == [found("left out", "reduction", True)]


def test_an_argument_that_works_alone_is_not_said_to_be_ignored():
    class ScaledDotProductAttention(reference.ScaledDotProductAttention):
        """Does not look at `causal` where there is a mask."""

        def forward(self, query, key, value, mask=None):
            before = self.causal
            self.causal = before and mask is None
            try:
                return super().forward(query, key, value, mask)
            finally:
                self.causal = before

    assert said("ScaledDotProductAttention", ScaledDotProductAttention) == []
