"""Whether an output is wrong without a feature that its failing cases share: then it is no cause.

The cases are few, and what sets them apart may do so by accident. A failing case with one sample,
one channel or one filter, without its stride or padding, and with other numbers, shows that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import Grader
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.case_features import features
from cnn_conformance.diagnosis.smallest import UNITS, Search, size
from cnn_conformance.findings import Finding
from cnn_conformance.oracle.cases import Case

CASES = 3
"""In how many failing cases, the smallest first, a feature is done without."""


def is_needless(
    grader: Grader, unit: str, output: str, feature: Finding, failing: list[Case], budget: Budget
) -> bool:
    """Tell whether an output of a layer or a loss is wrong in a case without a feature too.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        Whose output it is.
    output : str
        For example "dweight".
    feature : Finding
        One of `features`.
    failing : list of Case
        The cases that fail, which have it.
    budget : Budget
        How many cases may be tried.
    """
    leave = WITHOUT.get(feature.kind)
    if leave is None or unit not in UNITS:
        return False
    for case in sorted(failing, key=size)[:CASES]:
        if "before" in case or not ("x" in case or "target" in case):
            continue
        without = leave(case)
        if without is None or dict(features(without, unit)).get(feature, True):
            continue
        search = Search(grader, without, budget)
        if any(name == output for name, *_ in search.wrong_outputs(search.first(0))):
            return True
    return False


def _one_sample(case: Case) -> Case:
    return _cut(case, {"x": 0, "logits": 0, "pred": 0, "target": 0})


def _one_channel(case: Case) -> Case | None:
    if "groups" in case.options:
        return None
    one = _cut(case, {"x": 1, "weight": _axis(case, "C")})
    return replace(one, args=(1, *case.args[1:])) if case.params else one


def _one_filter(case: Case) -> Case | None:
    if "groups" in case.options:
        return None
    one = _cut(case, {"weight": _axis(case, "K"), "bias": 0})
    return replace(one, args=(case.args[0], 1, *case.args[2:]))


def _axis(case: Case, letter: str) -> int:
    """Return which axis of the weight has a letter; 0 where there is none."""
    letters = units.of(case.unit).letters("weight", case["weight"].ndim if "weight" in case else 0)
    return letters.index(letter) if letter in letters else 0


def _square(case: Case) -> Case:
    x = case["x"]
    side = min(x.shape[2:])
    return replace(case, arrays={**case.arrays, "x": x[:, :, :side, :side]})


def _lacking(option: str, value: Any) -> Callable[[Case], Case | None]:
    """Return what gives a window another value for an argument."""

    def leave(case: Case) -> Case | None:
        return replace(case, options={**case.options, option: value})

    return leave


def _cut(case: Case, axes: dict[str, int]) -> Case:
    """Return a case with the first place only along an axis of some of its arrays."""
    given: dict[str, Array] = dict(case.arrays)
    for name, axis in axes.items():
        if name in given:
            given[name] = given[name].take(range(1), axis)
    return replace(case, arrays=given)


WITHOUT: dict[str, Callable[[Case], Case | None]] = {
    "several samples": _one_sample,
    "several channels": _one_channel,
    "several filters": _one_filter,
    "image not square": _square,
    "stride above 1": _lacking("stride", 1),
    "padding": _lacking("padding", 0),
}
"""For each feature that a case can do without, what it is then; nothing where it cannot."""
