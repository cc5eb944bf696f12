"""What is wrong on a later call: whether it is, and what is left of an earlier one."""

from __future__ import annotations

from collections.abc import Iterable

from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.findings import Finding
from cnn_conformance.outcomes import WRONG

LATER = Finding("wrong on a later call")
CARRIED_OVER = "carried over"
KINDS = (LATER.kind, CARRIED_OVER)


def are_wrong(results: Iterable[CaseResult]) -> bool:
    """Tell whether a later call is wrong: one that is refused is as the first has been."""
    return any(
        result.outcome in WRONG
        and not (result.finding is not None and result.finding.kind == "refused no option")
        for result in results
    )


def left_over(results: list[CaseResult]) -> list[Finding]:
    """Return what is left of an earlier call in all wrong answers of later ones."""
    found = [result.finding.root() for result in results if result.finding is not None]
    instead = {each.instead for each in found}
    names = tuple(dict.fromkeys(each.tensor for each in found))
    is_one = len(instead) == 1 and None not in instead
    return [Finding(CARRIED_OVER, names=names, instead=instead.pop())] if is_one else []
