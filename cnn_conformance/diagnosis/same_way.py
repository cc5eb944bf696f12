"""Whether two implementations go wrong in the same way: the same array, or the same finding."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.findings import Finding
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.comparison import agree

LARGE = 1e-9
"""The share of a wrong number that two wrong ways may differ by: it may be larger than right."""
ROUNDING = 1e-6
"""The share of a number of a finding that two of the same mistake may differ by."""
COUNTED = 0.1
"""The same of what was counted in masks, which are drawn."""
SINGLE = float(np.finfo(np.float32).eps / np.finfo(np.float64).eps)
"""How much coarser float32 is than float64."""
ROUNDED_ONCE = 0.9
"""The share of numbers that are the nearest to the right ones where only the result is rounded."""
ANY = ("draw", "direction", "part")
"""Facts in which two findings of the same mistake may differ."""


def same(one: CaseResult, other: CaseResult) -> bool:
    """Tell whether two implementations went wrong in the same way in a check."""
    if one.outcome is not other.outcome:
        return False
    if one.compared is not None and other.compared is not None:
        mine, theirs = one.compared.got, other.compared.got
        if mine.dtype.kind not in "biuf" or theirs.dtype.kind not in "biuf":
            return False
        if units.of(one.unit).is_random and mine.shape == theirs.shape:
            return _same_but_for_the_mask(mine, theirs, 2 * one.compared.allowed)
        coarser = SINGLE if _are_both_single(one, other) else 1.0
        return same_arrays(mine, theirs, 2 * coarser * one.compared.allowed)
    assert one.finding is not None  # both are wrong
    assert other.finding is not None
    if _both_refuse(one.finding, other.finding, one.unit):
        return True
    return _alike(one.finding, other.finding, drawn=units.of(one.unit).is_random)


def _both_refuse(one: Finding, other: Finding, unit: str) -> bool:
    """Tell whether both have refused the arguments, one by an assertion that says nothing.

    That is a mistake about what may be refused, and has any words; an error that the author has
    raised on purpose names the unit, one of numpy does not.
    """
    if not one.kind == other.kind == "raised":
        return False
    facts = one.facts, other.facts
    return any(each["type"] == "AssertionError" and not each["text"] for each in facts) and all(
        each["type"] == "AssertionError" or (each["type"] == "ValueError" and unit in each["text"])
        for each in facts
    )


def _are_both_single(one: CaseResult, other: CaseResult) -> bool:
    """Tell whether float64 was asked for, and both have the precision of float32.

    What has been rounded on the way depends on the order of a sum; what has been rounded once, at
    the end, does not, and is another mistake.
    """
    if one.compared is None or other.compared is None:
        return False
    mine, theirs, right = one.compared.got, other.compared.got, one.compared.expected
    if not mine.shape == theirs.shape == right.shape or mine.dtype != np.float64:
        return False
    if specification.requirements()[one.requirement].aspect != "precision":
        return False
    nearest, mine32, theirs32 = (each.astype(np.float32) for each in (right, mine, theirs))
    if (nearest == right).all() or not ((mine32 == mine).all() and (theirs32 == theirs).all()):
        return False
    once, theirs_once = (np.mean(each == nearest) > ROUNDED_ONCE for each in (mine32, theirs32))
    return bool(once == theirs_once)


def same_arrays(mine: Array, theirs: Array, allowed: float) -> bool:
    """Tell whether two wrong arrays are the same: nan and the infinities where the other's are.

    Finite numbers may be far larger than the right ones, which `allowed` is made for.
    """
    if mine.shape != theirs.shape:
        return False
    with np.errstate(all="ignore"):
        finite = np.isfinite(mine)
        if not np.array_equal(mine[~finite], theirs[~finite], equal_nan=True):
            return False
        largest = float(np.abs(mine[finite]).max(initial=0.0))
        return agree(mine[finite], theirs[finite], max(allowed, LARGE * largest))


def _same_but_for_the_mask(mine: Array, theirs: Array, allowed: float) -> bool:
    """Tell whether two answers are the same in what both keep, and both or neither have zeros.

    Which elements are dropped is left to the implementation.
    """
    if mine.all() != theirs.all():
        return False
    survive = (mine != 0) & (theirs != 0)
    if survive.any():
        return same_arrays(mine[survive], theirs[survive], allowed)
    return same_arrays(mine, theirs, allowed)


def _alike(one: Any, other: Any, drawn: bool) -> bool:
    """Tell whether two findings are the same: their numbers too, to rounding or to their draw.

    Nor does it matter which part of a mask the counts have struck first. Of what was raised the
    class counts, and the text without what numpy calls a read-only array.
    """
    if isinstance(one, Finding) and isinstance(other, Finding):
        return (
            one.kind == other.kind
            and one.facts.keys() == other.facts.keys()
            and all(_alike(one.facts[n], other.facts[n], drawn) for n in one.facts if n not in ANY)
        )
    if isinstance(one, str) and isinstance(other, str):
        return _without_chance(one) == _without_chance(other)
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        apart = COUNTED if drawn else ROUNDING
        return bool(np.isclose(one, other, rtol=apart, atol=apart, equal_nan=True))
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(
            _alike(a, b, drawn) for a, b in zip(one, other, strict=True)
        )
    return bool(one == other)


def _without_chance(text: str) -> str:
    """Return the first line of a text without addresses, and one word for a read-only array."""
    line = re.sub(r"0x[0-9a-f]+", "#", text.partition("\n")[0])
    return re.sub(r"(output array|assignment destination)(?= is read-only)", "#", line)
