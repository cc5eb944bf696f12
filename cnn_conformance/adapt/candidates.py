"""What may be a unit, and how it may be called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from cnn_conformance import units
from cnn_conformance.adapt.source import Definition, vocabulary, words


@dataclass
class Candidate:
    """A class, or functions, that may be a unit, and how they may be called.

    Parameters
    ----------
    unit : str
        Of the specification.
    what : str
        Where it is, for the reader.
    files : dict
        The files that are used, by the names of modules in the text.
    makes : list of dict
        Ways to make an object: `text`, what it `takes`, and whether it needs the shape of x.
    steps : list of list of str
        What is to be called before the first forward.
    runs, backs : list of str
        Ways to call forward and backward.
    forms : list of dict
        For each way to call an optimizer, how parameters and gradients are handed over.
    modes : list of dict
        In which attributes an object may be told whether this is training.
    reset : str
        A call that resets gradients.
    calls : dict
        How a container calls its layers' `forward` and `backward`.
    layout : str
        The order of axes of which the source speaks.
    divides : bool
        Whether the source of a loss speaks of a mean.
    is_named : bool
        Whether its name says what it is.
    square : str
        What in the source looks at one of two sizes of an image only.
    by_step : bool
        Whether a recurrent layer takes one step at a time.
    order, joined : str
        The gates in the order in which the source has them in one array, and that of the input and
        the state: "hx".
    handed : list of str
        The parameters that calls hand over.
    returned : dict
        The names of what backward returns, by their places.
    why : str
        Why it can be no unit, where the source tells.
    """

    unit: str
    what: str
    names: tuple[str, ...]
    files: dict[str, str]
    makes: list[dict[str, Any]] = field(default_factory=list)
    steps: list[list[str]] = field(default_factory=lambda: [[]])
    runs: list[str] = field(default_factory=list)
    backs: list[str] = field(default_factory=list)
    forms: list[dict[str, Any]] = field(default_factory=list)
    modes: list[dict[str, Any]] = field(default_factory=list)
    reset: str = ""
    calls: dict[str, str] = field(default_factory=dict)
    layout: str = ""
    divides: bool = False
    is_named: bool = True
    square: str = ""
    by_step: bool = False
    order: str = ""
    joined: str = ""
    handed: list[str] = field(default_factory=list)
    returned: dict[str, str] = field(default_factory=dict)
    why: str = ""


def fits(unit: str, definition: Definition) -> bool:
    """Tell whether something may be a unit by its name."""
    return _is_called(unit, definition.name)


@cache
def _is_called(unit: str, name: str) -> bool:
    yes, no = vocabulary()["units"][unit]
    name = words(name)
    if unit != units.SEQUENTIAL and re.search(vocabulary()["no_unit"]["pattern"], name):
        return False
    is_derivative = re.match("d(re_?lu|sigm|tan_?h|soft_?max|conv|max_?pool|leaky|elu)", name)
    return bool(re.search(yes, name)) and not re.search(no, name) and not is_derivative


TELLING = ("Conv2D", "MaxPool2D", "Dense", "ReLU", "Sigmoid", "Tanh", "Softmax")
"""Units of which a class has two if its methods are functions, whatever object has them."""


def with_methods(found: list[Definition]) -> list[Definition]:
    """Return definitions, and methods of classes that are collections of functions.

    `class CNN` with `conv_forward`, `conv_backward` and `relu` is one; a layer is none.
    """
    methods = [each for definition in found if definition.is_class for each in _methods(definition)]
    return [*found, *methods]


def _methods(definition: Definition) -> Iterator[Definition]:
    told = {
        unit
        for unit in TELLING
        for method in definition.methods
        if fits(unit, Definition(method, "", "", [])) and not fits(unit, definition)
    }
    if len(told) < 2:
        return
    plain = not [a for a in definition.arguments if not a.default]
    for method in definition.methods:
        if not method.startswith("__"):
            part = definition.part(method)
            yield replace(part, owner=definition.name, is_made_of_nothing=plain)
