"""What the kit knows of one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal[
    "layer", "loss", "optimizer", "container", "loop", "function", "schedule", "wrapper", "network"
]
Family = Literal[
    "",
    "transposed convolution",
    "upsampling",
    "pooling",
    "global pooling",
    "elementwise",
    "normalization",
    "adaptive",
]
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
    "KL": "kernel place",
    "OH": "row",
    "OW": "column",
    "D": "feature",
    "T": "step",
    "L": "place",
    "OL": "place",
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
    ranks : tuple of int
        How many dimensions x has, if others are an option.
    other_ranks : str
        What SPEC.md calls that option.
    words : mapping
        What a place along an axis is called here, where it is not as in AXES.
    inputs : tuple of str
        What a layer's forward is given, in order; what need not be there comes last.
    constants : tuple of str
        Of these what has no gradient: indices, masks.
    outputs : tuple of str
        What a layer's forward returns, in order: a tuple where a case has more than the first.
    parameters : tuple of str
        What it learns, in PyTorch's order.
    starts : mapping
        What its parameters and buffers are at first, where each is a number throughout. What is
        not a parameter is a buffer.
    optional_bias : bool
        Whether it has a bias unless told otherwise.
    arguments : mapping
        The arguments of its constructor, in order, with two legal values of each or more: the
        default first, if it has one.
    demanded : tuple of str
        The arguments with a default that are no options: nothing of the unit is without them.
    window : int or None
        Where the size of its window stands among the constructor's arguments.
    takes : {"arrays", "dict", "function", "shape"}
        What a function is given: arrays; a dict of arrays, which it changes in place; a function
        and an array; or a shape and a generator.
    has_modes : bool
        Whether it does something else in training than in evaluation.
    fewest_samples : int
        How many samples a batch has at least.
    is_random : bool
        Whether the same call may have another answer next time.
    smoothness : str
        What function it is of each of its arguments. A piecewise linear one has kinks, from which
        its cases keep away.
    step : float
        The step of differences, the first one where they are extrapolated.
    targets : {"", "classes", "labels", "probabilities", "values"}
        What a loss is given beside the prediction: of classes, labels or probabilities; labels
        alone; or numbers from 0 to 1, as which its predictions may be read too.
    step_taught : int or None
        In which step of the students' README it is written; none outside of the core.
    task : str
        What the students' README says is to be written: of what the full profile adds.
    profile : {"core", "extended", "full"}
        The first profile that asks for it.
    """

    name: str
    kind: Kind
    family: Family = ""
    stem: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    ranks: tuple[int, ...] = ()
    other_ranks: str = "other shapes"
    words: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("x",)
    constants: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("y",)
    parameters: tuple[str, ...] = ()
    starts: Mapping[str, float] = field(default_factory=dict)
    optional_bias: bool = False
    arguments: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    demanded: tuple[str, ...] = ("lr",)
    window: int | None = None
    takes: Literal["arrays", "dict", "function", "shape"] = "arrays"
    has_modes: bool = False
    fewest_samples: int = 1
    is_random: bool = False
    smoothness: Smoothness = ""
    step: float = 1.0
    targets: Literal["", "classes", "labels", "probabilities", "values"] = ""
    step_taught: int | None = None
    task: str = ""
    profile: Profile = "core"

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem", self.stem or self.name.lower())

    @property
    def sides(self) -> int:
        """How many axes x has behind its channels: those along which a window moves."""
        return len(self.axes["x"].partition("|")[0].split()) - 2

    @property
    def takes_images(self) -> bool:
        """Whether x is a batch of images, without being an option."""
        of_x = self.axes.get("x", "").partition("|")[0].split()
        return 4 in self.ranks if self.ranks else of_x == ["N", "C", "H", "W"]

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
