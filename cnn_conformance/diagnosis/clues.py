"""What a wrong array looks like beside the right one, when no known mistake explains it.

A clue is a sentence that holds for one comparison. `common` keeps those that hold for every failing
comparison of a requirement: a ratio of 1/N shows only where N differs from case to case. Clues are
likely, never certain.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.diagnosis import relations


@dataclass(frozen=True)
class Comparison:
    """A comparison that failed.

    Parameters
    ----------
    unit : str
        Whose it is.
    name : str
        What was compared, for example "dweight".
    got, expected : ndarray
        What came and what should have come.
    tolerance : float
        How far an element may be off.
    sizes : dict
        The numbers of the case by name: N, C, K, KH, KW, OH, OW, ...
    others : dict
        The other arrays of the case by name.
    """

    unit: str
    name: str
    got: Array
    expected: Array
    tolerance: float
    sizes: dict[str, float] = field(default_factory=dict)
    others: dict[str, Array] = field(default_factory=dict)

    def equal(self, got: Array, expected: Array) -> bool:
        """Tell whether two arrays agree within the tolerance."""
        if got.shape != expected.shape:
            return False
        return bool((np.abs(got - expected) <= self.tolerance).all())

    def axis(self, number: int) -> str:
        """Return the name of an axis."""
        return units.of(self.unit).axis(self.name, self.expected.ndim, number)


def common(comparisons: list[Comparison], telling: bool = False) -> list[str]:
    """Return the clues that hold for every one of some comparisons, the most telling first.

    With `telling`, only those that say what has come, and not merely where it is wrong.
    """
    found = [list(clues(comparison, telling)) for comparison in comparisons]
    if not found:
        return []
    accident = list(relations.by_accident(comparisons))
    shared = [clue for clue in found[0] if all(clue in others for others in found[1:])]
    if len(comparisons) == 1:  # some product of sizes fits any number
        shared = [clue for clue in shared if not re.search(r"is .*(/2|2·|2/).* times what", clue)]
    return accident + shared


def usual(comparisons: list[Comparison]) -> list[str]:
    """Return the clue that holds for most of at least three comparisons, and for how many."""
    counts = Counter(clue for each in comparisons for clue in dict.fromkeys(clues(each)))
    for clue, count in counts.most_common(1):
        if len(comparisons) >= 3 and 2 * count > len(comparisons):
            return [f"{clue}, in {count} of {len(comparisons)} cases"]
    return []


def clues(comparison: Comparison, telling: bool = False) -> Iterator[str]:
    """Yield what may be said of one comparison, the most telling first."""
    got, expected = comparison.got, comparison.expected
    if got.dtype.kind not in "biuf":
        return
    got = got.astype(np.float64)
    comparison = replace(comparison, got=got, expected=expected.astype(np.float64))
    yield from _same_as_another(comparison)
    if got.shape != expected.shape:
        yield from relations.of_another_shape(comparison)
        yield from _shapes(comparison)
        return
    if not np.isfinite(got).all():
        yield from _not_finite(comparison) if not telling else ()
        return
    if not got.any():
        yield f"{comparison.name} is zero everywhere"
        return
    yield from _ratio(comparison)
    yield from _order(comparison)
    yield from _shifted(comparison)
    yield from _offset(comparison)
    yield from relations.of_the_same_shape(comparison)
    if not telling:
        yield from _places(comparison)
        yield from relations.one_sided(comparison)


def _same_as_another(c: Comparison) -> Iterator[str]:
    for name, other in c.others.items():
        if name != c.name and other.ndim and c.got.shape == other.shape and other.any():
            if c.equal(c.got, other):
                yield f"{c.name} is the array {name}, not the gradient that was asked for"
            elif c.equal(c.got, -other):
                yield f"{c.name} is the array {name} with the sign changed"


def _shapes(c: Comparison) -> Iterator[str]:
    got, expected = c.got.shape, c.expected.shape
    if c.got.size == 0:
        yield f"{c.name} is empty: a slice such as [p:-p] with p = 0 leaves nothing"
    if c.got.ndim == c.expected.ndim:
        if sorted(got) == sorted(expected):
            yield f"{c.name} has the right lengths in another order of axes"
        larger = [a - b for a, b in zip(got, expected, strict=True)]
        padding = (c.sizes.get("PH", 0), c.sizes.get("PW", 0))
        if c.name == "dx" and any(padding) and larger == [0, 0, 2 * padding[0], 2 * padding[1]]:
            yield "dx still has the padding around it"
        for axis, off in enumerate(larger):
            if off and not any(larger[:axis] + larger[axis + 1 :]):
                more = "more" if off > 0 else "fewer"
                yield f"{c.name} has {abs(off)} {c.axis(axis)}s {more} than it should"
    if c.got.size == c.expected.size:
        yield f"{c.name} has the right number of elements in another shape"
    if got == tuple(length for length in expected if length != 1):
        yield f"{c.name} has lost an axis of length 1"


def _not_finite(c: Comparison) -> Iterator[str]:
    kind = "nan" if np.isnan(c.got).any() else "inf"
    bad = ~np.isfinite(c.got)
    if bad.all():
        yield f"{c.name} is {kind} everywhere"
    else:
        yield f"{c.name} is {kind} in some elements only: something overflows or is divided by zero"


def _ratio(c: Comparison) -> Iterator[str]:
    """Yield what a constant factor between the two equals."""
    large = np.abs(c.expected) > 100 * c.tolerance
    if not large.any():
        return
    factor = float((c.got[large] * c.expected[large]).sum() / (c.expected[large] ** 2).sum())
    if not c.equal(c.got, factor * c.expected) or abs(factor - 1) < 1e-6:
        return
    for what, value in _named_numbers(c.sizes):
        if np.isclose(factor, value, rtol=1e-4):
            yield f"{c.name} is {what} times what it should be"
    share = np.count_nonzero(c.got) / c.got.size
    if "1 - p" in c.sizes and np.isclose(factor * share, c.sizes["1 - p"], rtol=1e-4):
        yield f"{c.name} is divided by the share that has survived this time, and not by 1 - p"
    if c.got.size > 1:
        yield f"{c.name} is a constant multiple of what it should be"


def _named_numbers(sizes: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Yield numbers by name: -1, every size, its inverse, usual products of sizes, 2 and 1/2."""
    yield "-1", -1.0
    numbers = dict(sizes)
    for a, b in (("OH", "OW"), ("KH", "KW"), ("H", "W"), ("N", "K")):
        if a in sizes and b in sizes:
            numbers[f"{a}·{b}"] = sizes[a] * sizes[b]
    if {"N", "OH", "OW"} <= sizes.keys():
        numbers["N·OH·OW"] = sizes["N"] * sizes["OH"] * sizes["OW"]
    for name, value in numbers.items():
        if 0 < value < 1:
            yield name, value
            yield f"1/({name})", 1.0 / value
        if value > 1:
            yield name, float(value)
            yield f"1/({name})" if "·" in name else f"1/{name}", 1.0 / value
            yield f"-{name}", -float(value)
            yield f"{name}/2", value / 2
            yield f"2·{name}", 2.0 * value
            yield f"2/{name}", 2.0 / value
    yield "2", 2.0
    yield "1/2", 0.5


