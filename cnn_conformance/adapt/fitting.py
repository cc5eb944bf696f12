"""Whether a style that was found fits: its units run once, on inputs whose sizes all differ.

Names alone may tell the wrong style. No value is looked at here, only whether calls work and what
shape comes back; code that has the style and a bug fits no better through a draft, and stays with
the style.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.adapt.search import Result
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.outcomes import NotPassed, Outcome

ROWS = (3, 5)
CALLS: dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = {
    "Conv2D": ((5, 7, 3), (2, 5, 8, 8), (2, 7, 6, 6)),
    "MaxPool2D": ((2,), (3, 5, 8, 8), (3, 5, 4, 4)),
    "AvgPool2D": ((2,), (3, 5, 8, 8), (3, 5, 4, 4)),
    "Dense": ((5, 7), ROWS, (3, 7)),
    "Flatten": ((), (2, 3, 4, 5), (2, 60)),
    **dict.fromkeys(("ReLU", "Sigmoid", "Tanh", "Softmax"), ((), ROWS, ROWS)),
}
"""What units are made with, and the shapes of x and y."""


def misfits(made: Implementation) -> dict[str, str]:
    """Return the units of a style that cannot be called as it says, with the reason."""
    found = {}
    for unit in sorted(made.units & {*CALLS, "MSE", "SoftmaxCrossEntropy"}):
        made.begin(unit)
        try:
            if why := _loss(made, unit) if unit in units.LOSSES else _layer(made, unit):
                found[unit] = why
        except NotPassed as failure:
            if failure.outcome is not Outcome.UNSUPPORTED:
                found[unit] = failure.message
    return found


def _layer(made: Implementation, unit: str) -> str:
    arguments, of_x, of_y = CALLS[unit]
    random = np.random.default_rng(0)
    layer = made.layer(unit, list(arguments), {})
    y = layer.forward(random.standard_normal(of_x))
    if y.shape != of_y:
        return f"x of shape {of_x} gives {y.shape}, expected {of_y}"
    layer.backward(random.standard_normal(of_y))
    return ""


def _loss(made: Implementation, unit: str) -> str:
    target: Any = np.arange(3) if units.of(unit).targets == "classes" else np.zeros(ROWS)
    loss = made.layer(unit, [], {})
    loss.loss(np.random.default_rng(0).standard_normal(ROWS), target)
    loss.call("backward")
    return ""


def is_other(made: Implementation, why: dict[str, str], result: Result) -> bool:
    """Tell whether drafts fit where a style does not, and more units than it.

    Parameters
    ----------
    made : Implementation
        Through the style.
    why : dict
        Its units that do not fit: see `misfits`.
    result : Result
        What has been drafted of all units.
    """
    drafted = {each.plan.unit for each in result.found if each.stage >= 2}
    return bool(drafted & why.keys()) and len(drafted & made.units) > len(made.units - why.keys())
