"""What came before: batches that a layer or a loss is given before the one that it is judged by.

A cache that is kept for one size too many shows only where just that size changes, and one that is
emptied by backward only where a forward has had none. So every size changes alone and with others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.observation import Inputs
from cnn_conformance.findings import Finding
from cnn_conformance.unit import Unit


@dataclass(frozen=True)
class History:
    """What a layer is given, in order.

    Parameters
    ----------
    earlier : list of tuple of ndarray
        What comes first.
    latest : tuple of ndarray
        What it is judged by.
    when : Finding
        What is said of it.
    backward : bool
        Whether each of the earlier ones is followed by a backward.
    optional : bool
        Whether it is passed over where a new layer cannot take the latest: that has cost points
        elsewhere.
    evaluates : bool
        Whether the latest comes in evaluation, after which a layer may refuse backward.
    """

    earlier: list[Inputs]
    latest: Inputs
    when: Finding
    backward: bool = True
    optional: bool = False
    evaluates: bool = False


def negated(inputs: Inputs) -> Inputs:
    """Return numbers with the sign changed; indices, which have none, in another order."""
    return tuple(-x if x.dtype.kind == "f" else np.roll(x, 1) for x in inputs)


def reversed_(inputs: Inputs) -> Inputs:
    """Return the samples in reverse order."""
    return tuple(x[::-1] for x in inputs)


def larger(inputs: Inputs) -> Inputs:
    """Return each array with one sample more, as `another` does."""
    return tuple(map(another, inputs))


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


def of_layer(inputs: Inputs, unit: Unit) -> Iterator[History]:
    """Yield histories that end in the inputs of a case, or in another batch for the same layer."""
    large, other = larger(inputs), reversed_(negated(inputs))
    yield History([inputs], large, Finding("after a smaller batch"))
    yield History([large], inputs, Finding("after a larger batch"))
    yield History([other], inputs, Finding("after another batch of the size"))
    for each in (other, large):
        when = Finding("after a forward without backward")
        yield History([each], inputs, when, backward=False)
    if not unit.has_modes:
        when = Finding("in evaluation after training")
        yield History([other], inputs, when, backward=False, evaluates=True)
    fewer, many = (tuple(x[: unit.fewest_samples] for x in inputs), tuple(map(more, inputs)))
    yield History([inputs, fewer], many, Finding("after fewer samples"))
    first = inputs[0]
    letters = unit.letters(unit.inputs[0], first.ndim)
    for axis in (a for a, letter in enumerate(letters) if letter in "TL"):  # steps or places
        longer = tuple(np.concatenate([x, x.take([0, 0], axis)], axis) for x in inputs)
        yield History([inputs], longer, Finding("after shorter sequences"))
    if unit.window is not None:
        for grown in _slightly_larger(inputs):
            when = Finding("after slightly smaller images")
            yield History([inputs], grown, when, optional=True)
    if first.ndim == 4 and first.shape[2] != first.shape[3]:
        wider = tuple(np.concatenate([x, x[..., :2]], axis=3) for x in inputs)
        yield History([inputs], wider, Finding("after narrower images"))
        turned = tuple(x.swapaxes(2, 3).copy() for x in inputs)
        yield History([inputs], turned, Finding("after images of as many elements"))


def _slightly_larger(inputs: Inputs) -> Iterator[Inputs]:
    """Yield inputs with one place more along an axis: the output may have the size that it had.

    Square images stay square.
    """
    first = inputs[0]
    axes = range(2, first.ndim)
    alone = first.ndim == 3 or first.shape[2] != first.shape[3]
    for grown in [[axis] for axis in axes] if alone else [list(axes)]:
        width = [(0, int(axis in grown)) for axis in range(first.ndim)]
        yield tuple(np.pad(x, width, "edge") for x in inputs)
