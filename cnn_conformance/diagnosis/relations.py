"""How a wrong array comes from the right one: added up, multiplied, mixed with another array.

Clues like those of `clues`, for comparisons of finite arrays.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.findings import Finding

FEWEST_ELEMENTS = 3
"""Of fewer elements nothing is said: too much would fit."""


def of_another_shape(c: Comparison) -> Iterator[Finding]:
    """Yield what would turn an array of a wrong shape into the right one."""
    got, expected = c.got, c.expected
    if not (got.size and np.isfinite(got).all()) or expected.size < 2:
        return
    for count in range(1, got.ndim):
        for axes in itertools.combinations(range(got.ndim), count):
            summed = got.sum(axes)
            if c.equal(summed, expected):
                yield Finding("reduced", tensor=c.name, how="sum", axes=axes)
            elif c.equal(got.mean(axes), expected):
                yield Finding("reduced", tensor=c.name, how="mean", axes=axes)
    yield from transposed(c)
    if got.size == expected.size and c.equal(got.reshape(expected.shape), expected):
        yield Finding("only the shape", tensor=c.name)


def by_accident(comparisons: list[Comparison]) -> Iterator[Finding]:
    """Yield what is transposed, where only some shapes tell: axes of equal lengths hide it."""
    shapes_are_right = {c.got.shape == c.expected.shape for c in comparisons}
    if len(shapes_are_right) == 2:
        found = [set(transposed(each)) for each in comparisons]
        for clue in sorted(found[0].intersection(*found[1:]), key=lambda clue: clue.order):
            yield Finding("by accident", clue=clue)


def transposed(c: Comparison) -> Iterator[Finding]:
    """Yield which order of the axes would be right."""
    if c.got.ndim != c.expected.ndim or c.got.dtype.kind not in "biuf" or c.got.ndim > 5:
        return
    for order in itertools.permutations(range(c.got.ndim)):
        if c.equal(c.got.transpose(order), c.expected):
            yield Finding("axes transposed", tensor=c.name, order=order)


def of_the_same_shape(c: Comparison) -> Iterator[Finding]:
    """Yield how the wrong array follows from the right one and the others of the case."""
    got, expected = c.got, c.expected
    if got.size < FEWEST_ELEMENTS:
        return
    for name, other in c.others.items():
        if name == c.name or other.shape != got.shape or other.dtype.kind != "f":
            continue
        if _is_multiple(got - expected, other, c.tolerance):
            yield Finding("multiple added", tensor=c.name, name=name)
        if c.equal(got, expected * other):
            yield Finding("multiplied", tensor=c.name, name=name)
    yield from _averaged(c)
    yield from _signs(c)


def _averaged(c: Comparison) -> Iterator[Finding]:
    """Yield whether the elements along an axis are all alike, and are a sum or a mean."""
    for axis, length in enumerate(c.expected.shape):
        if length < 2 or c.expected.size == length:
            continue
        for what, of in (("sum", np.sum), ("mean", np.mean)):
            same = np.broadcast_to(of(c.expected, axis=axis, keepdims=True), c.expected.shape)
            if c.equal(c.got, same):
                yield Finding("all alike", tensor=c.name, axis=c.axis(axis), how=what)


def _signs(c: Comparison) -> Iterator[Finding]:
    """Yield whether only signs are wrong."""
    if c.equal(np.abs(c.got), np.abs(c.expected)) and not c.equal(c.got, -c.expected):
        what = "none negative" if (c.got >= 0).all() else "some signs wrong"
        yield Finding("sizes right", tensor=c.name, what=Finding(what))


def clipped(comparisons: Sequence[Comparison]) -> Iterator[Finding]:
    """Yield whether the large elements of all arrays are kept below one size, and no others are."""
    if any(c.got.shape != c.expected.shape or c.got.dtype.kind not in "iuf" for c in comparisons):
        return
    size = max((float(np.abs(c.got).max(initial=0.0)) for c in comparisons), default=0.0)
    cut = [np.abs(c.expected) > size + c.tolerance for c in comparisons]
    cuts_some = any(map(np.any, cut)) and not all(map(np.all, cut))
    if cuts_some and all(c.equal(c.got, np.clip(c.expected, -size, size)) for c in comparisons):
        yield Finding("clipped", tensor=comparisons[0].name, size=size)


def one_sided(c: Comparison) -> Iterator[Finding]:
    """Yield whether all wrong elements of an output are too large, or all too small."""
    wrong = ~(np.abs(c.got - c.expected) <= c.tolerance)
    if c.name != "y" or wrong.sum() < 2 * FEWEST_ELEMENTS:
        return
    if (c.got[wrong] > c.expected[wrong]).all():
        yield Finding("too large", tensor=c.name)
    elif (c.got[wrong] < c.expected[wrong]).all():
        yield Finding("too small", tensor=c.name)


def _is_multiple(array: Array, of: Array, tolerance: float) -> bool:
    """Tell whether an array is another one times a number, as exactly as can be told."""
    square = float((of * of).sum())
    if square == 0.0 or np.abs(array).max() <= 10 * tolerance:
        return False
    factor = float((array * of).sum()) / square
    return bool((np.abs(array - factor * of) <= tolerance).all())
