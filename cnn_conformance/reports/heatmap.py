"""Pictures of a failed comparison: got, expected and their difference, slice by slice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeGuard

SLICES = 4
MAX_SHOWN_ELEMENTS = 400
STEPS = 9


@dataclass(frozen=True)
class Cell:
    """One element: what it says, its shade (`n9` ... `z` ... `p9`, `odd` for inf and nan)."""

    text: str
    shade: str
    wrong: bool


@dataclass(frozen=True)
class Slice:
    """The last two axes of an array at one place of the others, three times."""

    place: str
    got: list[list[Cell]]
    expected: list[list[Cell]]
    difference: list[list[Cell]]


@dataclass(frozen=True)
class HeatMap:
    """The slices that have a wrong element, and how many more there are than are shown."""

    slices: list[Slice]
    omitted: int


@dataclass(frozen=True)
class Places:
    """Which elements of an array are wrong: in a row, and how they lie in slices."""

    wrong: list[bool]
    rows: int
    columns: int
    outer: list[int]

    def place(self, k: int) -> str:
        """Return the index of the k-th slice as numpy writes it."""
        return _place(k, self.outer)


def wrong_places(details: dict[str, Any]) -> Places | None:
    """Return where a case's details have wrong elements, or None where they do not say."""
    shape = details.get("shape")
    allowed = details.get("allowed")
    if not _is_shape(shape) or not isinstance(allowed, (int, float)):
        return None
    difference = _flat(details.get("difference_values"), shape)
    if difference is None:
        return None
    rows, columns = ([1, 1, *shape])[-2:]
    return Places([not abs(d) <= allowed for d in difference], rows, columns, shape[:-2])


def heat_map(details: dict[str, Any]) -> HeatMap | None:
    """Return the picture of a case's details, or None where they do not hold the values."""
    found = wrong_places(details)
    if found is None:
        return None
    shape = details["shape"]
    arrays = [
        _flat(details.get(f"{name}_values"), shape) for name in ("got", "expected", "difference")
    ]
    got, expected, difference = arrays
    if got is None or expected is None or difference is None:
        return None
    wrong, rows, columns = found.wrong, found.rows, found.columns
    scale = _largest(got + expected)
    size = rows * columns
    places = [k for k in range(len(got) // size) if any(wrong[k * size : (k + 1) * size])]

    def grid(values: list[float], k: int, largest: float, what: str) -> list[list[Cell]]:
        cells = [
            Cell(_text(values[i], what, wrong[i]), _shade(values[i], largest), wrong[i])
            for i in range(k * size, (k + 1) * size)
        ]
        return [cells[r * columns : (r + 1) * columns] for r in range(rows)]

    slices = [
        Slice(
            found.place(k),
            grid(got, k, scale, "value"),
            grid(expected, k, scale, "value"),
            grid(difference, k, _largest(difference), "difference"),
        )
        for k in places[:SLICES]
    ]
    return HeatMap(slices, len(places) - len(slices)) if slices else None


def _is_shape(shape: Any) -> TypeGuard[list[int]]:
    if not isinstance(shape, list) or not 1 <= len(shape) <= 8:
        return False
    sizes = all(type(n) is int and 1 <= n <= MAX_SHOWN_ELEMENTS for n in shape)
    return sizes and math.prod(shape) <= MAX_SHOWN_ELEMENTS


def _flat(values: Any, shape: list[int]) -> list[float] | None:
    """Return nested lists of a shape as one list; None if they are anything else."""
    if not shape:
        number = float(values) if values in ("nan", "inf", "-inf") else values
        is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
        return [float(number)] if is_number else None
    if not isinstance(values, list) or len(values) != shape[0]:
        return None
    flat: list[float] = []
    for part in values:
        inner = _flat(part, shape[1:])
        if inner is None:
            return None
        flat += inner
    return flat


def _largest(values: list[float]) -> float:
    return max((abs(v) for v in values if math.isfinite(v)), default=0.0)


def _shade(value: float, largest: float) -> str:
    if not math.isfinite(value):
        return "odd"
    step = round(STEPS * abs(value) / largest) if largest else 0
    return "z" if step == 0 else f"{'p' if value > 0 else 'n'}{step}"


def _text(value: float, what: str, wrong: bool) -> str:
    if what == "difference":
        return f"{value:+.2g}" if wrong else "\N{MIDDLE DOT}"
    return f"{value:.4g}"


def _place(k: int, outer: list[int]) -> str:
    """Return the index of the k-th slice as numpy writes it."""
    index: list[str] = []
    for length in reversed(outer):
        k, here = divmod(k, length)
        index.insert(0, str(here))
    return f"[{', '.join(index)}]" if index else ""
