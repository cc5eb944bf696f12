"""What is likely to be wrong in one unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from cnn_conformance import units
from cnn_conformance.checks.observation import (
    gradient_names,
    is_right,
    observe,
    output_name,
)
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis import clues, contrasts, defaults, fresh, matching, options, variants
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.comparisons import case_of, comparison
from cnn_conformance.grading.grader import CaseResult, Grader
from cnn_conformance.mistakes import Mistake
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import WRONG, Outcome

LATER_CALLS = ("-45", "-46")
CALLS = ("-41", *LATER_CALLS)
"""Requirements on later calls, which a wrong forward loses anyhow."""
SAID_OFTEN = 3
"""In how many requirements a clue has to stand, to be said of the unit beside others."""
MOST_CLUES = 3
REPEATABLE = (*units.LAYERS, *units.LOSSES)
CONTRASTED = (*units.where(kind="layer"), *units.LOSSES, *units.LOOPS, *units.OPTIMIZERS)
VALUES = ("forward", "backward")
Entry = dict[str, str]

ENDED = "The search for known mistakes ended before its end: there may be more to say"
LATER = "Right on the first call, wrong on a later one: something is kept between calls"
DIGITS: Entry = {
    "title": "The values are right to the digits of float32 only",
    "text": "Something is computed in float32, or a small number is added where none belongs.",
}
FITTING: Entry = {
    "title": "Your backward fits your forward; the forward is wrong",
    "text": "Mend forward first: backward has kept its points for fitting it.",
}


def explain_unit(grader: Grader, unit: dict[str, Any], lost: list[dict[str, Any]]) -> None:
    """Add the diagnosis of a unit and of the requirements that it has lost.

    What explains most comes first: answers that differ from call to call, of which no clue holds;
    defaults; mistakes that explain everything; clues for all wrong values; where they are wrong;
    mistakes that explain a part; what is left.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : dict
        The unit in the result document.
    lost : list of dict
        Its requirements there that are lost, those of the robustness aspect left out.
    """
    name, budget = unit["unit"], Budget()
    found = matching.explain(grader, name, budget)
    failing = matching.failing_checks(grader, name)
    left = {key: result for key, result in failing.items() if key not in found.explained}
    values = {key: result for key, result in left.items() if _aspect(result.requirement) in VALUES}
    differing = fresh.differences(grader, values) if name in REPEATABLE else []
    unsaid = {} if differing or found.whole else defaults.unsaid(grader, name, failing)
    if unsaid:
        mended = {id_ for ids in unsaid.values() for id_ in ids}
        found = replace(matching.explain(grader, name, budget, mended), whole=False)
    for requirement in lost:
        id_ = requirement["id"]
        entries = [_entry(each, found.whole) for each in found.known if id_ in each.loses]
        entries += [_said(sentence) for sentence, ids in unsaid.items() if id_ in ids]
        if not entries and not differing:
            entries = _clues(grader, requirement, {each["aspect"] for each in lost})
        requirement["diagnosis"] = entries
    known = [_entry(each, found.whole) for each in found.known if _is_about_values(each)]
    habits = [_entry(each, found.whole) for each in found.known if not _is_about_values(each)]
    if differing:  # what a mistake of the catalogue explains of it, it explains by accident
        known = habits = []
    elif not found.whole and any(_aspect(r.requirement) == "forward" for r in values.values()):
        state = [each for each in found.known if all(i.endswith(CALLS) for i in each.loses)]
        habits = [each for each in habits if each not in [_entry(one, False) for one in state]]
    said = [_said(each) for each in [*differing, *unsaid]]
    if not _leave_open(failing, found):
        said += known
    if values and not (differing or unsaid):
        said += [_said(each) for each in _everywhere(grader, values)]
        said += [_said(each) for each in _places(grader, name, budget)]
    said += [each for each in known if each not in said]
    said += [each for each in _often(lost, bool(said)) if each not in said]
    if _backward_fits_wrong_forward(grader, name):
        said.append(FITTING)
    said += habits
    said += [_said(ENDED)] if budget.ended else []
    unit["diagnosis"] = said


def _leave_open(failing: dict[str, CaseResult], found: matching.Explanation) -> bool:
    """Tell whether known mistakes leave values open, of forward where it fails, or of backward."""
    for aspect in VALUES:
        wrong = {key for key, result in failing.items() if _aspect(result.requirement) == aspect}
        if wrong:
            return not wrong <= found.explained
    return False


def _places(grader: Grader, name: str, budget: Budget) -> list[str]:
    """Return where a unit's values are wrong, and which argument it seems to use wrongly."""
    places = contrasts.contrasts(grader, name) if name in CONTRASTED else []
    return places + options.ignored(grader, name, budget)


