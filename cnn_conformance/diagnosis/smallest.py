"""The smallest example that goes wrong, where nothing else is found: few elements, small integers.

The arguments are those of a failing case, the numbers are made up: none of the golden data is in
it. What should have come is computed by the right unit.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.observation import observe
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.comparisons import case_of, comparison
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import control
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree
from cnn_conformance.outcomes import Outcome

UNITS = (*units.LAYERS, *units.LOSSES)
CASES, DRAWS = 3, 4
"""In how many cases, and with how many draws of numbers, an example is looked for."""
MOST = 16
"""How many numbers an input may have, to be shown."""
LARGEST = 4
"""The largest integer in it."""
DIGITS = 1e-6
"""Which share of a number counts as rounding: an implementation may compute in float32."""


class Search:
    """Examples of one case's arguments, tried on what is graded and on the right unit.

    Parameters
    ----------
    grader : Grader
        After its run.
    case : Case
        A failing case.
    budget : Budget
        How many examples may be tried.
    outputs : collection, optional
        The outputs that count. A gradient that fits a wrong forward is no example of a mistake. All
        of them unless given.
    """

    def __init__(
        self, grader: Grader, case: Case, budget: Budget, outputs: Collection[Any] = ()
    ) -> None:
        self.outputs = outputs
        self.mine = grader.implementation
        self.right = grader.of_others(control()).implementation
        self.case, self.budget = case, budget
        self.input = next(name for name in ("x", "logits", "pred") if name in case)

    def first(self, seed: int) -> dict[str, Array]:
        """Return the case's inputs and parameters with numbers of our own."""
        rng = np.random.default_rng(seed)
        made = {}
        for name in (self.input, "target", *self.case.params):
            array = self.case.get(name)
            if array is None:
                continue
            if array.dtype.kind in "iu" or self._is_target(name):
                made[name] = array.copy()
            else:
                made[name] = rng.integers(1, LARGEST + 1, array.shape).astype(array.dtype)
                made[name] *= rng.choice([-1, 1], array.shape).astype(array.dtype)
        return made

    def _is_target(self, name: str) -> bool:
        return name == "target" and units.of(self.case.unit).targets != "values"

    def wrong(self, arrays: dict[str, Array]) -> Finding | None:
        """Return what is wrong with an example; None where nothing is, or it cannot be judged.

        Its fact `case` is the example itself.
        """
        for name, got, expected, example in self.wrong_outputs(arrays):
            if self.outputs and name not in self.outputs:
                continue
            given = {n: array for n, array in example.arrays.items() if (name, n) != ("y", "dout")}
            return _example(example, given, name, got, expected)
        return None

    def wrong_outputs(self, arrays: dict[str, Array]) -> list[tuple[str, Array, Array, Case]]:
        """Return what is wrong with an example, in order: its name, what came, what is right.

        The last of each is the example itself. Nothing where it cannot be judged.
        """
        if not self.budget.allows():
            return []
        given = dict(arrays)
        example = replace(self.case, arrays=given)
        if units.of(example.unit).kind == "layer":
            try:
                layer: Any = control()[example.unit](*example.args, **example.options)  # type: ignore[operator]
                layer.params.update({name: arrays[name] for name in example.params})
                y = layer.forward(arrays["x"])
            except ValueError:  # too small for the window
                return []
            given["dout"] = 1.0 + np.arange(y.size).reshape(y.shape) % LARGEST
        mine, right = observe(self.mine, example), observe(self.right, example)
        del self.mine.memo[example, "float64"]  # it is none of the cases
        if right.failures:
            return []
        found = []
        for name, expected in right.results.items():
            got = np.asarray(mine.results.get(name))
            if got.dtype.kind != "f" or got.shape != np.shape(expected):
                break
            if not agree(got, expected, DIGITS * (1 + float(np.abs(expected).max(initial=0.0)))):
                found.append((name, got, np.asarray(expected), example))
        return found

    def smaller(self, arrays: dict[str, Array]) -> Iterator[dict[str, Array]]:
        """Yield examples with one thing less: a place along an axis of the input, then a number."""
        x = arrays[self.input]
        for axis, length in enumerate(x.shape):
            if length > 1 and not self._is_fixed(axis):
                shorter = {self.input: x.take(range(length - 1), axis)}
                if "target" in arrays and axis < arrays["target"].ndim:
                    shorter["target"] = arrays["target"].take(range(length - 1), axis)
                yield {**arrays, **shorter}
        if x.size > MOST:
            return
        for name in (self.input, *self.case.params):
            for place in zip(*np.nonzero(arrays[name]), strict=True):
                fewer = arrays[name].copy()
                fewer[place] = 0
                yield {**arrays, name: fewer}

    def _is_fixed(self, axis: int) -> bool:
        """Tell whether the length of an axis of the input follows from the arguments or labels."""
        if units.of(self.case.unit).kind == "loss":
            return axis > 0
        letters = units.of(self.case.unit).letters("x", self.case["x"].ndim)
        of_parameters = bool(self.case.params)
        return of_parameters and letters[axis : axis + 1] not in (["N"], ["H"], ["W"], ["T"])


def example(
    grader: Grader, unit: str, failing: dict[str, CaseResult], budget: Budget
) -> list[Finding]:
    """Return the smallest wrong example of a layer or a loss, in a list of one or none.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A unit that has lost requirements.
    failing : dict
        Its failing checks.
    budget : Budget
        How many examples may be tried.
    """
    if unit not in UNITS:
        return []
    cases = {
        case_of(grader, key): None
        for key, result in failing.items()
        if result.outcome is Outcome.FAILED and manifest()[key].kind == "case"
    }
    compared = (comparison(grader, result) for result in failing.values())
    outputs = {each.name for each in compared if each is not None}
    fitting = [c for c in cases if "before" not in c and ("x" in c or "target" in c)]
    for case, seed in itertools.product(sorted(fitting, key=size)[:CASES], range(DRAWS)):
        search = Search(grader, case, budget, outputs)
        arrays = search.first(seed)
        found = search.wrong(arrays)
        while found is not None:
            for fewer in search.smaller(arrays):
                if (still := search.wrong(fewer)) is not None:
                    arrays, found = fewer, still
                    break
            else:
                return [found] if arrays[search.input].size <= MOST else []
    return []


def size(case: Case) -> int:
    """Return how many numbers a case has."""
    return sum(array.size for name, array in case.arrays.items() if "." not in name)


def _example(
    case: Case, given: dict[str, Array], name: str, got: Array, expected: Array
) -> Finding:
    arguments = [repr(value) for value in case.args]
    arguments += [f"{option}={value!r}" for option, value in case.options.items()]
    return Finding(
        "smallest example",
        case=case,
        call=f"{case.unit}({', '.join(arguments)})",
        given=tuple((each, _shown(array)) for each, array in given.items()),
        tensor=name,
        got=_shown(got),
        expected=_shown(expected),
    )


def _shown(array: Array) -> str:
    """Return an array in one line, with few digits."""
    with np.printoptions(precision=4, suppress=True, threshold=MOST * 4):
        return " ".join(np.array2string(array + 0, separator=", ").split())  # 0 for -0
