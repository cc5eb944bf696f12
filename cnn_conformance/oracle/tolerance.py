"""How far a right answer may be off, derived from the data.

A sum of n products computed in any order is off by at most about `eps n Σ|a||b|`. The fixtures
store the largest such sum of every tensor as its *bound*. The largest, and not each element's
own, because stable algorithms that mix all elements (FFT, Winograd) spread their rounding over the
whole tensor. The factor 4 allows for inputs that are themselves rounded and for blocked sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FACTOR = 4.0
EPS32 = float(np.finfo(np.float32).eps)
EPS64 = float(np.finfo(np.float64).eps)


def coarse(bound: float) -> float:
    """Return what float32 arithmetic may be off by: right in value, whatever the precision."""
    return FACTOR * EPS32 * bound


def fine(bound: float, dtype: np.dtype[Any]) -> float:
    """Return what arithmetic in `dtype` may be off by."""
    return FACTOR * (EPS32 if dtype == np.float32 else EPS64) * bound
