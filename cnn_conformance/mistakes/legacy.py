"""The register of mistakes.

    @mistake("Conv2D", loses="1-11 NETWORK-3")
    class KernelRotated(PlainConv2D):
        '''The kernel is rotated by 180°: you compute a convolution. ...'''

makes a wrong `Conv2D` known, with the requirements that it must lose and its explanation.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

STEMS = (
    "habits",
    "refusals",
    "loss_habits",
    "conv2d",
    "conv2d_windows",
    "conv2d_dx",
    "conv2d_dparams",
    "conv2d_state",
    "conv2d_extended",
    "flatten",
    "dense",
    "network",
)

T = TypeVar("T", bound=type)


from cnn_conformance import units  # noqa: E402
from cnn_conformance.mistakes.catalogue import Mistake, ids  # noqa: E402

_found: list[Mistake] = []


def mistake(unit: str, *, loses: str) -> Callable[[T], T]:
    """Register a class as a wrong way of doing a unit.

    Parameters
    ----------
    unit : str
        The unit that it stands for: the class itself is exported; for `fit`, `evaluate` and
        `predict` an instance.
    loses : str
        The requirements that it loses: numbers and ranges of the unit's, and full ids of others.
    """

    def register(made: T) -> T:
        exported = made() if unit in units.LOOPS else made
        return _register(made, unit, loses, {unit: exported})

    return register


def _register(made: T, unit: str, loses: str, replaces: Mapping[str, object]) -> T:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", made.__name__).lower()
    text = " ".join(inspect.cleandoc(made.__doc__ or "").split())
    said, _, asks = text.partition(". ")
    said = said.rstrip(".") + "."
    _found.append(
        Mistake(
            name, unit, ids(unit, loses), said, asks, "", "convention" in text, (), lambda: replaces
        )
    )
    return made


def found() -> list[Mistake]:
    """Return what is not a row yet."""
    for stem in STEMS:
        if (Path(__file__).parent / f"{stem}.py").exists():
            importlib.import_module(f"cnn_conformance.mistakes.{stem}")
    return _found
