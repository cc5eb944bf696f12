"""What came before: batches that a layer or a loss is given before the one that it is judged by.

A cache that is kept for one size too many shows only where just that size changes, and one that is
emptied by backward only where a forward has had none. So every size changes alone and with others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.findings import Finding
from cnn_conformance.unit import Unit


@dataclass(frozen=True)
class History:
    """What a layer is given, in order.

    Parameters
    ----------
    earlier : list of ndarray
        What comes first.
    latest : ndarray
        What it is judged by.
    when : Finding
        What is said of it.
    backward : bool
        Whether each of the earlier ones is followed by a backward.
    """

    earlier: list[Array]
    latest: Array
    when: Finding
    backward: bool = True


def negated(x: Array) -> Array:
    """Return x with the sign changed; indices, which have none, in another order."""
    return -x if x.dtype.kind == "f" else np.roll(x, 1)


def another(x: Array) -> Array:
    """Return a batch of one sample more, with larger images where it has images.

    They have two rows more; square ones two columns more too, and stay square: who takes no other
    images has lost the points for that already.
    """
    larger = np.concatenate([x, x[:1]])[::-1]
    if x.ndim == 4:
        larger = np.concatenate([larger, larger[:, :, :2]], axis=2)
        if x.shape[2] == x.shape[3]:
            larger = np.concatenate([larger, larger[..., :2]], axis=3)
    return np.ascontiguousarray(larger)


def more(x: Array) -> Array:
    """Return a batch of more samples of the same size."""
    return np.concatenate([x[::-1], x, x[:1]])


def of_layer(x: Array, unit: Unit) -> Iterator[History]:
    """Yield histories that end in x, or in another batch for the same layer."""
    large = another(x)
    yield History([x], large, Finding("after a smaller batch"))
    yield History([large], x, Finding("after a larger batch"))
    yield History([negated(x)[::-1]], x, Finding("after another batch of the size"))
    for other in (negated(x)[::-1], large):
        yield History([other], x, Finding("after a forward without backward"), backward=False)
    yield History([x, x[: unit.fewest_samples]], more(x), Finding("after fewer samples"))
    lengths = [a for a, letter in enumerate(unit.letters("x", x.ndim)) if letter in "TL"]
    for axis in lengths:  # of sequences, in steps or places
        longer = np.concatenate([x, x.take([0, 0], axis)], axis)
        yield History([x], longer, Finding("after shorter sequences"))
    if x.ndim == 4 and x.shape[2] != x.shape[3]:
        wider = np.concatenate([x, x[..., :2]], axis=3)
        yield History([x], wider, Finding("after narrower images"))
        turned = x.swapaxes(2, 3).copy()
        yield History([x], turned, Finding("after images of as many elements"))
