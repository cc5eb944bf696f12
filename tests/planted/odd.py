"""The reference with one odd thing: what a method returns, or what an attribute is."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.grade import RIGHT

LAYERS = ("Conv2D", "MaxPool2D", "Flatten", "Dense", "ReLU")
LOSSES = ("SoftmaxCrossEntropy", "MSE")
FUNCTIONS = ("fit", "evaluate", "predict")


class Hostile:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(f"hostile: {name}")

    def __repr__(self) -> str:
        raise KeyboardInterrupt

    __str__ = __len__ = __iter__ = __array__ = __float__ = __bool__ = __eq__ = __repr__
    __hash__ = object.__hash__


class HostileDict(dict):
    """Lies about its content."""

    def items(self) -> Any:
        raise ValueError("no items")

    def __len__(self) -> int:
        return -1


class HostileKey:
    """A key whose text cannot be read."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


class Text(str):
    """A str that is not one."""

    def __str__(self) -> Any:
        return 3


def _deep(right: Any) -> Any:
    for _ in range(2000):
        right = [right]
    return right


def _endless(right: Any) -> Any:
    right = [right]
    right.append(right)
    return right


def _number(right: Any) -> Any:
    return right if isinstance(right, np.ndarray) else np.asarray(right, np.float64)


class Array(np.ndarray):
    """Right numbers, in a class that may compute with them as it likes."""


Maker = Callable[[Any], Any]
ODD: dict[str, Maker] = {
    "None": lambda right: None,
    "a matrix": lambda right: np.ones((3, 4)).view(np.matrix),
    "an array subclass": lambda right: _number(right).view(Array),
    "a masked array": lambda right: np.ma.array(_number(right), copy=True),
    "objects": lambda right: np.full((2, 3), None),
    "text": lambda right: "\x1b[2J" * 1000,
    "text that is not text": lambda right: Text("x"),
    "an array of text": lambda right: np.array(["1", "2"]),
    "complex": lambda right: _number(right) + 1j if not isinstance(right, dict) else 1j,
    "a list": lambda right: right.tolist() if isinstance(right, np.ndarray) else [1.5, 2],
    "nested lists": _deep,
    "an endless list": _endless,
    "ragged lists": lambda right: [[1.0], [], [[2]]],
    "an array without axes": lambda right: np.array(0.5),
    "an array of one": lambda right: np.ones(1),
    "an array of nothing": lambda right: np.ones((0, 3)),
    "an array of 40 axes": lambda right: np.ones((1,) * 40),
    "nan": lambda right: np.full(np.shape(right), np.nan) if _is_array(right) else float("nan"),
    "inf": lambda right: np.full(np.shape(right), np.inf) if _is_array(right) else float("-inf"),
    "bool": lambda right: right > 0 if _is_array(right) else np.True_,
    "int": lambda right: (right * 9).astype(np.int64) if _is_array(right) else 7,
    "a huge int": lambda right: 10**5000,
    "a large int": lambda right: 10**400,
    "float16 and wrong": lambda right: (
        (right + 1).astype(np.float16) if _is_array(right) else np.float16(9)
    ),
    "dates": lambda right: np.array(["2020-01-01"], "M8[D]"),
    "a structured array": lambda right: np.zeros(3, [("a", "f8")]),
    "a huge reply": lambda right: np.zeros((9 << 20,)),
    "a hostile object": lambda right: object.__new__(Hostile),
    "a hostile dict": lambda right: HostileDict(weight=1),
    "strange keys": lambda right: {HostileKey(): 1, None: 2, "": 3, ("a",): np.ones(2)},
    "an empty dict": lambda right: {},
    "a dict of None": lambda right: dict.fromkeys(right, None) if type(right) is dict else {0: 0},
    "a dict of odd shapes": lambda right: (
        {key: np.ones((3, 1, 2)) for key in right} if type(right) is dict else {"loss": [None]}
    ),
    "a dict with more": lambda right: (
        {**right, "more": np.ones(2)} if type(right) is dict else {"loss": "x", "accuracy": "y"}
    ),
    "transposed": lambda right: right.T if _is_array(right) and right.ndim > 1 else 1e9,
    "one axis more": lambda right: right[None] if _is_array(right) else np.float64(1e9),
    "one row less": lambda right: right[:-1] if _is_array(right) and right.ndim else -1e9,
    "a class": lambda right: Hostile,
    "a module": lambda right: np,
}


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def places() -> Iterator[tuple[str, str]]:
    """Return where something odd can come from: a unit and the name of a method or attribute."""
    for unit in (*LAYERS, "Sequential"):
        for member in ("forward", "backward", "params", "grads", "training"):
            yield unit, member
    yield "Sequential", "layers"
    for unit in LOSSES:
        yield from ((unit, "forward"), (unit, "backward"))
    yield "SGD", "step"
    yield from ((unit, "") for unit in FUNCTIONS)
    yield from ((unit, "new") for unit in (*LAYERS, "Sequential", *LOSSES, "SGD"))


def plant(unit: str, member: str, make: Maker) -> dict[str, Any]:
    """Return the reference's units, one of them with something odd at a place."""
    right = RIGHT[unit]
    if unit in FUNCTIONS:
        return RIGHT | {unit: lambda *args, **options: make(right(*args, **options))}
    if member == "new":
        return RIGHT | {unit: lambda *args, **options: make(None)}
    body: dict[str, Any] = {member: _method(right, member, make)}
    if member in ("params", "grads", "training", "layers"):
        body = {member: _attribute(member, make)}
        if member == "training":
            body = {member: property(lambda self: make(True), lambda self, value: None)}
    return RIGHT | {unit: type(unit, (right,), body)}


def _method(right: type, member: str, make: Maker) -> Callable[..., Any]:
    def method(self: Any, *args: Any) -> Any:
        result = getattr(right, member)(self, *args)
        if member == "step":
            params = args[0]
            for key, value in list(params.items()):
                params[key] = make(value)
        return make(result)

    return method


def _attribute(member: str, make: Maker) -> property:
    """Return a property that shows something odd to those outside the class's own files."""

    def get(self: Any) -> Any:
        import sys

        caller = sys._getframe(1).f_globals["__name__"]
        own = self.__dict__.get(member, {})
        return own if caller.startswith("reference") else make(own)

    def put(self: Any, value: Any) -> None:
        self.__dict__[member] = value

    return property(get, put)
