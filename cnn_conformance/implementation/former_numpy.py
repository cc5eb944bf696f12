"""What older NumPy offered and foreign code still uses. Runs where the implementation runs."""

from __future__ import annotations

from typing import Any

import numpy as np

NAMES = {"float": float, "int": int, "bool": bool, "object": object}
"""Names that NumPy had for Python's own types before 1.24."""


class Scalars(np.ndarray):
    """An array of which a single element is a number, in any number of dimensions.

    Before 2.4, NumPy took `float(b)` of an array of shape (1, 1, 1), too.
    """

    def __float__(self) -> float:
        return float(self.item())

    __array_priority__ = -1.0  # what is computed with another array is of that one's class

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Return what plain arrays give."""
        if "out" in options:
            options["out"] = tuple(map(_plain, options["out"]))
        return getattr(ufunc, method)(*map(_plain, inputs), **options)


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Scalars) else value
