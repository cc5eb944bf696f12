"""What a result is, as far as a check has to know: a plain array, a number, a list."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation import wire
from cnn_conformance.outcomes import failed


def as_array(value: Any, what: str) -> Array:
    """Return a result that is a plain array of real numbers, or raise FAILED."""
    if not isinstance(value, np.ndarray):
        raise failed("no array", what=what, got=name_of(value)).showing(
            "type", got=value, expected="np.ndarray"
        )
    if value.dtype.kind == "c":
        raise failed("complex", what=what, dtype=str(value.dtype))
    return value


def as_number(value: Any, what: str) -> float:
    """Return a result that is a real number, or raise FAILED."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "fiu":
        if type(value) is not np.ndarray:  # a number that knows where it comes from
            return value  # type: ignore[return-value]
        value = value[()]
    if isinstance(value, (float, int, np.floating, np.integer)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    raise failed("no number", what=what, got=name_of(value)).showing(
        "type", got=value, expected="float"
    )


def as_list(value: Any, what: str) -> list[Any]:
    """Return a result that is a list, or raise FAILED."""
    if not isinstance(value, list):
        raise failed("no list", what=what, got=name_of(value))
    return value


def same_values(got: Any, expected: Any) -> bool:
    """Tell whether both are arrays of one shape with the same values, nan being like nan."""
    if not (isinstance(got, np.ndarray) and isinstance(expected, np.ndarray)):
        return False
    return bool(np.array_equal(got, expected, equal_nan=True))


def name_of(value: Any) -> str:
    """Return how to call a value in a message."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, wire.Other):
        return f"an object of type {value.type_name}"
    return f"an object of type {type(value).__name__}"
