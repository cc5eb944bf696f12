"""What the answer would be if one array had been turned: flipped, transposed, reshaped wrongly.

A clue for layers with a weight. The right unit is computed with one array of the case changed;
where that gives the wrong answer that came, the change is what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import control
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree

UNITS = units.where(optional_bias=True)
"""Units whose output is a product with their weight."""
Change = tuple[Finding, Callable[[Array], Array]]


def variant(case: Case, output: str, got: Array, tolerance: float) -> list[Finding]:
    """Return which changes of one array explain what came for an output of a case.

    Parameters
    ----------
    case : Case
        A case of a layer with a weight.
    output : str
        "y", "dx" or "dweight".
    got : ndarray
        The wrong answer.
    tolerance : float
        How far an element may be off.
    """
    found = []
    for name in ("weight", "dout", "x"):
        if name not in case.arrays or (name == "dout" and output == "y"):
            continue
        for change, changed in _changed(name, case.arrays[name]):
            answer = _answer(case, output, name, changed)
            if answer is None or agree(answer, case[output], tolerance):
                continue  # what does not change the answer does not explain it
            if agree(got, answer, tolerance):
                found.append(Finding("comes of", tensor=output, change=change))
            elif len(case["x"]) > 1 and agree(got, answer / len(case["x"]), tolerance):
                found.append(Finding("comes of, divided", tensor=output, change=change))
    return found


def _changed(name: str, array: Array) -> Iterator[tuple[Finding, Array]]:
    """Yield an array with one thing changed, and what that is."""
    for what, change in _changes(name, array):
        changed = change(array)
        if changed.shape == array.shape and not np.array_equal(changed, array):
            yield what, np.ascontiguousarray(changed)


def _changes(name: str, array: Array) -> Iterator[Change]:
    said = "kernel" if name == "weight" and array.ndim > 2 else name
    if array.ndim == 4:
        yield Finding("turned by 180°", array=said), lambda a: a[:, :, ::-1, ::-1]
        yield Finding("upside down", array=said), lambda a: a[:, :, ::-1]
        yield Finding("left to right", array=said), lambda a: a[:, :, :, ::-1]
        yield Finding("rows and columns exchanged", array=said), lambda a: a.swapaxes(2, 3)
        yield Finding("channels reversed", array=said), lambda a: a[:, ::-1]
        yield Finding("flipped", array=said, axes="its axes 0 and 1"), lambda a: np.flip(a, (0, 1))
        yield Finding("flipped", array=said, axes="its axes 1 and 2"), lambda a: np.flip(a, (1, 2))
        yield Finding("flipped", array=said, axes="all its axes"), np.flip
    if array.ndim == 3:
        yield Finding("flipped", array=said, axes="its last axis"), lambda a: a[:, :, ::-1]
        yield Finding("channels reversed", array=said), lambda a: a[:, ::-1]
    first, second = array.shape[:2]
    yield (
        Finding("reshaped for exchanged", array=said),
        lambda a: a.reshape(second, first, *a.shape[2:]).swapaxes(0, 1),
    )
    yield Finding("axes exchanged", array=said), lambda a: a.swapaxes(0, 1)
    yield Finding("sign changed", array=said), lambda a: -a


def _answer(case: Case, output: str, name: str, changed: Array) -> Array | None:
    """Return an output of the right unit with one array changed; None where that cannot be."""
    arrays = {**case.arrays, name: changed}
    layer: Any = control()[case.unit](*case.args, **case.options)  # type: ignore[operator]
    for parameter in case.params:
        layer.params[parameter] = np.array(arrays[parameter])
    y = layer.forward(arrays["x"])
    if output == "y":
        return np.asarray(y)
    dx = layer.backward(arrays["dout"])
    return np.asarray(dx if output == "dx" else layer.grads[output.removeprefix("d")])
