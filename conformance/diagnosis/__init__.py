"""Saying what is wrong: known mistakes by name, and clues from the arrays themselves.

Runs after grading, on what failed only, in the grader's process; it changes no verdict. What it
finds goes into the result document: `diagnosis` of a unit (known mistakes) and of a requirement
(known mistakes and clues), each a list of {"title", "text"}.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import numpy as np

from conformance.arrays import Array
from conformance.checks.observation import LOSSES, gradient_names, is_right, observe, output_name
from conformance.checks.registry import manifest
from conformance.diagnosis import clues, contrasts, matching, options, variants
from conformance.grading.grader import CaseResult, Grader
from conformance.misconceptions import Misconception
from conformance.oracle import specification
from conformance.oracle.cases import Case
from conformance.outcomes import WRONG, Outcome

SECONDS = 1.5
LATER_CALLS = ("-45", "-46")
SAID_OFTEN = 3
"""In how many requirements a clue has to stand, to be said of the unit beside others."""
MOST_CLUES = 3
LOOPS = ("fit", "evaluate", "predict")
ACTIVATIONS = ("ReLU", "LeakyReLU", "ELU", "Sigmoid", "Tanh", "Softmax")
POOLING = ("MaxPool2D", "AvgPool2D", "GlobalAvgPool2D", "GlobalMaxPool2D")
LAYERS = ("Conv2D", *POOLING, "Flatten", "Dense", "BatchNorm2D", "RNN", *ACTIVATIONS, *LOSSES)


def explain(grader: Grader, document: dict[str, Any]) -> None:
    """Add what is likely to be wrong to a result document.

    Parameters
    ----------
    grader : Grader
        After its run.
    document : dict
        Its result document.
    """
    deadline = time.monotonic() + SECONDS
    lost: dict[str, list[dict[str, Any]]] = {}
    for requirement in document["requirements"]:
        if requirement["verdict"] in WRONG and requirement["aspect"] != "robustness":
            lost.setdefault(requirement["unit"], []).append(requirement)
    for place, (name, requirements) in enumerate(lost.items()):
        now = time.monotonic()
        share = max(0.0, deadline - now) / (len(lost) - place)
        (unit,) = [each for each in document["units"] if each["unit"] == name]
        _explain_unit(grader, unit, requirements, now + share)


def _explain_unit(
    grader: Grader, unit: dict[str, Any], lost: list[dict[str, Any]], deadline: float
) -> None:
    """Add the diagnosis of a unit and of the requirements that it has lost."""
    name = unit["unit"]
    known, whole = matching.explain(grader, name, deadline)
    clues_of_unit = []
    if not whole and name in (*LAYERS, *LOOPS):
        clues_of_unit += contrasts.contrasts(grader, name)
    if not whole:
        clues_of_unit += options.ignored(grader, name, deadline)
    aspects = {requirement["aspect"] for requirement in lost}
    for requirement in lost:
        names = [_entry(each, whole) for each in known if requirement["id"] in each.loses]
        requirement["diagnosis"] = names or _clues(grader, requirement, aspects)
    said = Counter(
        e["title"].partition(", in ")[0] for r in lost for e in r["diagnosis"] if not e["text"]
    )
    values = [each for each in known if _is_about_values(each)]
    enough = SAID_OFTEN if values or clues_of_unit else 1
    clues_of_unit += [title for title, count in said.most_common(MOST_CLUES) if count >= enough]
    unit["diagnosis"] = [_entry(each, whole) for each in values]
    unit["diagnosis"] += [{"title": each, "text": ""} for each in clues_of_unit]
    if _backward_fits_wrong_forward(grader, name):
        unit["diagnosis"].append(
            {
                "title": "Your backward fits your forward; the forward is wrong",
                "text": "Mend forward first: backward has kept its points for fitting it.",
            }
        )
    unit["diagnosis"] += [_entry(each, whole) for each in known if each not in values]


def _is_about_values(misconception: Misconception) -> bool:
    """Tell whether it makes numbers wrong, which is to be mended before dtypes and habits."""
    known = specification.requirements()
    return any(known[id_].aspect in ("forward", "backward") for id_ in misconception.loses)


def _entry(misconception: Misconception, whole: bool) -> dict[str, str]:
    title, _, text = " ".join(misconception.explanation.split()).partition(". ")
    part = "" if whole else " (This explains a part of what failed.)"
    return {"title": title.rstrip("."), "text": text + part}


def _clues(grader: Grader, requirement: dict[str, Any], aspects: set[str]) -> list[dict[str, str]]:
    """Return the clues that hold for the failing comparisons of a requirement.

    `aspects` are those in which the unit has lost anything: where the values themselves are wrong,
    digits and later calls say nothing.
    """
    values_are_wrong = bool(aspects & {"forward", "backward"})
    if requirement["aspect"] == "hygiene" and not values_are_wrong:
        later = requirement["id"].endswith(LATER_CALLS)
        title = "Right on the first call, wrong on a later one: something is kept between calls"
        return [{"title": title, "text": ""}] if later else []
    results = [
        grader.results[case["check"]]
        for case in requirement["cases"]
        if case["outcome"] == Outcome.FAILED
    ]
    comparisons = [c for result in results if (c := _comparison(grader, result)) is not None]
    if requirement["aspect"] == "precision":
        if values_are_wrong or not comparisons:
            return []
        return [
            {
                "title": "The values are right to the digits of float32 only",
                "text": "Something is computed in float32, or a small number is added where none "
                "belongs.",
            }
        ]
    found = _variants(grader, results) if requirement["unit"] in variants.UNITS else []
    if not found and len(comparisons) == len(results):
        found = clues.common(comparisons)
    found = found or clues.usual(comparisons)
    return [{"title": clue, "text": ""} for clue in found[:1]]


def _variants(grader: Grader, results: list[CaseResult]) -> list[str]:
    """Return what the changes of one array explain in all results that compare a whole array."""
    found: list[str] | None = None
    for result in results:
        check = manifest()[result.key]
        case = grader.fixtures.unit(check.stem).of(check.kind)[check.case]
        output = result.details.get("_name")
        if check.kind != "case" or output not in ("y", "dx", "dweight"):
            return []
        got = np.asarray(result.details["_got"])
        known = variants.variant(case, output, got, float(result.details.get("allowed", 1e-6)))
        found = known if found is None else [each for each in found if each in known]
    return found or []


def _comparison(grader: Grader, result: CaseResult) -> clues.Comparison | None:
    """Return the arrays behind a failed comparison."""
    if "_got" not in result.details:
        return None
    check = manifest()[result.key]
    cases = grader.fixtures.unit(check.stem).of(check.kind)
    case = cases[check.case]
    return clues.Comparison(
        name=str(result.details["_name"]),
        got=np.asarray(result.details["_got"]),
        expected=np.asarray(result.details["_expected"]),
        tolerance=float(result.details.get("allowed", 1e-6)),
        sizes=_sizes(case),
        others=_others(case),
    )


def _sizes(case: Case) -> dict[str, int]:
    """Return the numbers of a case by the names that the specification gives them."""
    sizes: dict[str, int] = {}
    arrays = case.arrays
    names = {"x": ("N", "C", "H", "W"), "y": ("N", "K", "OH", "OW"), "logits": ("N", "K")}
    if case.unit == "Conv2D" and "weight" in arrays:
        names["weight"] = ("K", "C", "KH", "KW")
    for array, axes in names.items():
        if array in arrays and arrays[array].ndim == len(axes):
            sizes |= dict(zip(axes, arrays[array].shape, strict=True))
    for array in ("x", "logits", "pred"):
        if array in arrays:
            sizes["N"] = arrays[array].shape[0]
    if "pred" in arrays:
        sizes["the number of elements"] = arrays["pred"].size
        sizes["the number of elements of a sample"] = arrays["pred"][0].size
    padding = case.options.get("padding", 0)
    sizes["PH"], sizes["PW"] = padding if isinstance(padding, tuple) else (padding, padding)
    return sizes


def _others(case: Case) -> dict[str, Array]:
    return {name: array for name, array in case.arrays.items() if not name.endswith(".bound")}


def _backward_fits_wrong_forward(grader: Grader, unit: str) -> bool:
    """Tell whether backward kept its points for fitting a forward that is wrong."""
    aspects = specification.requirements()
    wrong = {
        aspects[r.requirement].aspect
        for r in grader.results.values()
        if r.unit == unit and r.outcome in WRONG
    }
    if unit not in LAYERS or "forward" not in wrong or "backward" in wrong:
        return False
    observed = [c for c, d in list(grader.implementation.memo) if d == "float64" and c.unit == unit]
    return any(
        "backward" not in observe(grader.implementation, case).failures
        and not is_right(grader.implementation, case, output_name(case))
        and not all(is_right(grader.implementation, case, n) for n in gradient_names(case))
        for case in observed
    )
