"""Points that add up: rounded so that the parts of a whole have its sum, digit by digit.

Each part is rounded down, and what is then missing from the whole goes to those that lost most by
that (the method of largest remainders). Only a part that has all of its points is shown to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Entry = dict[str, Any]
EXACT = 6
"""Digits of the points of a result document."""


def down(value: float, of: float, digits: int = 1) -> float:
    """Return points as they are shown: rounded down, so that only all of them look like all."""
    scale = 10**digits
    return value if value == of else math.floor(scale * value + 1e-6) / scale


def added_up(parts: Sequence[Entry], whole: Entry, digits: int) -> list[tuple[float | None, float]]:
    """Return the points and the maximum of each part, which add up to those of the whole.

    Parameters
    ----------
    parts, whole : dict
        What has `points`, None where they are withheld, and `max_points`; of a whole that has a
        `total` (bonus points, a limit), that is what the parts add up to.
    digits : int
        How many follow the point.
    """
    whole = whole.get("total", whole)
    scale = 10**digits
    maxima = [part["max_points"] * scale for part in parts]
    most = _settled(maxima, round(whole["max_points"] * scale), [math.inf] * len(parts))
    if whole["points"] is None or any(part["points"] is None for part in parts):
        return [(None, each / scale) for each in most]
    full = [part["points"] >= part["max_points"] for part in parts]
    values = [
        limit if is_full else part["points"] * scale
        for part, limit, is_full in zip(parts, most, full, strict=True)
    ]
    limits = [
        limit if is_full else max(limit - 1, 0) for limit, is_full in zip(most, full, strict=True)
    ]
    total = down(whole["points"], whole["max_points"], digits)
    earned = _settled(values, round(total * scale), limits)
    return [(got / scale, of / scale) for got, of in zip(earned, most, strict=True)]


def _settled(values: Sequence[float], total: int, limits: Sequence[float]) -> list[int]:
    """Return whole numbers near some values, none above its limit, whose sum is the total.

    Where rounding does not explain how far the values are from that, they stay as they are.
    """
    found = [int(min(math.floor(v + 1e-6), limit)) for v, limit in zip(values, limits, strict=True)]
    if abs(math.fsum(values) - total) > 1 + len(found) / 2:
        return found
    lost = sorted(range(len(found)), key=lambda place: found[place] - values[place])
    for place in lost:
        if sum(found) < total and found[place] + 1 <= limits[place]:
            found[place] += 1
    for place in reversed(lost):
        if sum(found) > total and 0 < found[place] < limits[place]:
            found[place] -= 1
    return found


def settle(document: dict[str, Any]) -> None:
    """Make the points of the units add up to the total, and those of requirements to their unit."""
    _set(document["units"], document)
    for unit in document["units"]:
        _set([r for r in document["requirements"] if r["unit"] == unit["unit"]], unit)


def _set(parts: Sequence[Entry], whole: Entry) -> None:
    for part, (points, most) in zip(parts, added_up(parts, whole, EXACT), strict=True):
        part["points"], part["max_points"] = points, most
