"""What the answer would be if one array had been changed: flipped, transposed, only a part of it.

The right unit is computed with one array of the case changed; where that gives the wrong answer
that came, in every case that fails, and what is right in every other, the change is what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.observation import observe, output_name
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.comparisons import Comparison, case_of, comparison
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.mistakes import control
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree
from cnn_conformance.oracle.tolerance import coarse
from cnn_conformance.outcomes import Outcome

UNITS = (*units.LAYERS, *units.LOSSES)
PRODUCTS = units.where(optional_bias=True)
"""Units whose output is a product with their weight."""
Change = tuple[Finding, Callable[[Array], Array]]


def explain(grader: Grader, results: list[CaseResult]) -> list[Finding]:
    """Return which changes of one array explain all of some failing checks of an output.

    Parameters
    ----------
    grader : Grader
        After its run.
    results : list of CaseResult
        What compares one output of a unit; of anything else nothing is said.
    """
    if not results or results[0].unit not in UNITS:
        return []
    failing = []
    for result in results:
        compared, case = comparison(grader, result), _case(grader, result)
        if compared is None:
            return []
        if case is not None and case.requirement.get(str(compared.name)) == result.requirement:
            failing.append((case, compared))  # others have no answer of PyTorch's to compare with
    if not failing:
        return []
    output = str(failing[0][1].name)
    right = grader.of_others(control()).implementation
    found = _of_all(right, failing)
    if found:
        wrong_cases = {case for case, _ in failing}
        for case in _judged(grader, results[0].unit, output) - wrong_cases:
            among = [each.change for each in found]
            wrong = set(_making_a_difference(right, case, output, among))
            found = [each for each in found if each.change not in wrong]
    return found


def _of_all(right: Implementation, failing: list[tuple[Case, Comparison]]) -> list[Finding]:
    """Return what explains every one of some wrong answers."""
    found: list[Finding] | None = None
    for case, compared in failing:
        among = None if found is None else [each.change for each in found]
        came = variant(right, case, compared, among)
        found = came if found is None else [each for each in found if each in came]
        if not found:
            return []
    return found or []


def _judged(grader: Grader, unit: str, output: str) -> set[Case]:
    """Return the cases of which a requirement has passed that decides an output."""
    found = set()
    for result in grader.results.values():
        if result.unit == unit and result.outcome is Outcome.PASSED:
            case = _case(grader, result)
            if case is not None and case.requirement.get(output) == result.requirement:
                found.add(case)
    return found


def _case(grader: Grader, result: CaseResult) -> Case | None:
    """Return the case of a result; None for an error or a law."""
    return case_of(grader, result.key) if manifest()[result.key].kind == "case" else None


def variant(
    right: Implementation,
    case: Case,
    compared: Comparison,
    among: Collection[Finding] | None = None,
) -> list[Finding]:
    """Return which changes of one array explain what came for an output of a case.

    Parameters
    ----------
    right : Implementation
        The right units.
    case : Case
        A case of a layer or a loss.
    compared : Comparison
        The wrong answer.
    among : collection of Finding, optional
        The changes that are looked at: all unless given.
    """
    found = []
    output, got, tolerance = str(compared.name), compared.got, compared.tolerance
    for change, answer in _answers(right, case, output, among):
        if agree(answer, case[output], tolerance):
            continue  # what does not change the answer does not explain it
        if agree(got, answer, tolerance):
            found.append(Finding("comes of", tensor=output, change=change))
        elif "x" in case and len(case["x"]) > 1 and agree(got, answer / len(case["x"]), tolerance):
            found.append(Finding("comes of, divided", tensor=output, change=change))
    return found


def _making_a_difference(
    right: Implementation, case: Case, output: str, among: Collection[Finding]
) -> Iterator[Finding]:
    """Yield which of some changes give another answer than the right one."""
    tolerance = coarse(case.bound(output))
    for change, answer in _answers(right, case, output, among):
        if not agree(answer, case[output], tolerance):
            yield change


def _answers(
    right: Implementation, case: Case, output: str, among: Collection[Finding] | None
) -> Iterator[tuple[Finding, Array]]:
    """Yield changes of one array, and what the right unit makes of it then."""
    for name, change, changed in _changed(case, output):
        if among is None or change in among:
            seen = observe(right, replace(case, arrays={**case.arrays, name: changed}))
            if (answer := seen.results.get(output)) is not None:
                yield change, np.asarray(answer)


def _changed(case: Case, output: str) -> Iterator[tuple[str, Finding, Array]]:
    """Yield arrays with one thing changed, by name, and what that is."""
    for name in ("weight", "dout", "x", "target"):
        if name not in case or (name == "dout" and output == output_name(case)):
            continue
        array = case[name]
        for what, change in _changes(case.unit, name, array):
            changed = change(array)
            if changed.shape == array.shape and not np.array_equal(changed, array):
                yield name, what, np.ascontiguousarray(changed)


def _changes(unit: str, name: str, array: Array) -> Iterator[Change]:
    if name == "dout":
        yield from _parts(unit, array)
    if name == "target" and array.ndim > 1 and array.dtype.kind == "f":
        yield Finding("largest class alone"), _largest_alone
    if unit in PRODUCTS and name != "target":
        yield from _turns("kernel" if name == "weight" and array.ndim > 2 else name, array)


def _parts(unit: str, array: Array) -> Iterator[Change]:
    """Yield a gradient of which only a part has come."""
    row = units.of(unit)
    for axis in range(array.ndim):
        for which, place in (("last", -1), ("first", 0)):
            said = Finding("part of dout", which=which, axis=row.axis("y", array.ndim, axis))
            yield said, lambda a, axis=axis, place=place: _alone(a, {axis: place})  # type: ignore[misc]
    if array.ndim == 4:
        for which, place in (("last", -1), ("first", 0)):
            said = Finding("pixel of dout", which=which)
            yield said, lambda a, place=place: _alone(a, {2: place, 3: place})  # type: ignore[misc]
    yield Finding("positive part of dout"), lambda a: np.maximum(a, 0)
    yield Finding("size of dout"), np.abs


def _alone(array: Array, places: dict[int, int]) -> Array:
    """Return an array that is 0 but for some places along some axes."""
    kept = np.zeros_like(array)
    index = tuple(places.get(axis, slice(None)) for axis in range(array.ndim))
    kept[index] = array[index]
    return kept


def _largest_alone(target: Array) -> Array:
    found: Array = np.eye(target.shape[-1])[target.argmax(axis=-1)]
    return found


def _turns(said: str, array: Array) -> Iterator[Change]:
    if array.ndim == 4:
        yield Finding("turned by 180°", array=said), lambda a: a[:, :, ::-1, ::-1]
        yield Finding("upside down", array=said), lambda a: a[:, :, ::-1]
        yield Finding("left to right", array=said), lambda a: a[:, :, :, ::-1]
        yield Finding("rows and columns exchanged", array=said), lambda a: a.swapaxes(2, 3)
        yield Finding("channels reversed", array=said), lambda a: a[:, ::-1]
        yield Finding("flipped", array=said, axes="its axes 0 and 1"), lambda a: np.flip(a, (0, 1))
        yield Finding("flipped", array=said, axes="its axes 1 and 2"), lambda a: np.flip(a, (1, 2))
        yield Finding("flipped", array=said, axes="all its axes"), np.flip
    if array.ndim == 3:
        yield Finding("flipped", array=said, axes="its last axis"), lambda a: a[:, :, ::-1]
        yield Finding("channels reversed", array=said), lambda a: a[:, ::-1]
    first, second = array.shape[:2]
    yield (
        Finding("reshaped for exchanged", array=said),
        lambda a: a.reshape(second, first, *a.shape[2:]).swapaxes(0, 1),
    )
    yield Finding("axes exchanged", array=said), lambda a: a.swapaxes(0, 1)
    yield Finding("sign changed", array=said), lambda a: -a
