"""An option that is refused costs what SPEC.md lists for it, and nothing else."""

import itertools

import numpy as np
import pytest

from cnn_conformance import reference
from cnn_conformance.checks import options
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import refusals
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import WRONG, Outcome
from tests.grade import RIGHT, grade

REQUIREMENTS = specification.requirements()
CHECKS = {
    unit: [c for c in manifest().values() if REQUIREMENTS[c.requirement].unit == unit]
    for unit in specification.units()
}
KEYS = {
    unit: [k for k, c in manifest().items() if REQUIREMENTS[c.requirement].unit == unit]
    for unit in specification.units()
}
IDS = {unit: {check.requirement for check in CHECKS[unit]} for unit in CHECKS}
OPTIONS = specification.options()
EVERY_OPTION = [(unit, option) for unit in OPTIONS for option in OPTIONS[unit]]


def refuse(what):
    raise NotImplementedError(f"unsupported: {what}")


def numbers(ids):
    return {int(id_.rpartition("-")[2]) for id_ in ids}


# ---------------------------------------------------------------- the list of SPEC.md


@pytest.mark.parametrize("unit", specification.units())
def test_the_options_of_a_unit_are_those_that_its_cases_use(unit):
    used = {option for check in CHECKS[unit] if check.kind != "error" for option in check.uses}
    if unit == "Network":
        known = {f"{part} {option}" for part in OPTIONS for option in OPTIONS[part]}
        assert used <= {*known, options.OBLONG}
    else:
        assert used == set(OPTIONS.get(unit, ()))


@pytest.mark.parametrize(("unit", "option"), EVERY_OPTION)
def test_an_option_has_a_requirement_of_its_own(unit, option):
    cases = [check for check in CHECKS[unit] if check.kind != "error"]
    using = [check.uses for check in cases if option in check.uses]
    entailed = frozenset.intersection(*using)
    listed = OPTIONS[unit][option]
    assert {id_ for id_ in listed if options.about(REQUIREMENTS[id_]) <= entailed}
    decided = {check.requirement for check in CHECKS[unit] if option in check.uses}
    assert listed <= decided, "a requirement about an option is decided by a case of it"


def costs(unit, *refused_options):
    """Return what is lost where the checks of some options are refused and all others passed."""
    results = {
        key: CaseResult(
            key,
            check.requirement,
            unit,
            check.case,
            "",
            Outcome.UNSUPPORTED if check.uses & {*refused_options} else Outcome.PASSED,
        )
        for key, check in ((key, manifest()[key]) for key in KEYS[unit])
    }
    assert refusals.settled(results) == results
    refused = refusals.blamed(results)
    lost, of = set(), {id_: [] for id_ in IDS[unit]}
    for key in KEYS[unit]:
        of[manifest()[key].requirement].append(key)
    for id_, keys in of.items():
        outcomes = [results[key].outcome for key in keys]
        if set(refusals.counted(REQUIREMENTS[id_], keys, outcomes, refused)) != {Outcome.PASSED}:
            lost.add(id_)
    return lost


@pytest.mark.parametrize(("unit", "option"), EVERY_OPTION)
def test_every_other_requirement_has_a_case_without_the_option(unit, option):
    assert numbers(costs(unit, option)) == numbers(OPTIONS[unit][option])


EITHER = (
    ("bias", "bias=False"),
    ("class indices", "one-hot rows"),
    ("class indices", "regression"),
)
"""Of these whatever works takes one."""
PAIRS = [
    (unit, pair)
    for unit in OPTIONS
    for pair in itertools.combinations(OPTIONS[unit], 2)
    if pair not in EITHER
]


@pytest.mark.parametrize("unit", sorted({unit for unit, _ in PAIRS}))
def test_two_options_cost_together_what_each_of_them_costs(unit):
    for pair in (pair for known, pair in PAIRS if known == unit):
        both = set.union(*(set(OPTIONS[unit][option]) for option in pair))
        assert numbers(costs(unit, *pair)) == numbers(both), pair


@pytest.mark.parametrize("part", ["Conv2D", "Dense", "MaxPool2D", "SGD"])
def test_what_a_part_refuses_costs_a_network_nothing_where_others_show_the_same(part):
    for option in OPTIONS[part]:
        assert costs("Network", f"{part} {option}") == set()


# ---------------------------------------------------------------- units that refuse


def only(unit, **taken):
    """Return a unit of the reference that takes nothing but some values of some arguments."""

    class Only(RIGHT[unit]):
        def __init__(self, *arguments, **named):
            for name, is_taken in taken.items():
                if name in named and not is_taken(named[name]):
                    refuse(name)
            super().__init__(*arguments, **named)

    return Only


def taking(unit, takes):
    """Return a layer or loss of the reference whose forward takes some inputs only."""

    class Taking(RIGHT[unit]):
        def forward(self, *inputs):
            return super().forward(*inputs) if takes(*inputs) else refuse("that")

    return Taking


