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
from typing import Any, Literal, get_args

from cnn_conformance.locations import GOLDEN, PACKAGE, REFERENCE, SUITE

Kind = Literal["layer", "loss", "optimizer", "container", "loop", "network"]
Family = Literal["", "pooling", "global pooling", "activation", "adaptive"]
Smoothness = Literal["", "affine", "piecewise linear", "smooth"]
Profile = Literal["core", "extended", "full"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
"""What may be asked for, each with all that those before it ask for."""

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
    arguments : mapping
        The arguments of its constructor, in order, with two legal values of each or more: the
        default first, if it has one.
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
        In which step of the students' README it is written; none outside of the core.
    profile : {"core", "extended", "full"}
        The first profile that asks for it.
    """

    name: str
    kind: Kind
    family: Family = ""
    stem: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    optional_bias: bool = False
    arguments: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    window: int | None = None
    has_modes: bool = False
    is_random: bool = False
    smoothness: Smoothness = ""
    step: float = 1.0
    targets: Literal["", "classes", "values"] = ""
    step_taught: int | None = None
    profile: Profile = "core"

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem", self.stem or self.name.lower())

    def letters(self, array: str, ndim: int) -> list[str]:
        """Return the axes of an array, or of a gradient; none for one that is not known so."""
        ways = self.axes.get(array) or self.axes.get(array.removeprefix("d"), "")
        return next((way.split() for way in ways.split("|") if len(way.split()) == ndim), [])

    def other(self, argument: str, given: Mapping[str, Any]) -> Any:
        """Return a legal value of an argument that differs from the given one, or the default."""
        default, *others = self.arguments[argument]
        return next(v for v in (*others, default) if v != given.get(argument, default))

    def is_default(self, argument: str, value: Any) -> bool:
        """Tell whether a value is what an argument is if it is not given."""
        return argument in self.arguments and bool(value == self.arguments[argument][0])

    def axis(self, array: str, ndim: int, number: int) -> str:
        """Return what a place along an axis is called."""
        letters = self.letters(array, ndim)
        return {**AXES, **self.words}[letters[number]] if letters else f"axis {number}"


_Layer = partial(Unit, kind="layer")
_Loss = partial(
    Unit,
    kind="loss",
    arguments={"reduction": ("mean", "sum")},
    words={"K": "class"},
    smoothness="smooth",
    step=1 / 4,
)
_Optimizer = partial(Unit, kind="optimizer")
_Adaptive = partial(_Optimizer, family="adaptive")
_Loop = partial(Unit, kind="loop", stem="training", step_taught=8)

_POOLED = {"x": "N C H W", "y": "N C OH OW"}
_ALIKE = {"x": "N C H W | N D", "y": "N C H W | N D"}
_WINDOW = {"kernel_size": (2, 3), "stride": (None, 1, 2), "padding": (0, 1)}
_Pooling = partial(_Layer, family="pooling", axes=_POOLED, arguments=_WINDOW, window=0)
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
        arguments={
            "in_channels": (4, 3),
            "out_channels": (4, 3),
            "kernel_size": (3, 2),
            "stride": (1, 2),
            "padding": (0, 1),
            "bias": (True, False),
            "dilation": (1, 2),
            "groups": (1, 2),
        },
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
        arguments={"in_features": (4, 3), "out_features": (4, 3), "bias": (True, False)},
        smoothness="affine",
        step_taught=3,
    ),
    _Activation("ReLU", smoothness="piecewise linear", step=1 / 32, step_taught=1),
    _Loss("SoftmaxCrossEntropy", axes={"logits": "N K"}, targets="classes", step_taught=5),
    _Loss("MSE", axes={"pred": "N D"}, targets="values", step_taught=4),
    _Optimizer(
        "SGD",
        arguments={
            "lr": (0.1, 0.5),
            "momentum": (0, 0.5),
            "weight_decay": (0, 0.3),
            "nesterov": (False, True),
            "decay": (0, 0.5),
        },
        step_taught=6,
    ),
    Unit("Sequential", "container", step_taught=7),
    _Loop("fit"),
    _Loop("evaluate"),
    _Loop("predict"),
    _Pooling(
        "AvgPool2D",
        profile="extended",
        arguments={**_WINDOW, "count_include_pad": (True, False)},
        smoothness="affine",
    ),
    _GlobalPooling("GlobalAvgPool2D", profile="extended", smoothness="affine"),
    _GlobalPooling(
        "GlobalMaxPool2D", profile="extended", smoothness="piecewise linear", step=1 / 32
    ),
    _Activation(
        "LeakyReLU",
        profile="extended",
        arguments={"negative_slope": (0.01, 0.3)},
        smoothness="piecewise linear",
        step=1 / 32,
    ),
    _Activation(
        "ELU",
        profile="extended",
        arguments={"alpha": (1.0, 0.4)},
        smoothness="smooth",
        step=1 / 32,  # on either side of its kink
    ),
    _Activation("Sigmoid", profile="extended", smoothness="smooth", step=1 / 8),
    _Activation("Tanh", profile="extended", smoothness="smooth", step=1 / 8),
    _Activation("Softmax", profile="extended", smoothness="smooth", step=1 / 8),
    _Layer(
        "BatchNorm2D",
        profile="extended",
        axes={"x": "N C H W", "y": "N C H W", "weight": "C", "bias": "C"},
        parameters=_BOTH,
        arguments={"num_features": (3, 2), "eps": (1e-5, 0.5), "momentum": (0.1, 0.6)},
        has_modes=True,
        smoothness="smooth",
        step=1 / 8,
    ),
    _Layer(
        "Dropout",
        profile="extended",
        axes=_ALIKE,
        arguments={"p": (0.5, 0.0), "rng": (1, 2)},
        has_modes=True,
        is_random=True,
        smoothness="affine",
    ),
    _Layer(
        "RNN",
        profile="extended",
        axes={"x": "N T D", "y": "N T H"},
        words={"H": "hidden unit"},
        parameters=("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
        arguments={
            "input_size": (3, 2),
            "hidden_size": (4, 3),
            "nonlinearity": ("tanh", "relu"),
        },
        smoothness="smooth",
        step=1 / 8,
    ),
    _Adaptive(
        "AdaGrad",
        profile="extended",
        arguments={
            "lr": (0.01, 0.03),
            "lr_decay": (0, 0.5),
            "weight_decay": (0, 3000.0),
            "initial_accumulator_value": (0, 7.5e7),
            "eps": (1e-10, 1e4),
        },
    ),
    _Adaptive(
        "RMSprop",
        profile="extended",
        arguments={
            "lr": (0.01, 0.03),
            "alpha": (0.99, 0.6),
            "eps": (1e-8, 1e4),
            "weight_decay": (0, 3000.0),
            "momentum": (0, 0.8),
            "centered": (False, True),
        },
    ),
    _Adaptive(
        "Adam",
        profile="extended",
        arguments={
            "lr": (1e-3, 0.03),
            "betas": ((0.9, 0.999), (0.5, 0.8)),
            "eps": (1e-8, 1e4),
            "weight_decay": (0, 3000.0),
            "amsgrad": (False, True),
        },
    ),
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


def audit(
    sections: Collection[str], arguments: Mapping[str, Collection[str]] | None = None
) -> Iterator[str]:
    """Yield what is missing, one sentence each.

    Parameters
    ----------
    sections : collection of str
        The units that have requirements in SPEC.md.
    arguments : mapping, optional
        The arguments of their constructors there.
    """
    known = {row.name for row in ROWS}
    for name in sections:
        if name not in known:
            yield f"{name} of SPEC.md has no row in units.py"
    for row in ROWS:
        if row.name not in sections:
            yield f"{row.name} of units.py has no section with requirements in SPEC.md"
        if row.kind in ("layer", "loss", "optimizer"):
            for argument in (arguments or {}).get(row.name, ()):
                if len(row.arguments.get(argument, ())) < 2:
                    yield f"{row.name} of units.py has no two values for {argument} of SPEC.md"
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