def _order(c: Comparison) -> Iterator[str]:
    """Yield which axes are reversed or exchanged."""
    axes = [axis for axis, length in enumerate(c.expected.shape) if length > 1]
    for count in range(1, len(axes) + 1):
        for chosen in itertools.combinations(axes, count):
            if c.equal(c.got, np.flip(c.expected, chosen)):
                names = [c.axis(axis) for axis in chosen]
                if len(names) == 2 and all("row" in n or "column" in n for n in names):
                    yield f"{c.name} is rotated by 180°"
                else:
                    yield f"{c.name} is reversed along the {' and the '.join(names)} axis"
    for a, b in itertools.combinations(axes, 2):
        square = c.expected.shape[a] == c.expected.shape[b]
        if square and c.equal(c.got, c.expected.swapaxes(a, b)):
            yield f"{c.name} is transposed: {c.axis(a)} and {c.axis(b)} have changed places"
        turned = c.expected.swapaxes(a, b)
        if c.equal(c.got, turned.reshape(c.expected.shape)):
            yield f"{c.name} is reshaped where {c.axis(a)} and {c.axis(b)} have to be exchanged"
    if c.equal(np.sort(c.got, axis=None), np.sort(c.expected, axis=None)):
        yield f"{c.name} has the right values in the wrong places"


