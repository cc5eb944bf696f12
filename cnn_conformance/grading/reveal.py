"""How much of a private set of golden data the reports may show.

A function of the result document, applied before anything is shown or written:

- `all`: everything;
- `diagnosis`: no number of the golden data and no text of the implementation's, which knows the
  inputs; what is left is the outcome, the shapes, how much is wrong, and the diagnosis;
- `requirement`: the sentence and the outcome only;
- `verdict`: the graded table only.
"""

from __future__ import annotations

import builtins
from typing import Any

from cnn_conformance.outcomes import Outcome

LEVELS = ("all", "diagnosis", "requirement", "verdict")
KEPT_DETAILS = ("shape", "got_shape", "expected_shape", "wrong_elements", "elements", "diagnosis")
MESSAGES = {
    Outcome.FAILED: "the answer is wrong",
    Outcome.ERROR: "an exception was raised",
    Outcome.TIMEOUT: "no answer within the limit",
    Outcome.CRASHED: "the process of the implementation ended",
    Outcome.MISSING: "not exported",
    Outcome.NOT_STARTED: "not started",
    Outcome.UNSUPPORTED: "not offered",
    Outcome.BLOCKED: "cannot be judged until something else is right",
    Outcome.SUITE_ERROR: "the suite made a mistake",
}


def apply(document: dict[str, Any], level: str) -> dict[str, Any]:
    """Return a result document that shows no more than a level allows.

    Parameters
    ----------
    document : dict
        The whole result document; it is not changed.
    level : {"all", "diagnosis", "requirement", "verdict"}
        How much may be shown; the document says which it was.
    """
    if level not in LEVELS:
        raise ValueError(f"reveal: expected one of {', '.join(LEVELS)}, got {level}")
    shown = {**document, "reveal": level}
    if level == "all":
        return shown
    shown["problems"] = [_problem(problem, level) for problem in document["problems"]]
    shown["fixtures"] = {**document["fixtures"], "seed": None}  # the seed gives all numbers
    shown["units"] = [_without_diagnosis(unit, level) for unit in document["units"]]
    shown["requirements"] = [
        {
            **_without_diagnosis(requirement, level),
            "cases": [_case(case, level) for case in requirement["cases"]],
        }
        for requirement in document["requirements"]
    ]
    return shown


def _without_diagnosis(entry: dict[str, Any], level: str) -> dict[str, Any]:
    if level == "diagnosis":
        return entry
    return {key: value for key, value in entry.items() if key != "diagnosis"}


def _problem(problem: str, level: str) -> str:
    """Return what stood in the way of the import: without it nobody could mend anything."""
    return problem if level != "verdict" else "the implementation could not be imported as a whole"


def _case(case: dict[str, Any], level: str) -> dict[str, Any]:
    if "message" not in case:
        return case
    kept = {key: case[key] for key in ("check", "case", "outcome", "seconds")}
    if level != "diagnosis":
        return {**kept, "why": "", "message": "", "prints": "", "details": {}}
    details = {key: case["details"][key] for key in KEPT_DETAILS if key in case["details"]}
    return {
        **kept,
        "why": case["why"],
        "message": _message(case, details),
        "prints": "",
        "details": details,
    }


def _message(case: dict[str, Any], details: dict[str, Any]) -> str:
    """Return what may be said of a case: of the suite's own words alone."""
    said = MESSAGES[Outcome(case["outcome"])]
    if "got_shape" in details:
        said = f"the shape is {details['got_shape']}, expected {details['expected_shape']}"
    elif details.get("elements", 1) > 1:
        said += f": {details['wrong_elements']} of {details['elements']} elements"
    name = case["message"].partition(":")[0]
    kind = getattr(builtins, name, None)
    if case["outcome"] == Outcome.ERROR and isinstance(kind, type):
        said = f"{name} was raised"
    return f"{said} (the numbers are hidden)"
