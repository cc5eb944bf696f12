"""What a wrong array looks like beside the right one, when no known mistake explains it.

A clue is a sentence that holds for one comparison. `common` keeps those that hold for every one of
some failing comparisons: a ratio of 1/N shows only where N differs from case to case. What too few
numbers speak for is not said: `FEWEST` bounds the chance of a coincidence.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.diagnosis import relations
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.findings import Finding

OF_SHAPES = frozenset(
    {
        "empty",
        "axes in another order",
        "padding left",
        "padding cut elsewhere",
        "longer",
        "another shape",
        "axis lost",
        "reduced",
        "axes transposed",
        "only the shape",
        "not finite everywhere",
        "not finite somewhere",
    }
)
"""Clues that tell what has come, of however few numbers."""
OF_ORDER = frozenset(
    {
        "rotated",
        "reversed",
        "transposed",
        "reshaped",
        "reshaped from",
        "transposed from",
        "wrong places",
    }
)
"""Clues that say that the right numbers stand in another order."""
OF_ALL = frozenset(
    {
        "too large",
        "too small",
        "after the first sample",
        "wrong in one",
        "wrong at the border",
        "gradient missing",
        "gradient of others",
        "clipped",
    }
)
"""Clues that say "only", "never" or "always": of a unit, if they hold wherever it fails."""
FEWEST = 3
"""How many different numbers have to be wrong before anything is said of them: two may agree with
one of some fifty clues by accident, where inputs are round numbers."""
FEWEST_IN_ORDER = 7
"""The same for their order: there are some fifty to try, and 7! = 5040 to hit by accident."""
FEWEST_ON_ONE_SIDE = 12
"""The same where all are too large, or all too small, which half of all numbers are."""
BY_ACCIDENT = 0.05
"""How likely wrong elements may be to lie where they do, wherever they were."""
NEAR_1 = 1e-4
"""How far from 1 a factor is that is worth saying: nearer, eps or rounding makes the difference."""
MOST_FACTORS = 3
"""How many names a factor may have, where several sizes are equal in all cases."""


def common(comparisons: list[Comparison], telling: bool = False) -> list[Finding]:
    """Return the clues that hold for every one of some comparisons, the most telling first.

    With `telling`, only those that say what has come, and not merely where it is wrong. An array of
    one element shows too little to speak against what holds for larger ones.
    """
    comparisons = [each for each in comparisons if each.expected.size > 1] or comparisons
    found = [list(clues(comparison, telling)) for comparison in comparisons]
    if not found:
        return []
    accident = list(relations.by_accident(comparisons))
    shared = [clue for clue in found[0] if all(clue in others for others in found[1:])]
    shared = [*relations.clipped(comparisons), *shared]
    if len(comparisons) == 1:  # some product of sizes fits any number
        shared = [clue for clue in shared if not clue.halved]
    numbers = _different_numbers(comparisons)
    shared = _one_factor([clue for clue in shared if numbers >= _fewest(clue)])
    if any(clue.kind == "times number" for clue in shared):
        shared = [clue for clue in shared if clue.kind != "constant multiple"]
    return accident + shared


def usual(comparisons: list[Comparison]) -> list[Finding]:
    """Return the clue that holds for most of at least three comparisons, and for how many.

    Which factor it is in most of them tells more than that there is one in more of them.
    """
    found = [list(dict.fromkeys(clues(each))) for each in comparisons]
    counts = Counter(clue for of_one in found for clue in of_one if clue.kind not in OF_ALL)
    ranked = sorted(
        counts.items(), key=lambda item: (item[0].kind == "constant multiple", -item[1])
    )
    for clue, count in ranked:
        speaking = [c for c, of_one in zip(comparisons, found, strict=True) if clue in of_one]
        enough = _different_numbers(speaking) >= _fewest(clue)
        if enough and len(comparisons) >= 3 and 2 * count > len(comparisons):
            return [Finding("in most cases", clue=clue, count=count, of=len(comparisons))]
    return []


def _different_numbers(comparisons: Iterable[Comparison]) -> int:
    """Return how many different numbers are wrong, whatever their sign, added up."""
    return sum(_different(each) for each in comparisons)


def _different(c: Comparison) -> int:
    if c.got.shape != c.expected.shape or c.got.dtype.kind not in "biuf":
        return 0
    wrong = ~(np.abs(c.got - c.expected) <= c.tolerance)
    return int(np.unique(np.abs(c.expected[wrong])).size)


def _fewest(clue: Finding) -> int:
    """Return how many different numbers have to be wrong for a clue to be believed."""
    if clue.kind in OF_SHAPES:
        return 0
    if clue.kind in OF_ORDER:
        return FEWEST_IN_ORDER
    return FEWEST_ON_ONE_SIDE if clue.kind in ("too large", "too small") else FEWEST


def _one_factor(found: list[Finding]) -> list[Finding]:
    """Return clues with one factor: where several sizes fit, that is said, or none is named."""
    factors = [clue for clue in found if clue.kind == "times"]
    named = [clue for clue in factors if not clue.halved] or factors
    if len(named) <= 1:
        return [clue for clue in found if clue.kind != "times" or clue in named]
    first, others = found.index(factors[0]), [clue for clue in found if clue.kind != "times"]
    if len(named) <= MOST_FACTORS:
        names = tuple(clue.factor for clue in named)
        others.insert(first, Finding("times one of", tensor=named[0].tensor, factors=names))
    return others


def clues(comparison: Comparison, telling: bool = False) -> Iterator[Finding]:
    """Yield what may be said of one comparison, the most telling first."""
    got, expected = comparison.got, comparison.expected
    if got.dtype.kind not in "biuf":
        return
    got = got.astype(np.float64)
    comparison = replace(comparison, got=got, expected=expected.astype(np.float64))
    if got.shape != expected.shape:
        yield from _same_as_another(comparison)
        yield from relations.of_another_shape(comparison)
        yield from _shapes(comparison)
        return
    if not np.isfinite(got).all():
        yield from _not_finite(comparison) if not telling else ()
        return
    if not got.any():
        yield Finding("zero everywhere", tensor=comparison.name)
        return
    if not (np.abs(got) > comparison.tolerance).any():
        return  # beside what is right, all of it is 0: it equals anything that is small
    yield from _same_as_another(comparison)
    yield from _ratio(comparison)
    yield from _order(comparison)
    yield from _shifted(comparison)
    yield from _offset(comparison)
    yield from relations.of_the_same_shape(comparison)
    if not telling:
        yield from _places(comparison)
        yield from relations.one_sided(comparison)


def _same_as_another(c: Comparison) -> Iterator[Finding]:
    for name, other in c.others.items():
        if name != c.name and other.ndim and c.got.shape == other.shape and other.any():
            if c.equal(c.got, other):
                yield Finding("another array", tensor=c.name, name=name)
            elif c.equal(c.got, -other):
                yield Finding("another array negated", tensor=c.name, name=name)


def _shapes(c: Comparison) -> Iterator[Finding]:
    got, expected = c.got.shape, c.expected.shape
    padding = (int(c.sizes.get("PH", 0)), int(c.sizes.get("PW", 0)))
    if c.name == "dx" and all(padding) and got == _cut_elsewhere(expected, padding):
        yield Finding("padding cut elsewhere", tensor=c.name)
    if c.got.size == 0:
        yield Finding("empty", tensor=c.name)
    if c.got.ndim == c.expected.ndim:
        if sorted(got) == sorted(expected):
            yield Finding("axes in another order", tensor=c.name)
        larger = [a - b for a, b in zip(got, expected, strict=True)]
        if c.name == "dx" and any(padding) and larger == [0, 0, 2 * padding[0], 2 * padding[1]]:
            yield Finding("padding left", tensor=c.name)
        for axis, off in enumerate(larger):
            if off and not any(larger[:axis] + larger[axis + 1 :]):
                yield Finding("longer", tensor=c.name, axis=c.axis(axis), off=off)
    if c.got.size == c.expected.size:
        yield Finding("another shape", tensor=c.name)
    if got == tuple(length for length in expected if length != 1):
        yield Finding("axis lost", tensor=c.name)


def _cut_elsewhere(shape: tuple[int, ...], padding: tuple[int, int]) -> tuple[int, ...]:
    """Return the shape of dx where what the padding added is cut off its first two axes."""
    if len(shape) != 4:
        return ()
    N, C, H, W = shape
    PH, PW = padding
    return max(N - 2 * PH, 0), max(C - 2 * PW, 0), H + 2 * PH, W + 2 * PW


def _not_finite(c: Comparison) -> Iterator[Finding]:
    kind = "nan" if np.isnan(c.got).any() else "inf"
    bad = ~np.isfinite(c.got)
    if bad.all():
        yield Finding("not finite everywhere", tensor=c.name, value=kind)
    else:
        yield Finding("not finite somewhere", tensor=c.name, value=kind)


def _ratio(c: Comparison) -> Iterator[Finding]:
    """Yield what a constant factor between the two equals."""
    large = np.abs(c.expected) > 100 * c.tolerance
    if not large.any():
        return
    factor = float((c.got[large] * c.expected[large]).sum() / (c.expected[large] ** 2).sum())
    allowed = c.tolerance * min(abs(factor), 1.0)  # a part of a number has a part of its rounding
    if not (np.abs(c.got - factor * c.expected) <= allowed).all() or abs(factor - 1) < NEAR_1:
        return
    for what, value, halved in _named_numbers(c.sizes):
        if np.isclose(factor, value, rtol=1e-4):
            yield Finding("times", tensor=c.name, factor=what, halved=halved)
    share = np.count_nonzero(c.got) / c.got.size
    if "1 - p" in c.sizes and np.isclose(factor * share, c.sizes["1 - p"], rtol=1e-4):
        yield Finding("divided by survivors", tensor=c.name)
    if c.got.size > 1:
        yield Finding("times number", tensor=c.name, factor=f"{factor:.5g}")
        yield Finding("constant multiple", tensor=c.name)


def _named_numbers(sizes: dict[str, float]) -> Iterator[tuple[str, float, bool]]:
    """Yield numbers by name: -1, every size, its inverse, usual products of sizes, 2 and 1/2.

    The last of each tells whether a factor of 1/2 or 2 has been put to a size: some of these fit
    any number.
    """
    yield "-1", -1.0, False
    numbers = dict(sizes)
    for a, b in (("OH", "OW"), ("KH", "KW"), ("H", "W"), ("N", "K"), ("N", "OL")):
        if a in sizes and b in sizes:
            numbers[f"{a}·{b}"] = sizes[a] * sizes[b]
    if {"N", "OH", "OW"} <= sizes.keys():
        numbers["N·OH·OW"] = sizes["N"] * sizes["OH"] * sizes["OW"]
    if "D" in sizes:  # by whose root the scores of attention are divided
        yield "√D", sizes["D"] ** 0.5, False
        yield "1/√D", sizes["D"] ** -0.5, False
    for name, value in numbers.items():
        if 0 < value < 1:
            yield name, value, False
            yield f"1/({name})", 1.0 / value, False
        if value > 1:
            yield name, float(value), False
            yield f"1/({name})" if "·" in name else f"1/{name}", 1.0 / value, False
            yield f"-{name}", -float(value), False
            yield f"{name}/2", value / 2, True
            yield f"2·{name}", 2.0 * value, True
            yield f"2/{name}", 2.0 / value, True
    yield "2", 2.0, False
    yield "1/2", 0.5, False


def _order(c: Comparison) -> Iterator[Finding]:
    """Yield which axes are reversed or exchanged."""
    axes = [axis for axis, length in enumerate(c.expected.shape) if length > 1]
    for count in range(1, len(axes) + 1):
        for chosen in itertools.combinations(axes, count):
            if c.equal(c.got, np.flip(c.expected, chosen)):
                names = [c.axis(axis) for axis in chosen]
                if len(names) == 2 and all("row" in n or "column" in n for n in names):
                    yield Finding("rotated", tensor=c.name)
                else:
                    yield Finding("reversed", tensor=c.name, axes=tuple(names))
    for a, b in itertools.combinations(axes, 2):
        square = c.expected.shape[a] == c.expected.shape[b]
        if square and c.equal(c.got, c.expected.swapaxes(a, b)):
            yield Finding("transposed", tensor=c.name, a=c.axis(a), b=c.axis(b))
        turned = c.expected.swapaxes(a, b)
        if c.equal(c.got, turned.reshape(c.expected.shape)):
            yield Finding("reshaped", tensor=c.name, a=c.axis(a), b=c.axis(b))
    yield from _laid_out(c)
    if c.equal(np.sort(c.got, axis=None), np.sort(c.expected, axis=None)):
        yield Finding("wrong places", tensor=c.name)


def _laid_out(c: Comparison) -> Iterator[Finding]:
    """Yield in which order of its axes an array is laid out, before it gets its shape."""
    shape = c.expected.shape
    for order in itertools.permutations(range(len(shape))):
        moved = sum(place != axis for place, axis in enumerate(order))
        laid = c.expected.reshape([shape[axis] for axis in order])
        ways = {
            "reshaped from": moved > 2  # of two axes that are exchanged more is said
            and c.equal(c.got, c.expected.transpose(order).reshape(shape)),
            "transposed from": c.equal(c.got, laid.transpose(np.argsort(order))),
        }
        for kind in (kind for kind, fits in ways.items() if fits):
            yield Finding(kind, tensor=c.name, axes=tuple(map(c.axis, order)))


def _shifted(c: Comparison) -> Iterator[Finding]:
    """Yield by how many rows and columns an image is shifted."""
    if c.expected.ndim != 4:
        return
    H, W = c.expected.shape[2:]
    for dh, dw in itertools.product(range(-2, 3), repeat=2):
        if (dh or dw) and H - abs(dh) >= 2 and W - abs(dw) >= 2:
            mine = c.got[:, :, max(dh, 0) : H + min(dh, 0), max(dw, 0) : W + min(dw, 0)]
            right = c.expected[:, :, max(-dh, 0) : H - max(dh, 0), max(-dw, 0) : W - max(dw, 0)]
            if c.equal(mine, right):
                yield Finding("image shifted", tensor=c.name, rows=dh, columns=dw)


def _offset(c: Comparison) -> Iterator[Finding]:
    """Yield whether a number is added: everywhere, or another one in each channel."""
    off = c.got - c.expected
    if c.equal(off, np.full_like(off, off.flat[0])) and off.size > 3:
        yield Finding("constant added", tensor=c.name)
    elif not str(c.name).startswith("params[") and c.expected.ndim in (2, 4):
        first = off[:1, :, :1, :1] if off.ndim == 4 else off[:1]
        if off.size > first.size and c.equal(off, np.broadcast_to(first, off.shape)):
            yield Finding("number added in each", tensor=c.name, axis=c.axis(1))


def _places(c: Comparison) -> Iterator[Finding]:
    """Yield where the wrong elements are, if not everywhere, and not by accident."""
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
        found = None
        if name == "sample" and not hit[0]:
            found = Finding("after the first sample", tensor=c.name)
        elif len(where) == 1 and where[0] == length - 1:
            found = Finding("wrong in one", tensor=c.name, which="the last", axis=name)
        elif len(where) == 1 and where[0] == 0:
            found = Finding("wrong in one", tensor=c.name, which="the first", axis=name)
        elif len(where) == 1:
            found = Finding("wrong in one", tensor=c.name, which="a single", axis=name)
        elif ("row" in name or "column" in name) and length > 2 and set(where) == {0, length - 1}:
            found = Finding(
                "wrong in one", tensor=c.name, which="the first and the last", axis=name
            )
        share = (length - 1 if name == "sample" and not hit[0] else len(where)) / length
        if found is not None and _is_no_accident(wrong, share):
            yield found
    if wrong.ndim == 4 and min(wrong.shape[2:]) > 2 and not wrong[:, :, 1:-1, 1:-1].any():
        share = 1 - wrong[0, 0, 1:-1, 1:-1].size / wrong[0, 0].size
        if _is_no_accident(wrong, share):
            yield Finding("wrong at the border", tensor=c.name)
    if c.name == "dx" and not c.got[wrong].any():
        yield Finding("gradient missing", tensor=c.name)
    elif c.name == "dx" and not c.expected[wrong].any():
        yield Finding("gradient of others", tensor=c.name)


def _is_no_accident(wrong: Array, share: float) -> bool:
    """Tell whether wrong elements are too many to lie in a share of an array by accident."""
    return bool(share ** np.count_nonzero(wrong) <= BY_ACCIDENT)
