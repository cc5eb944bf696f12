"""The register of misconceptions.

    @misconception("Conv2D", loses="1-11 NETWORK-3")
    class KernelRotated(PlainConv2D):
        '''The kernel is rotated by 180°: you compute a convolution. ...'''

makes a wrong `Conv2D` known, with the requirements that it must lose and its explanation.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from cnn_conformance import reference
from cnn_conformance.oracle import specification

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
    "maxpool2d",
    "maxpool2d_backward",
    "flatten",
    "dense",
    "relu",
    "softmaxcrossentropy",
    "mse",
    "sgd",
    "sgd_extended",
    "sequential",
    "training",
    "training_order",
    "evaluation",
    "avgpool2d",
    "globalpools",
    "leakyrelu",
    "elu",
    "sigmoid",
    "tanh",
    "softmax",
    "batchnorm2d",
    "batchnorm2d_backward",
    "batchnorm2d_buffers",
    "dropout",
    "dropout_scale",
    "rnn",
    "rnn_backward",
    "adaptive_habits",
    "adaptive",
    "adaptive_steps",
    "network",
)
FUNCTIONS = ("fit", "evaluate", "predict")

T = TypeVar("T", bound=type)


@dataclass(frozen=True)
class Misconception:
    """A named wrong way of doing a unit.

    Parameters
    ----------
    name : str
        In words, for example "kernel rotated".
    unit : str
        The unit that is wrong, or "Network" where only the units together are.
    loses : tuple of str
        The requirements that it must lose, and no others, in the order of SPEC.md.
    explanation : str
        For the student: what you seem to have done; what the specification asks; what to look at.
    replaces : mapping
        The wrong objects by the names under which they are exported; not part of its identity.
    """

    name: str
    unit: str
    loses: tuple[str, ...]
    explanation: str
    replaces: Mapping[str, object] = field(compare=False, repr=False)

    @property
    def is_a_convention(self) -> bool:
        """Whether it is a choice that other frameworks make, rather than a mistake."""
        return "convention" in self.explanation


_found: list[Misconception] = []


def misconception(unit: str, *, loses: str) -> Callable[[T], T]:
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
        exported = made() if unit in FUNCTIONS else made
        return _register(made, unit, loses, {unit: exported})

    return register


def habit(loses: Mapping[str, str]) -> Callable[[T], T]:
    """Register a mixin as a wrong way of doing several units.

    Parameters
    ----------
    loses : mapping
        For every unit what it loses. In the explanation "{ID}" stands for the unit in capitals.
    """

    def register(mixin: T) -> T:
        for unit, lost in loses.items():
            made = type(mixin.__name__, (mixin, getattr(reference, unit)), {})
            made.__doc__ = inspect.cleandoc(mixin.__doc__ or "").replace("{ID}", unit.upper())
            _register(made, unit, lost, {unit: made})
        return mixin

    return register


def misconceptions_together(loses: str) -> Callable[[T], T]:
    """Register a class whose attributes are units that are wrong only together."""

    def register(made: T) -> T:
        units = {name: value for name, value in vars(made).items() if name in control()}
        return _register(made, "Network", loses, units)

    return register


def _register(made: T, unit: str, loses: str, replaces: Mapping[str, object]) -> T:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", made.__name__).lower()
    _found.append(
        Misconception(
            name=name,
            unit=unit,
            loses=ids(unit, loses),
            explanation=inspect.cleandoc(made.__doc__ or ""),
            replaces=replaces,
        )
    )
    return made


def ids(unit: str, text: str) -> tuple[str, ...]:
    """Return the requirements that a text such as "1-3 20 NETWORK-1" means, in order.

    Raises
    ------
    ValueError
        If one of them is not in SPEC.md.
    """
    known = specification.requirements()
    meant: set[str] = set()
    for word in text.split():
        if span := re.fullmatch(r"(\d+)-(\d+)", word):
            numbers = range(int(span[1]), int(span[2]) + 1)
            meant |= {id_ for n in numbers if (id_ := f"{unit.upper()}-{n}") in known}
        else:
            meant.add(f"{unit.upper()}-{word}" if word.isdecimal() else word)
    if unknown := meant - known.keys():
        raise ValueError(f"SPEC.md has no {', '.join(sorted(unknown))}")
    return tuple(id_ for id_ in known if id_ in meant)


@cache
def catalogue() -> tuple[Misconception, ...]:
    """Return all misconceptions, unit by unit in the order of SPEC.md, then by name."""
    for stem in STEMS:
        importlib.import_module(f"cnn_conformance.misconceptions.{stem}")
    order = specification.units()
    return tuple(sorted(_found, key=lambda each: (order.index(each.unit), each.name)))


def control() -> dict[str, object]:
    """Return the units of the reference, none of which is wrong."""
    return {
        unit: getattr(reference, unit) for unit in specification.units() if hasattr(reference, unit)
    }


def units_of(misconception: Misconception) -> dict[str, object]:
    """Return the reference's units with those of a misconception in place of its own."""
    return {**control(), **misconception.replaces}