def _everywhere(grader: Grader, values: dict[str, CaseResult]) -> list[str]:
    """Return for each wrong output a clue that holds wherever it is wrong; nothing if one lacks."""
    outputs: dict[str, list[clues.Comparison]] = {}
    for result in values.values():
        if (compared := comparison(grader, result)) is not None:
            outputs.setdefault(compared.name, []).append(compared)
    found = [clues.common(comparisons, telling=True)[:1] for comparisons in outputs.values()]
    return [clue for (clue,) in found] if all(found) else []


def _often(lost: list[dict[str, Any]], beside_others: bool) -> list[Entry]:
    """Return the clues that are worth saying of the unit."""
    counts = Counter(
        entry["title"].partition(", in ")[0]
        for requirement in lost
        for entry in requirement["diagnosis"]
        if not entry["text"]
    )
    enough = SAID_OFTEN if beside_others else 1
    return [_said(title) for title, count in counts.most_common(MOST_CLUES) if count >= enough]


def _is_about_values(mistake: Mistake) -> bool:
    """Tell whether it makes numbers wrong, which is to be mended before dtypes and habits."""
    return any(_aspect(id_) in VALUES for id_ in mistake.loses)


def _aspect(id_: str) -> str:
    return specification.requirements()[id_].aspect


def _said(sentence: str) -> Entry:
    return {"title": sentence, "text": ""}


def _entry(mistake: Mistake, whole: bool) -> Entry:
    part = "" if whole else " (This explains a part of what failed.)"
    text = f"{mistake.asks} {mistake.look}".strip()
    return {"title": mistake.said.rstrip("."), "text": text + part}


def _clues(grader: Grader, requirement: dict[str, Any], aspects: set[str]) -> list[Entry]:
    """Return the clues that hold for the failing comparisons of a requirement.

    `aspects` are those in which the unit has lost anything: where the values themselves are wrong,
    digits and later calls say nothing.
    """
    values_are_wrong = bool(aspects & set(VALUES))
    if requirement["aspect"] == "hygiene" and not values_are_wrong:
        later = requirement["id"].endswith(LATER_CALLS)
        return [_said(LATER)] if later else []
    results = [
        grader.results[case["check"]]
        for case in requirement["cases"]
        if case["outcome"] == Outcome.FAILED
    ]
    comparisons = [c for result in results if (c := comparison(grader, result)) is not None]
    if requirement["aspect"] == "precision":
        return [] if values_are_wrong or not comparisons else [DIGITS]
    found = _variants(grader, results) if requirement["unit"] in variants.UNITS else []
    if not found and len(comparisons) == len(results):
        found = clues.common(comparisons)
    found = found or clues.usual(comparisons)
    return [_said(clue) for clue in found[:1]]


def _variants(grader: Grader, results: list[CaseResult]) -> list[str]:
    """Return what the changes of one array explain in all results that compare a whole array."""
    found: list[str] | None = None
    for result in results:
        compared = comparison(grader, result)
        is_case = manifest()[result.key].kind == "case"
        if compared is None or not is_case or compared.name not in ("y", "dx", "dweight"):
            return []
        case = case_of(grader, result.key)
        known = variants.variant(case, compared.name, compared.got, compared.tolerance)
        found = known if found is None else [each for each in found if each in known]
    return found or []


def _backward_fits_wrong_forward(grader: Grader, unit: str) -> bool:
    """Tell whether backward kept its points for fitting a forward that is wrong."""
    wrong = {
        _aspect(result.requirement)
        for result in grader.results.values()
        if result.unit == unit and result.outcome in WRONG
    }
    if unit not in REPEATABLE or "forward" not in wrong or "backward" in wrong:
        return False
    observed = [c for c, d in list(grader.implementation.memo) if d == "float64" and c.unit == unit]
    return any(
        "backward" not in observe(grader.implementation, case).failures
        and not is_right(grader.implementation, case, output_name(case))
        and not all(is_right(grader.implementation, case, n) for n in gradient_names(case))
        for case in observed
    )
