"""An option that is refused costs what is about it, and nothing else."""

import numpy as np
import pytest

from cnn_conformance import reference
from cnn_conformance.checks import options
from cnn_conformance.checks.registry import manifest
from cnn_conformance.outcomes import Outcome
from tests.grade import RIGHT, grade


def refuse(what):
    raise NotImplementedError(f"unsupported: {what}")


class LabelsAlone(reference.SoftmaxCrossEntropy):
    def forward(self, logits, target):
        return super().forward(logits, target) if np.ndim(target) == 1 else refuse("rows")


class RowsAlone(reference.SoftmaxCrossEntropy):
    def forward(self, logits, target):
        return super().forward(logits, target) if np.ndim(target) == 2 else refuse("labels")


class MeanAlone(reference.SoftmaxCrossEntropy):
    def __init__(self, reduction="mean"):
        super().__init__(reduction if reduction == "mean" else refuse(reduction))


class WholeNumbers(reference.MaxPool2D):
    def __init__(self, kernel_size, stride=None, padding=0):
        if any(isinstance(size, tuple) for size in (kernel_size, stride, padding)):
            refuse("pairs")
        super().__init__(kernel_size, stride, padding)


class SquareKernels(reference.Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, *arguments, **named):
        if isinstance(kernel_size, tuple) and kernel_size[0] != kernel_size[1]:
            refuse("kernels that are not square")
        super().__init__(in_channels, out_channels, kernel_size, *arguments, **named)


class OneStride(reference.MaxPool2D):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(
            kernel_size, refuse("two") if isinstance(stride, tuple) else stride, padding
        )


class AlwaysBiased(reference.Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, bias or refuse("no bias")
        )


class NeverBiased(reference.Dense):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias and refuse("bias"))


class NoPadding(reference.MaxPool2D):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, stride, padding and refuse("padding"))


class NoNesterov(reference.SGD):
    def __init__(self, lr, momentum=0.0, weight_decay=0.0, nesterov=False, decay=0.0):
        super().__init__(lr, momentum, weight_decay, nesterov and refuse("nesterov"), decay)


def requirements(unit, made, profile="full"):
    """Return what came of the requirements of a unit."""
    graded = grade({unit: made}, unit, profile=profile).document
    return [r for r in graded["requirements"] if r["unit"] == unit]


@pytest.mark.parametrize(
    ("unit", "made", "lost"),
    [
        ("SoftmaxCrossEntropy", LabelsAlone, {2, 3, 21, 22}),
        ("SoftmaxCrossEntropy", RowsAlone, {1, 8, 20, 27}),
        ("SoftmaxCrossEntropy", MeanAlone, {4, 23}),
        ("Dense", NeverBiased, {2, 22, 40}),
        ("MaxPool2D", WholeNumbers, {5, 8, 23, 27}),
        ("Conv2D", SquareKernels, {5, 11, 23, 27, 31, 35}),
        ("MaxPool2D", OneStride, {5, 8, 27}),
        ("MaxPool2D", NoPadding, {6, 8, 24, 27, 70}),
        ("SGD", NoNesterov, {75, 82}),
    ],
)
def test_what_is_about_an_option_is_all_that_it_costs(unit, made, lost):
    came = requirements(unit, made)
    less = [r for r in came if r["points"] < r["max_points"]]
    assert {int(r["id"].rpartition("-")[2]) for r in less} == lost
    assert {r["verdict"] for r in less} == {Outcome.UNSUPPORTED}
    assert {r["verdict"] for r in came if r not in less} == {Outcome.PASSED}


@pytest.mark.parametrize(
    "made",
    [
        {"SoftmaxCrossEntropy": RowsAlone},
        {"SoftmaxCrossEntropy": LabelsAlone},
        {"MaxPool2D": NoPadding},
    ],
)
def test_what_a_part_refuses_costs_a_network_nothing_where_others_show_the_same(made):
    document = grade(RIGHT | made, "Network", profile="full").document
    came = [r for r in document["requirements"] if r["unit"] == "Network"]
    assert {r["verdict"] for r in came} == {Outcome.PASSED}


def test_a_convolution_that_always_has_a_bias_loses_what_names_its_absence():
    came = requirements("Conv2D", AlwaysBiased, "core")
    assert [r["id"] for r in came if r["points"] < r["max_points"]] == ["CONV2D-40"]


class RefusesWhatIsHard(reference.MaxPool2D):
    """Offers padding, but not with a window of two."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(
            kernel_size, stride, refuse("that") if padding and kernel_size == 2 else padding
        )


def test_an_option_that_is_offered_somewhere_costs_its_share_where_it_is_refused():
    came = {r["id"]: r for r in requirements("MaxPool2D", RefusesWhatIsHard)}
    assert came["MAXPOOL2D-39"]["verdict"] == Outcome.UNSUPPORTED
    assert 0 < came["MAXPOOL2D-39"]["points"] < came["MAXPOOL2D-39"]["max_points"]


class RefusesEverything:
    def __init__(self, *arguments, **options):
        refuse("everything")


@pytest.mark.parametrize("unit", ["Conv2D", "SoftmaxCrossEntropy", "SGD"])
def test_who_refuses_everything_earns_nothing(unit):
    assert sum(r["points"] for r in requirements(unit, RefusesEverything)) == 0


class NoPaddingAndWrong(NoPadding):
    def backward(self, dout):
        return 2 * super().backward(dout)


def test_a_wrong_case_costs_its_requirement_whatever_is_refused():
    came = {r["id"]: r for r in requirements("MaxPool2D", NoPaddingAndWrong)}
    assert came["MAXPOOL2D-39"]["verdict"] == Outcome.FAILED
    assert came["MAXPOOL2D-39"]["points"] == 0


@pytest.mark.parametrize("id_", options.ABOUT)
def test_what_a_requirement_is_said_to_be_about_some_of_its_cases_use(id_):
    uses = [check.uses for check in manifest().values() if check.requirement == id_]
    for option in options.ABOUT[id_]:
        assert 0 < sum(option in each for each in uses) < len(uses), option