class WholeNumbers(reference.MaxPool2D):
    def __init__(self, kernel_size, stride=None, padding=0, **others):
        if any(isinstance(size, tuple) for size in (kernel_size, stride, padding)):
            refuse("pairs")
        super().__init__(kernel_size, stride, padding, **others)


class SquareKernels(reference.Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, *arguments, **named):
        if isinstance(kernel_size, tuple) and kernel_size[0] != kernel_size[1]:
            refuse("kernels that are not square")
        super().__init__(in_channels, out_channels, kernel_size, *arguments, **named)


class NeverBiased(reference.Dense):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias and refuse("bias"))


class NeverBackwardInEvaluation(reference.BatchNorm2D):
    def backward(self, dout):
        return super().backward(dout) if self.training else refuse("backward in evaluation")


class KnowsNoBias(reference.Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)


class KnowsNoPadding(reference.MaxPool2D):
    def __init__(self, kernel_size, stride=None, ceil_mode=False):
        super().__init__(kernel_size, stride, ceil_mode=ceil_mode)


class KnowsNoAlpha(reference.RMSprop):
    def __init__(self, lr=0.01, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        super().__init__(lr, 0.99, eps, weight_decay, momentum, centered)


def knows_no_rng(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True):
    return reference.fit(
        model, loss, optimizer, x, y, epochs=epochs, batch_size=batch_size, shuffle=shuffle
    )


def never_shuffles(model, loss, optimizer, x, y, *, epochs=1, batch_size=32):
    return reference.fit(
        model, loss, optimizer, x, y, epochs=epochs, batch_size=batch_size, shuffle=False
    )


def requirements(unit, made, profile="full"):
    """Return what came of the requirements of a unit."""
    graded = grade({unit: made}, unit, profile=profile).document
    return [r for r in graded["requirements"] if r["unit"] == unit]


@pytest.mark.parametrize(
    ("unit", "made", "lost"),
    [
        (
            "SoftmaxCrossEntropy",
            taking("SoftmaxCrossEntropy", lambda _, target: target.dtype.kind in "iu"),
            {2, 3, 21, 22},
        ),
        (
            "SoftmaxCrossEntropy",
            taking("SoftmaxCrossEntropy", lambda _, target: target.dtype.kind == "f"),
            {1, 8, 9, 10, 11, 20, 27, 28, 29, 30},
        ),
        ("SoftmaxCrossEntropy", only("SoftmaxCrossEntropy", reduction="mean".__eq__), {4, 23}),
        ("Dense", NeverBiased, {2, 22}),
        ("Dense", only("Dense", bias=bool), {50}),
        ("Dense", taking("Dense", lambda x: x.dtype == np.float64), {61}),
        ("ReLU", taking("ReLU", lambda x: x.ndim in (2, 4)), {2, 21}),
        ("MaxPool2D", WholeNumbers, {5, 8, 14, 15, 23, 27}),
        ("MaxPool2D", taking("MaxPool2D", lambda x: x.shape[2] == x.shape[-1]), {12}),
        ("MaxPool2D", only("MaxPool2D", stride=np.isscalar), {5, 8, 15, 27}),
        ("MaxPool2D", only("MaxPool2D", padding=lambda padding: padding == 0), {6, 8, 14, 24, 27}),
        ("MaxPool2D", KnowsNoPadding, {6, 8, 14, 24, 27}),
        ("Conv2D", SquareKernels, {5, 11, 23, 27, 31, 35}),
        ("SGD", only("SGD", nesterov=False.__eq__), {82, 84}),
        ("BatchNorm2D", NeverBackwardInEvaluation, {23}),
        ("RMSprop", KnowsNoAlpha, {3, 10}),
        ("fit", knows_no_rng, {11}),
    ],
)
def test_what_is_about_an_option_is_all_that_it_costs(unit, made, lost):
    came = requirements(unit, made)
    less = [r for r in came if r["points"] < r["max_points"]]
    assert numbers(r["id"] for r in less) == lost
    assert {r["verdict"] for r in less} == {Outcome.UNSUPPORTED}
    assert {r["verdict"] for r in came if r not in less} == {Outcome.PASSED}


def test_a_keyword_that_a_convolution_does_not_know_is_an_option_that_it_refuses():
    came = requirements("Conv2D", KnowsNoBias, "core")
    assert [r["id"] for r in came if r["points"] < r["max_points"]] == ["CONV2D-50"]


class RefusesWhatIsHard(reference.MaxPool2D):
    """Offers padding, but not with a window of two, unless sizes are rounded up."""

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False):
        hard = padding and kernel_size == 2 and not ceil_mode
        super().__init__(kernel_size, stride, refuse("that") if hard else padding, ceil_mode)


