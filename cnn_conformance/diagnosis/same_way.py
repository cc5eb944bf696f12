"""Whether two implementations go wrong in the same way: the same array, or the same finding."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.findings import Finding
from cnn_conformance.oracle.comparison import agree

LARGE = 1e-9
"""The share of a wrong number that two wrong ways may differ by: it may be larger than right."""
ANY = ("draw", "direction", "part")
"""Facts in which two findings of the same mistake may differ."""


def same(one: CaseResult, other: CaseResult) -> bool:
    """Tell whether two implementations went wrong in the same way in a check."""
    if one.outcome is not other.outcome:
        return False
    if one.compared is not None and other.compared is not None:
        allowed = 2 * one.compared.allowed
        mine, theirs = one.compared.got, other.compared.got
        if mine.dtype.kind not in "biuf" or theirs.dtype.kind not in "biuf":
            return False
        if units.of(one.unit).is_random and mine.shape == theirs.shape:
            survive = (mine != 0) & (theirs != 0)  # which elements do is left to the implementation
            if mine.all() or theirs.all() or survive.any():
                mine, theirs = mine[survive], theirs[survive]
        with np.errstate(all="ignore"):
            allowed = max(allowed, LARGE * float(np.abs(mine).max(initial=0.0)))
            finite = np.isfinite(mine) & np.isfinite(theirs) if mine.shape == theirs.shape else True
            if not np.all(finite):
                same_places = np.array_equal(np.isfinite(mine), np.isfinite(theirs))
                return same_places and agree(mine[finite], theirs[finite], allowed)
        return agree(mine, theirs, allowed)
    assert one.finding is not None  # both are wrong
    assert other.finding is not None
    return _alike(one.finding, other.finding)


def _alike(one: Any, other: Any) -> bool:
    """Tell whether two findings are the same but for numbers, which differ by rounding.

    Nor does it matter which part of a mask the counts have struck first. Of what was raised the
    class counts, and the text without its numbers and without what numpy calls a read-only array.
    """
    if isinstance(one, Finding) and isinstance(other, Finding):
        if one.kind != other.kind or one.facts.keys() != other.facts.keys():
            return False
        if one.kind == "dropped" and abs(one.count - other.count) > 0.1 * max(
            one.count, other.count
        ):
            return False
        return all(_alike(one.facts[n], other.facts[n]) for n in one.facts if n not in ANY)
    if isinstance(one, str) and isinstance(other, str):
        return _without_numbers(one) == _without_numbers(other)
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return True
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


def _without_numbers(text: str) -> str:
    line = re.sub(r"-?\d[\d.e+-]*", "#", text.split("\n")[0])
    return re.sub(r"(output array|assignment destination)(?= is read-only)", "#", line)
