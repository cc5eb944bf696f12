"""Comparing what came with what was expected: shape, then finiteness, then values."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.findings import Compared, Finding
from cnn_conformance.outcomes import failed

LARGEST_SHARE = 1e12
MAX_SHOWN_ELEMENTS = 400
"""Arrays of up to so many elements are kept whole in the details of a failure."""


def compare(
    got: Any,
    expected: Any,
    tolerance: float,
    tensor: str | Finding,
    when: Finding | None = None,
    by: Finding | None = None,
    also: Array | None = None,
) -> float:
    """Demand that two arrays or numbers agree.

    Parameters
    ----------
    got, expected : array_like
        What came and what should have come.
    tolerance : float
        How far any element may be off.
    tensor : str or Finding
        What is compared: its name in the code under test, or what it is where it has none.
    when, by : Finding, optional
        After what, and by which law.
    also : ndarray, optional
        Another answer, which is taken elsewhere: a script has to know of it.

    Returns
    -------
    float
        The share of the tolerance that was used.

    Raises
    ------
    NotPassed
        FAILED, with the first wrong element, and how many are wrong.
    """
    seen = {"got": got, "expected": expected, "allowed": tolerance, "also": also}
    got, expected = np.asarray(got), np.asarray(expected)
    compared = Compared(got, expected, tolerance)
    where = {"tensor": tensor, "when": when, "by": by}
    if got.shape != expected.shape:
        raise failed("shape", compared, got=got.shape, expected=expected.shape, **where).showing(
            "values", **seen
        )
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    off = np.abs(got - expected)
    wrong = ~(off <= tolerance)  # nan is wrong too
    if wrong.any():
        first = tuple(int(i) for i in np.argwhere(wrong)[0]) if got.ndim else ()
        raise failed(
            "values",
            compared,
            place=first,
            got=float(got[first]),
            expected=float(expected[first]),
            off=float(off[first]),
            allowed=tolerance,
            wrong=int(wrong.sum()),
            elements=int(wrong.size),
            single=got.ndim == 0,
            **where,
        ).showing("values", **seen)
    return _share(off, tolerance)


def agree(got: Any, expected: Any, tolerance: float) -> bool:
    """Tell whether two arrays agree in shape and values; an infinite one agrees with itself."""
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        return False
    with np.errstate(invalid="ignore"):  # inf - inf
        off = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    return bool(((off <= tolerance) | (got == expected)).all())


def details(compared: Compared) -> dict[str, Any]:
    """Return what a report may show of a comparison that failed, as plain values."""
    got, expected = compared.got, compared.expected
    if got.shape != expected.shape:
        return {"got_shape": got.shape, "expected_shape": expected.shape}
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    with np.errstate(invalid="ignore"):  # inf - inf
        difference = got - expected
    off = np.abs(difference)
    wrong = ~(off <= compared.allowed)
    first = tuple(int(i) for i in np.argwhere(wrong)[0]) if got.ndim else ()
    found: dict[str, Any] = {
        "shape": got.shape,
        "wrong_elements": int(wrong.sum()),
        "elements": int(wrong.size),
        "first_wrong": first,
        "got": float(got[first]),
        "expected": float(expected[first]),
        "allowed": compared.allowed,
        "largest_share": _share(off, compared.allowed),
    }
    if got.size <= MAX_SHOWN_ELEMENTS:
        found["got_values"] = _rounded(got, 7)
        found["expected_values"] = _rounded(expected, 7)
        found["difference_values"] = _rounded(difference, 3)
    return found


def _rounded(values: Array, digits: int) -> Any:
    """Return the values of an array as nested lists, rounded to so many significant digits."""
    short = np.array([float(f"{value:.{digits}g}") for value in values.ravel().tolist()])
    return short.reshape(values.shape).tolist()


def share(compared: Compared) -> float:
    """Return which share of the tolerance the worst element uses; 0 where the shapes differ."""
    if compared.got.shape != compared.expected.shape:
        return 0.0
    got, expected = compared.got.astype(np.float64), compared.expected.astype(np.float64)
    return _share(np.abs(got - expected), compared.allowed)


def _share(off: Array, tolerance: float) -> float:
    """Return which share of the tolerance the worst element uses: inf where it is inf or nan.

    A finite one is at most LARGEST_SHARE: how far off is of no interest there.
    """
    worst = float(np.where(np.isnan(off), np.inf, off).max(initial=0.0))
    if worst == 0.0:
        return 0.0
    if tolerance == 0 or worst == float("inf"):
        return float("inf")
    return min(worst / tolerance, LARGEST_SHARE)
