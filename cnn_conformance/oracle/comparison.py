"""Comparing what came with what was expected: shape, then finiteness, then values."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.outcomes import failed

MANY = 400
"""Arrays of up to so many elements are kept whole in the details of a failure."""


def compare(got: Any, expected: Any, tolerance: float, what: str) -> float:
    """Demand that two arrays or numbers agree.

    Parameters
    ----------
    got, expected : array_like
        What came and what should have come.
    tolerance : float
        How far any element may be off.
    what : str
        What is compared, for the message.

    Returns
    -------
    float
        The share of the tolerance that was used.

    Raises
    ------
    NotPassed
        FAILED, with the first wrong element, and how many are wrong.
    """
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        raise failed(
            f"{what} has shape {got.shape}, expected {expected.shape}",
            got_shape=got.shape,
            expected_shape=expected.shape,
            **_arrays(got, expected, what),
        )
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    off = np.abs(got - expected)
    wrong = ~(off <= tolerance)  # nan is wrong too
    if wrong.any():
        raise failed(
            _message(got, expected, off, wrong, tolerance, what),
            **_details(got, expected, off, wrong, tolerance),
            **_arrays(got, expected, what),
        )
    return _share(off, tolerance)


def agree(got: Any, expected: Any, tolerance: float) -> bool:
    """Tell whether two arrays agree in shape and values."""
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        return False
    off = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    return bool((off <= tolerance).all())


def _message(
    got: Array, expected: Array, off: Array, wrong: Array, tolerance: float, what: str
) -> str:
    first = tuple(int(i) for i in np.argwhere(wrong)[0]) if got.ndim else ()
    where = f"{what}[{', '.join(map(str, first))}]" if first else what
    count = "" if got.ndim == 0 else f"; {wrong.sum()} of {wrong.size} elements are wrong"
    return (
        f"{where} is {got[first]:.8g}, expected {expected[first]:.8g} "
        f"(off by {off[first]:.2g}, allowed {tolerance:.2g}){count}"
    )


def _details(
    got: Array, expected: Array, off: Array, wrong: Array, tolerance: float
) -> dict[str, Any]:
    first = tuple(int(i) for i in np.argwhere(wrong)[0]) if got.ndim else ()
    details: dict[str, Any] = {
        "shape": got.shape,
        "wrong_elements": int(wrong.sum()),
        "elements": int(wrong.size),
        "first_wrong": first,
        "got": float(got[first]),
        "expected": float(expected[first]),
        "allowed": tolerance,
        "largest_share": _share(off, tolerance),
    }
    if got.size <= MANY:
        details["got_values"] = _rounded(got, 7)
        details["expected_values"] = _rounded(expected, 7)
        details["difference_values"] = _rounded(got - expected, 3)
    return details


def _rounded(values: Array, digits: int) -> Any:
    """Return the values of an array as nested lists, rounded to so many significant digits."""
    short = np.array([float(f"{value:.{digits}g}") for value in values.ravel().tolist()])
    return short.reshape(values.shape).tolist()


def _arrays(got: Array, expected: Array, what: str) -> dict[str, Any]:
    """Return the arrays themselves, for the diagnosis; what begins with "_" is not reported."""
    name = what if what.startswith("the ") else what.split(maxsplit=1)[0].rstrip(",")
    return {"_name": name, "_got": got, "_expected": expected}


def _share(off: Array, tolerance: float) -> float:
    """Return which share of the tolerance the worst element uses: inf where it is inf or nan."""
    worst = float(np.where(np.isnan(off), np.inf, off).max(initial=0.0))
    if worst == 0.0:
        return 0.0
    return worst / tolerance if tolerance > 0 else float("inf")