def test_an_option_that_is_offered_somewhere_costs_a_share_of_what_is_about_it():
    came = {r["id"]: r for r in requirements("MaxPool2D", RefusesWhatIsHard)}
    judged = {id_: r for id_, r in came.items() if r["aspect"] != "robustness"}
    less = {id_ for id_, r in judged.items() if r["points"] < r["max_points"]}
    assert less <= OPTIONS["MaxPool2D"]["padding"] | OPTIONS["MaxPool2D"]["a padding as a pair"]
    assert came["MAXPOOL2D-24"]["verdict"] == Outcome.UNSUPPORTED
    assert 0 < came["MAXPOOL2D-24"]["points"] < came["MAXPOOL2D-24"]["max_points"]


class NoPaddingAndWrong(only("MaxPool2D", padding=lambda padding: padding == 0)):
    def backward(self, dout):
        return 2 * super().backward(dout)


def test_a_wrong_case_costs_its_requirement_whatever_is_refused():
    came = {r["id"]: r for r in requirements("MaxPool2D", NoPaddingAndWrong)}
    assert came["MAXPOOL2D-39"]["verdict"] == Outcome.FAILED
    assert came["MAXPOOL2D-39"]["points"] == 0


# ---------------------------------------------------------------- what is no option


class RefusesEverything:
    def __init__(self, *arguments, **options):
        refuse("everything")


@pytest.mark.parametrize("unit", ["Conv2D", "SoftmaxCrossEntropy", "SGD"])
def test_who_refuses_everything_earns_nothing(unit):
    assert sum(r["points"] for r in requirements(unit, RefusesEverything)) == 0


class UsedOnce(reference.Dense):
    used = False

    def forward(self, x):
        if self.used:
            refuse("a second call")
        self.used = True
        return super().forward(x)


def wrong_for(unit, cases):
    """Return a layer or loss that is wrong for some inputs, and one that refuses them."""

    class Wrong(RIGHT[unit]):
        def forward(self, *inputs):
            y = super().forward(*inputs)
            return 2 * y + 1 if cases(*inputs) else y

    return Wrong, taking(unit, lambda *inputs: not cases(*inputs))


@pytest.mark.parametrize(
    ("unit", "cases"),
    [
        ("Conv2D", lambda x: len(x) > 1),
        ("MaxPool2D", lambda x: x.ndim == 4 and x.shape[1] > 1),
        ("Dense", lambda x: len(x) > 2),
        ("ReLU", lambda x: x.size > 24),
        ("SoftmaxCrossEntropy", lambda logits, _: np.abs(logits).max() > 100),
        ("MSE", lambda pred, _: len(pred) > 1),
    ],
)
def test_nobody_avoids_a_failure_by_refusing_what_is_no_option(unit, cases):
    wrong, refusing = (requirements(unit, made, "core") for made in wrong_for(unit, cases))
    for failed, refused in zip(wrong, refusing, strict=True):
        if failed["verdict"] in WRONG and failed["aspect"] == "forward":
            assert refused["points"] <= failed["points"], failed["id"]
    assert Outcome.ERROR in {r["verdict"] for r in refusing}
    assert sum(r["points"] for r in refusing) <= sum(r["points"] for r in wrong)


def test_refusing_a_second_call_is_an_error():
    came = {r["id"]: r["verdict"] for r in requirements("Dense", UsedOnce)}
    assert came["DENSE-45"] == Outcome.ERROR
    assert came["DENSE-1"] == Outcome.PASSED


class RefusesShapes(reference.Flatten):
    def forward(self, x):
        self.samples = len(x)
        return super().forward(x)

    def backward(self, dout):
        return super().backward(dout) if len(dout) == self.samples else refuse("such a dout")


def test_refusing_bad_input_is_no_answer_to_it():
    came = {r["id"]: r["verdict"] for r in requirements("Flatten", RefusesShapes)}
    assert came["FLATTEN-72"] == Outcome.ERROR


def test_a_pooling_of_whole_strides_may_refuse_windows_that_are_not_square():
    check = manifest()["test_maxpool2d.py::test_errors[lower-than-a-tall-window]"]
    assert "a stride as a pair" in check.uses
    assert "a stride as a pair" not in manifest()["test_maxpool2d.py::test_errors[stride-0]"].uses


def test_an_unknown_keyword_that_is_no_option_is_an_error():
    def evaluate(model, loss, x, y):
        return reference.evaluate(model, loss, x, y)

    came = {r["verdict"] for r in requirements("evaluate", evaluate)}
    assert came == {Outcome.ERROR, Outcome.BLOCKED}


def test_a_loop_that_never_shuffles_loses_what_is_about_the_order():
    came = requirements("fit", never_shuffles)
    assert numbers(r["id"] for r in came if r["verdict"] != Outcome.PASSED) == {8, 9, 11, 12}
