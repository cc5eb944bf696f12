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
from cnn_conformance.mistakes import control
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree

UNITS = units.where(optional_bias=True)
"""Units whose output is a product with their weight."""
Change = tuple[str, Callable[[Array], Array]]


def variant(case: Case, output: str, got: Array, tolerance: float) -> list[str]:
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
            if answer is None:
                continue
            if agree(got, answer, tolerance):
                found.append(f"{output} is what comes of {change}")
            elif len(case["x"]) > 1 and agree(got, answer / len(case["x"]), tolerance):
                found.append(f"{output} is what comes of {change}, divided by N")
    return found


def _changed(name: str, array: Array) -> Iterator[tuple[str, Array]]:
    """Yield an array with one thing changed, and what that is, in words."""
    for what, change in _changes(name, array):
        changed = change(array)
        if changed.shape == array.shape and not np.array_equal(changed, array):
            yield what, np.ascontiguousarray(changed)


def _changes(name: str, array: Array) -> Iterator[Change]:
    said = {"weight": "a kernel" if array.ndim == 4 else "a weight"}.get(name, f"a {name}")
    if array.ndim == 4:
        yield f"{said} that is rotated by 180°", lambda a: a[:, :, ::-1, ::-1]
        yield f"{said} that is upside down", lambda a: a[:, :, ::-1]
        yield f"{said} that is reversed from left to right", lambda a: a[:, :, :, ::-1]
        yield f"{said} whose rows and columns are exchanged", lambda a: a.swapaxes(2, 3)
        yield f"{said} whose channels are reversed", lambda a: a[:, ::-1]
        yield f"{said} that is flipped along its axes 0 and 1", lambda a: np.flip(a, (0, 1))
        yield f"{said} that is flipped along its axes 1 and 2", lambda a: np.flip(a, (1, 2))
        yield f"{said} that is flipped along all its axes", np.flip
    first, second = array.shape[:2]
    yield (
        f"{said} that is reshaped where its first two axes have to be exchanged",
        lambda a: a.reshape(second, first, *a.shape[2:]).swapaxes(0, 1),
    )
    yield f"{said} whose first two axes are exchanged", lambda a: a.swapaxes(0, 1)
    yield f"{said} with the sign changed", lambda a: -a


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
