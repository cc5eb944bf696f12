"""What is likely to be wrong in each unit, and in each requirement that it has lost.

What is found goes into the result document: `diagnosis` of a unit and of a requirement, each a list
of {"title", "text"}, with the sentences of a known mistake one by one.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.checks import gradient
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.observation import gradient_names, is_right, observe, output_name
from cnn_conformance.diagnosis import (
    changed_arrays,
    changed_formula,
    clues,
    failing_cases,
    ignored_arguments,
    known_mistakes,
    later_calls,
    repeatability,
    smallest,
    wrong_defaults,
)
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.choice import Explanation
from cnn_conformance.diagnosis.comparisons import (
    Comparison,
    answers,
    comparison,
    failing_checks,
    tensor,
)
from cnn_conformance.diagnosis.known_mistakes import VALUES
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import Mistake
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.phrases import more, say

LATER_CALLS = ("-45", "-46")
CALLS = ("-41", *LATER_CALLS)
"""Requirements on later calls, which a wrong forward loses anyhow."""
SAID_OFTEN = 3
"""In how many requirements a clue has to stand, to be said of the unit beside others."""
MOST_CLUES = 3
PLACES = ("wrong where", "not computed where")
VAGUE = (*PLACES, *clues.OF_ALL, "constant multiple")
"""What says where something is wrong, or how it looks, and not what is."""
REPEATABLE = (*units.LAYERS, *units.LOSSES)
CONTRASTED = (*units.where(kind="layer"), *units.LOSSES, *units.LOOPS, *units.OPTIMIZERS)
ENDED = Finding("search ended")
GUESSED = Finding("called by names only")
DIGITS, FITTING = Finding("float32 digits"), Finding("backward fits forward")

Said = Mistake | Finding


def explain(grader: Grader, document: dict[str, Any], only: Collection[str] | None = None) -> None:
    """Add what is likely to be wrong to a result document.

    Whatever goes wrong in it costs one unit its sentences, and is noted once in `problems`.

    Parameters
    ----------
    grader : Grader
        After its run.
    document : dict
        Its result document.
    only : collection of str, optional
        Of which units: of all unless given.
    """
    lost: dict[str, list[dict[str, Any]]] = {}
    for requirement in document["requirements"]:
        asked = only is None or requirement["unit"] in only
        if asked and requirement["verdict"] in WRONG and requirement["aspect"] != "robustness":
            lost.setdefault(requirement["unit"], []).append(requirement)
    by_name = {unit["unit"]: unit for unit in document["units"]}
    failures: dict[str, list[str]] = {}
    tries = changed_formula.budget()
    for name, requirements in lost.items():
        try:
            with _silence():
                _explain_unit(grader, by_name[name], requirements, tries)
        except Exception as error:
            failures.setdefault(f"{type(error).__name__}: {error}", []).append(name)
    grader.implementation.end()
    if failures:
        said = "; ".join(f"{', '.join(names)}: {text}" for text, names in failures.items())
        document["problems"].append(f"the diagnosis failed ({said})")


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what wrong code prints and warns of to itself: wrong numbers may be anything."""
    sink = io.StringIO()
    with (
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _explain_unit(
    grader: Grader, unit: dict[str, Any], lost: list[dict[str, Any]], tries: Budget
) -> None:
    """Add the diagnosis of a unit and of the requirements that it has lost.

    What explains most comes first: answers that differ from call to call, of which no clue holds;
    defaults; mistakes that explain everything; clues for all wrong values; mistakes that explain a
    part; where values are wrong; what is left.
    """
    name, budget = unit["unit"], Budget()
    found = known_mistakes.explain(grader, name, budget)
    failing = failing_checks(grader, name)
    left = {key: result for key, result in failing.items() if key not in found.explained}
    values = {key: result for key, result in left.items() if _aspect(result.requirement) in VALUES}
    differing = repeatability.differences(grader, values) if name in REPEATABLE else []
    spoken_of = {id_ for mistake in found.known for id_ in mistake.loses}
    is_settled = found.whole and {each.requirement for each in failing.values()} <= spoken_of
    defaults = {} if differing or is_settled else wrong_defaults.unsaid(grader, name, failing)
    if defaults:
        fixed = {id_ for ids in defaults.values() for id_ in ids}
        found = replace(known_mistakes.explain(grader, name, budget, fixed), whole=False)
    outputs = _by_output(grader, failing.values())
    came = (each for each in failing.values() if each.outcome is Outcome.FAILED)
    are_wrong = any(_aspect(each.requirement) in VALUES for each in came)
    of_requirements: list[list[Said]] = []
    for requirement in lost:
        id_ = requirement["id"]
        said: list[Said] = [each for each in found.known if found.explains(each, id_)]
        said += [finding for finding, ids in defaults.items() if id_ in ids]
        if not said and not differing:
            found_here = _clues(grader, requirement, are_wrong)
            said += [clue for clue in found_here if _is_for_all(clue, outputs)]
        of_requirements.append(said)
        requirement["diagnosis"] = [_entry(each, found.whole) for each in said]
    known: list[Said] = [each for each in found.known if _is_about_values(each)]
    habits: list[Said] = [each for each in found.known if not _is_about_values(each)]
    if differing:  # what a mistake of the catalogue explains of it, it explains by accident
        explained = {key: failing[key] for key in found.explained if key in failing}
        known = [each for each in found.known if _is_apart(grader, each, explained)]
        habits = []
    elif not found.whole and any(_aspect(r.requirement) == "forward" for r in values.values()):
        state = [each for each in found.known if all(i.endswith(CALLS) for i in each.loses)]
        habits = [each for each in habits if each not in state]
    said = [*differing, *defaults]
    if not _leave_open(failing, found):
        said += known
    is_open = values and not (differing or defaults)
    if is_open:
        everywhere = _everywhere(grader, name, values)
        said += everywhere or changed_formula.explain(grader, name, values, tries)
    said += [each for each in known if each not in said]
    if is_open:
        named = {each.tensor for each in said if isinstance(each, Finding)}
        named |= {n for each in said if isinstance(each, Finding) for n in each.names or ()}
        said += _places(grader, name, found.explained, named, budget)
    said += [each for each in _often(of_requirements, bool(said), outputs) if each not in said]
    has_no_cause = not any(map(_names_a_cause, said))
    if is_open and has_no_cause:
        said += _usual(_by_output(grader, values.values()), said)
    if values and has_no_cause and not (differing or found.explained):
        for example in smallest.example(grader, name, values, budget):
            said = [each for each in said if not _is_contradicted(each, name, example)]
            said.append(example)
    if said and _backward_fits_wrong_forward(grader, name):
        said.append(FITTING)
    said += habits
    said += [ENDED] if budget.ended else []
    if name in grader.implementation.guessed and not answers(grader, name):
        said.insert(0, GUESSED)
    unit["diagnosis"] = [_entry(each, found.whole) for each in said]


def _is_apart(grader: Grader, mistake: Mistake, explained: dict[str, CaseResult]) -> bool:
    """Tell whether what a mistake explains is the same from call to call."""
    its_own = {key: r for key, r in explained.items() if r.requirement in mistake.loses}
    outputs = _by_output(grader, its_own.values())
    return bool(outputs) and not outputs.keys() & set(repeatability.unsteady(grader, its_own))


def _leave_open(failing: dict[str, CaseResult], found: Explanation) -> bool:
    """Tell whether known mistakes leave values open, of forward where it fails, or of backward."""
    for aspect in VALUES:
        wrong = {key for key, result in failing.items() if _aspect(result.requirement) == aspect}
        if wrong:
            return not wrong <= found.explained
    return False


def _places(
    grader: Grader, name: str, explained: Collection[str], named: Collection[Any], budget: Budget
) -> list[Finding]:
    """Return where a unit's values are wrong, and which argument it seems to use wrongly.

    Nothing is said of the outputs that are `named`: what they are is known.
    """
    places = failing_cases.contrasts(grader, name, explained, budget) if name in CONTRASTED else []
    open_ = [(each, tuple(n for n in each.names if n not in named)) for each in places]
    places = [each.with_facts(names=names) for each, names in open_ if names]
    return places + ignored_arguments.ignored(grader, name, budget)


def _by_output(grader: Grader, results: Iterable[CaseResult]) -> dict[Any, list[Comparison]]:
    """Return the comparisons behind failing checks, by the name of what was compared."""
    outputs: dict[Any, list[Comparison]] = {}
    for result in results:
        if (compared := comparison(grader, result)) is not None:
            outputs.setdefault(compared.name, []).append(compared)
    return outputs


def _everywhere(grader: Grader, unit: str, values: dict[str, CaseResult]) -> list[Finding]:
    """Return for each wrong output a clue that holds wherever it is wrong; nothing if one lacks."""
    found = []
    for output, comparisons in _by_output(grader, values.values()).items():
        said = clues.common(comparisons, telling=True)
        if not said:
            said = changed_arrays.explain(grader, _of_output(values.values(), output))
        found.append(said[:1])
    return [clue for (clue,) in found] if all(found) else []


def _of_output(results: Iterable[CaseResult], output: Any) -> list[CaseResult]:
    """Return the results that compare an output."""
    return [result for result in results if tensor(result) == output]


def _names_a_cause(said: Said) -> bool:
    """Tell whether something says what is wrong, and not merely where."""
    return isinstance(said, Mistake) or said.kind not in VAGUE


def _is_contradicted(said: Said, unit: str, example: Finding) -> bool:
    """Tell whether a sentence on where a unit is wrong does not hold for a small example."""
    if isinstance(said, Mistake) or said.kind not in PLACES:
        return False
    return failing_cases.contradicted(said, unit, example)


def _is_for_all(clue: Finding, outputs: dict[Any, list[Comparison]]) -> bool:
    """Tell whether a clue that says "only" or "never" holds wherever that output is wrong."""
    if clue.kind not in clues.OF_ALL:
        return True
    return clue in clues.common(outputs.get(clue.tensor, []))


def _often(
    of_requirements: list[list[Said]], beside_others: bool, outputs: dict[Any, list[Comparison]]
) -> list[Finding]:
    """Return the clues that are worth saying of the unit, with their number where it is not all."""
    counts = Counter(
        each.clue if each.kind == "in most cases" else each
        for said in of_requirements
        for each in said
        if isinstance(each, Finding) and each != DIGITS
    )
    enough = SAID_OFTEN if beside_others else 1
    often = [
        clue
        for clue, count in counts.most_common(MOST_CLUES)
        if count >= enough or clue.kind in later_calls.KINDS
    ]
    return [said for clue in often for said in _of_unit(clue, outputs)]


def _usual(outputs: dict[Any, list[Comparison]], said: list[Said]) -> list[Finding]:
    """Return for each output the clue that holds for most of its finite values that are wrong.

    Where nan or inf comes, something else is wrong than in the numbers that come elsewhere.
    """
    found: list[Finding] = []
    for comparisons in outputs.values():
        finite = [c for c in comparisons if c.got.dtype.kind == "f" and np.isfinite(c.got).all()]
        usual = clues.usual(finite)
        found += [each.with_facts(of=len(comparisons)) for each in usual]
    return [each for each in found if each not in said]


def _of_unit(clue: Finding, outputs: dict[Any, list[Comparison]]) -> list[Finding]:
    """Return a clue as it may be said of the unit: for all that is wrong, or for how much of it."""
    comparisons = outputs.get(clue.tensor, [])
    if not comparisons or clue in clues.common(comparisons):
        return [clue]
    return [each for each in clues.usual(comparisons) if each.clue == clue]


def _is_about_values(mistake: Mistake) -> bool:
    """Tell whether it makes numbers wrong, which comes before dtypes and habits."""
    return any(_aspect(id_) in VALUES for id_ in mistake.loses)


def _aspect(id_: str) -> str:
    return specification.requirements()[id_].aspect


def _entry(said: Said, whole: bool) -> dict[str, Any]:
    """Return what is said as the result document has it."""
    if isinstance(said, Finding):
        return {"title": say(said), "text": more(said)}
    sentences = [said.asks, said.look]
    if not whole:
        sentences.append(say(Finding("explains a part")))
    found = {"title": said.title, "text": " ".join(sentences), "sentences": sentences}
    if said.either:
        return found | {"either": list(said.either)}
    return found | ({"said": said.said, "constant": said.number} if said.constant else {})


def _clues(grader: Grader, requirement: dict[str, Any], values_are_wrong: bool) -> list[Finding]:
    """Return the clues that hold for the failing comparisons of a requirement.

    Where the unit's values themselves are wrong, digits and later calls say nothing.
    """
    results = [
        grader.results[case["check"]]
        for case in requirement["cases"]
        if case["outcome"] == Outcome.FAILED
    ]
    if requirement["id"].endswith(LATER_CALLS):
        came = [grader.results[case["check"]] for case in requirement["cases"]]
        is_wrong = later_calls.are_wrong(came) and not values_are_wrong
        return later_calls.left_over(results) or [later_calls.LATER] * is_wrong
    if requirement["aspect"] == "hygiene" and not values_are_wrong:
        return []
    comparisons = [c for result in results if (c := comparison(grader, result)) is not None]
    if requirement["aspect"] == "precision":
        return [] if values_are_wrong or not comparisons else [DIGITS]
    found = changed_arrays.explain(grader, results)
    if not found and len(comparisons) == len(results):
        found = clues.common(comparisons)
    return (found or clues.usual(comparisons))[:1]


def _backward_fits_wrong_forward(grader: Grader, unit: str) -> bool:
    """Tell whether backward kept all its points, some for fitting a forward that is wrong.

    A gradient that has passed though it is wrong has been found to fit; others are tried here.
    """
    backward = [
        result
        for result in grader.results.values()
        if result.unit == unit and _aspect(result.requirement) == "backward"
    ]
    if unit not in REPEATABLE or any(r.outcome in WRONG for r in backward):
        return False
    mine = grader.implementation
    passed = {(r.case, r.requirement) for r in backward if r.outcome is Outcome.PASSED}

    def fits(case: Case, name: str) -> bool:
        is_known = (case.id, case.requirement.get(name)) in passed
        if is_known and not case.table.get("reduction_apart"):  # there a mean passes too
            return True
        return gradient.fits_own_forward(mine, case, name)

    observed = [case for case, dtype in list(mine.memo) if dtype == "float64" and case.unit == unit]
    fitting = [
        fits(case, name)
        for case in observed
        if not (observe(mine, case).failures or gradient.has_kinks(case))
        if not is_right(mine, case, output_name(case))
        for name in gradient_names(case)
        if not is_right(mine, case, name)
    ]
    return bool(fitting) and all(fitting)