def _shifted(c: Comparison) -> Iterator[str]:
    """Yield by how many rows and columns an image is shifted."""
    if c.expected.ndim != 4:
        return
    H, W = c.expected.shape[2:]
    for dh, dw in itertools.product(range(-2, 3), repeat=2):
        if (dh or dw) and H - abs(dh) >= 2 and W - abs(dw) >= 2:
            mine = c.got[:, :, max(dh, 0) : H + min(dh, 0), max(dw, 0) : W + min(dw, 0)]
            right = c.expected[:, :, max(-dh, 0) : H - max(dh, 0), max(-dw, 0) : W - max(dw, 0)]
            if c.equal(mine, right):
                yield f"{c.name} is shifted by {dh:+d} rows and {dw:+d} columns"


def _offset(c: Comparison) -> Iterator[str]:
    """Yield whether a number is added: everywhere, or another one in each channel."""
    off = c.got - c.expected
    if c.equal(off, np.full_like(off, off.flat[0])) and off.size > 3:
        yield f"a constant is added to {c.name}"
    elif not c.name.startswith("params[") and c.expected.ndim in (2, 4):
        first = off[:1, :, :1, :1] if off.ndim == 4 else off[:1]
        if off.size > first.size and c.equal(off, np.broadcast_to(first, off.shape)):
            yield f"a number is added to {c.name}, another in each {c.axis(1)}: look at the bias"


def _places(c: Comparison) -> Iterator[str]:
    """Yield where the wrong elements are, if not everywhere."""
    wrong = ~(np.abs(c.got - c.expected) <= c.tolerance)
    if wrong.all() or not wrong.any():
        return
    for axis, length in enumerate(wrong.shape):
        if length < 2:
            continue
        hit = wrong.any(axis=tuple(a for a in range(wrong.ndim) if a != axis))
        where = np.flatnonzero(hit)
        name = c.axis(axis)
        if name.startswith("axis "):
            name = "element" if wrong.ndim == 1 else f"place along {name}"
        if name == "sample" and not hit[0]:
            yield f"{c.name} is right for the first sample and wrong from another one on"
        elif len(where) == 1 and where[0] == length - 1:
            yield f"{c.name} is wrong in the last {name} only"
        elif len(where) == 1 and where[0] == 0:
            yield f"{c.name} is wrong in the first {name} only"
        elif len(where) == 1:
            yield f"{c.name} is wrong in a single {name} only"
        elif ("row" in name or "column" in name) and length > 2 and set(where) == {0, length - 1}:
            yield f"{c.name} is wrong in the first and the last {name} only"
    if wrong.ndim == 4 and min(wrong.shape[2:]) > 2 and not wrong[:, :, 1:-1, 1:-1].any():
        yield f"{c.name} is wrong at the border of the image only"
    if c.name == "dx" and not c.got[wrong].any():
        yield "dx is zero where it should not be: part of the gradient does not arrive"
    elif c.name == "dx" and not c.expected[wrong].any():
        yield "dx is not zero where it should be: elements get a gradient that is not theirs"
