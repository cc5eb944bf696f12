"""What the kit knows of each unit: one row a unit, and every list of units is a query of the rows.

    units.of("Conv2D").window      where the size of its window stands among its arguments
    units.LOSSES                   the names of all losses

The rows stand in the order of SPEC.md. `audit` says what a row lacks, and which unit has no row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Literal

from cnn_conformance.locations import GOLDEN, PACKAGE, REFERENCE, SUITE

Kind = Literal["layer", "loss", "optimizer", "container", "loop", "network"]
Family = Literal["", "pooling", "global pooling", "activation", "adaptive"]
Smoothness = Literal["", "affine", "piecewise linear", "smooth"]

AXES = {
    "N": "sample",
    "C": "channel",
    "K": "filter",
    "H": "row",
    "W": "column",
    "KH": "kernel row",
    "KW": "kernel column",
    "OH": "row",
    "OW": "column",
    "D": "feature",
    "T": "step",
    "in_features": "input",
    "out_features": "output",
}
"""What a place along an axis is called, unless a unit has another word for it."""


@dataclass(frozen=True)
class Unit:
    """What a unit is, as the checks, the diagnosis, the mistakes and the template need to know it.

    Parameters
    ----------
    name : str
        The name under which it is exported: the title of its section in SPEC.md.
    kind : str
        How it is used: what it is called with, and what it returns.
    family : str
        Units that do the same in different ways have the same.
    stem : str
        What its files are called in every folder: its name in lower case unless given.
    axes : mapping
        The axes of its arrays in letters, alternatives parted by "|"; a gradient's are its array's.
    words : mapping
        What a place along an axis is called here, where it is not as in AXES.
    parameters : tuple of str
        What it learns, in PyTorch's order.
    optional_bias : bool
        Whether it has a bias unless told otherwise.
    window : int or None
        Where the size of its window stands among the constructor's arguments.
    has_modes : bool
        Whether it does something else in training than in evaluation.
    is_random : bool
        Whether the same call may have another answer next time.
    smoothness : str
        What function it is of each of its arguments. A piecewise linear one has kinks, from which
        its cases keep away.
    step : float
        The step of differences, the first one where they are extrapolated.
    targets : {"", "classes", "values"}
        What a loss is given beside the prediction.
    step_taught : int or None
        In which step of the students' README it is written; none for the extended profile.
    """

    name: str
    kind: Kind
    family: Family = ""
    stem: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    optional_bias: bool = False
    window: int | None = None
    has_modes: bool = False
    is_random: bool = False
    smoothness: Smoothness = ""
    step: float = 1.0
    targets: Literal["", "classes", "values"] = ""
    step_taught: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem", self.stem or self.name.lower())

    def letters(self, array: str, ndim: int) -> list[str]:
        """Return the axes of an array, or of a gradient; none for one that is not known so."""
        ways = self.axes.get(array) or self.axes.get(array.removeprefix("d"), "")
        return next((way.split() for way in ways.split("|") if len(way.split()) == ndim), [])

    def axis(self, array: str, ndim: int, number: int) -> str:
        """Return what a place along an axis is called."""
        letters = self.letters(array, ndim)
        return {**AXES, **self.words}[letters[number]] if letters else f"axis {number}"


_Layer = partial(Unit, kind="layer")
_Loss = partial(Unit, kind="loss", words={"K": "class"}, smoothness="smooth", step=1 / 4)
_Optimizer = partial(Unit, kind="optimizer")
_Loop = partial(Unit, kind="loop", stem="training", step_taught=8)

_POOLED = {"x": "N C H W", "y": "N C OH OW"}
_ALIKE = {"x": "N C H W | N D", "y": "N C H W | N D"}
_Pooling = partial(_Layer, family="pooling", axes=_POOLED, window=0)
_GlobalPooling = partial(
    _Layer, family="global pooling", axes={"x": "N C H W", "y": "N C 1 1 | N C"}
)
_Activation = partial(_Layer, family="activation", axes=_ALIKE)
_BOTH = ("weight", "bias")

ROWS = (
    _Layer(
        "Conv2D",
        axes={"x": "N C H W", "y": "N K OH OW", "weight": "K C KH KW", "bias": "K"},
        parameters=_BOTH,
        optional_bias=True,
        window=2,
        smoothness="affine",
        step_taught=9,
    ),
    _Pooling("MaxPool2D", smoothness="piecewise linear", step=1 / 32, step_taught=10),
    _Layer("Flatten", axes={"x": "N C H W", "y": "N D"}, smoothness="affine", step_taught=2),
    _Layer(
        "Dense",
        axes={
            "x": "N in_features",
            "y": "N out_features",
            "weight": "out_features in_features",
            "bias": "out_features",
        },
        parameters=_BOTH,
        optional_bias=True,
        smoothness="affine",
        step_taught=3,
    ),
    _Activation("ReLU", smoothness="piecewise linear", step=1 / 32, step_taught=1),
    _Loss("SoftmaxCrossEntropy", axes={"logits": "N K"}, targets="classes", step_taught=5),
    _Loss("MSE", axes={"pred": "N D"}, targets="values", step_taught=4),
    _Optimizer("SGD", step_taught=6),
    Unit("Sequential", "container", step_taught=7),
    _Loop("fit"),
    _Loop("evaluate"),
    _Loop("predict"),
    _Pooling("AvgPool2D", smoothness="affine"),
    _GlobalPooling("GlobalAvgPool2D", smoothness="affine"),
    _GlobalPooling("GlobalMaxPool2D", smoothness="piecewise linear", step=1 / 32),
    _Activation("LeakyReLU", smoothness="piecewise linear", step=1 / 32),
    _Activation("ELU", smoothness="smooth", step=1 / 32),  # on either side of its kink
    _Activation("Sigmoid", smoothness="smooth", step=1 / 8),
    _Activation("Tanh", smoothness="smooth", step=1 / 8),
    _Activation("Softmax", smoothness="smooth", step=1 / 8),
    _Layer(
        "BatchNorm2D",
        axes={"x": "N C H W", "y": "N C H W", "weight": "C", "bias": "C"},
        parameters=_BOTH,
        has_modes=True,
        smoothness="smooth",
        step=1 / 8,
    ),
    _Layer("Dropout", axes=_ALIKE, has_modes=True, is_random=True, smoothness="affine"),
    _Layer(
        "RNN",
        axes={"x": "N T D", "y": "N T H"},
        words={"H": "hidden unit"},
        parameters=("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
        smoothness="smooth",
        step=1 / 8,
    ),
    _Optimizer("AdaGrad", family="adaptive"),
    _Optimizer("RMSprop", family="adaptive"),
    _Optimizer("Adam", family="adaptive"),
    Unit("Network", "network", step_taught=11),
)

UNITS: dict[str, Unit] = {row.name: row for row in ROWS}


def of(name: str) -> Unit:
    """Return what is known of a unit, or of those that share the files of a stem."""
    return UNITS[name] if name in UNITS else next(row for row in ROWS if row.stem == name)


def where(**facts: object) -> tuple[str, ...]:
    """Return the names of the units whose rows have these facts."""
    return tuple(
        row.name for row in ROWS if all(getattr(row, fact) == facts[fact] for fact in facts)
    )


LAYERS = where(kind="layer", is_random=False)
"""The layers that answer alike every time."""
LEARNING = tuple(row.name for row in ROWS if row.parameters)
WITH_WINDOW = tuple(row.name for row in ROWS if row.window is not None)
WITH_MODES = where(has_modes=True)
LOSSES = where(kind="loss")
OPTIMIZERS = where(kind="optimizer")
ADAPTIVE = where(family="adaptive")
LOOPS = FIT, EVALUATE, PREDICT = where(kind="loop")
(SEQUENTIAL,) = where(kind="container")
(NETWORK,) = where(kind="network")
"""What is judged of all units together; nothing of that name is exported."""
EXPORTED = tuple(row.name for row in ROWS if row.name != NETWORK)
PARAMETERS = tuple(dict.fromkeys(name for row in ROWS for name in row.parameters))


def unknown(name: str, known: Collection[str]) -> str:
    """Return what to say of a name that is none of the known units."""
    spelled = {unit.lower(): unit for unit in known}
    close = get_close_matches(name.lower(), spelled, n=1)
    guess = f"; did you mean {spelled[close[0]]}?" if close else "."
    return f"unknown unit {name!r}{guess} The units are {', '.join(known)}"


def audit(sections: Collection[str]) -> Iterator[str]:
    """Yield what is missing, one sentence each.

    Parameters
    ----------
    sections : collection of str
        The units that have requirements in SPEC.md.
    """
    known = {row.name for row in ROWS}
    for name in sections:
        if name not in known:
            yield f"{name} of SPEC.md has no row in units.py"
    for row in ROWS:
        if row.name not in sections:
            yield f"{row.name} of units.py has no section with requirements in SPEC.md"
        if row.kind in ("layer", "loss") and not row.smoothness:
            yield f"{row.name} of units.py has no smoothness: gradients cannot be checked"
        for file in _files(row):
            if not file.exists():
                yield f"{row.name} of units.py has no file {file.parent.name}/{file.name}"


def _files(row: Unit) -> Iterator[Path]:
    """Yield the files that a unit has to have."""
    yield SUITE / f"test_{row.stem}.py"
    yield from (GOLDEN / f"{row.stem}.{kind}" for kind in ("toml", "npz"))
    yield PACKAGE / "mistakes" / f"{row.stem}.toml"
    if row.name != NETWORK:
        yield REFERENCE / f"{row.stem}.py"
