"""Values that an implementation should not return, and a transport that puts them into replies."""

import warnings
from typing import Any

import numpy as np

from cnn_conformance.implementation.local import Local
from cnn_conformance.implementation.wire import Other, Ref

WEIRD: dict[str, Any] = {
    "None": None,
    "True": True,
    "text": "\x1b[31mred",
    "empty text": "",
    "int": -3,
    "huge int": 10**400,
    "nan": float("nan"),
    "inf": float("inf"),
    "numpy bool": np.True_,
    "longdouble": np.longdouble(1.5),
    "object": Other("builtins.object"),
    "reference to an object": Ref(1),
    "empty list": [],
    "list of objects": [Other("builtins.object"), None, "x"],
    "nested lists": [[[1.0], []], 2],
    "tuple": (np.ones(2), 3),
    "empty dict": {},
    "dict with strange keys": {"<builtins.object>": 1, "": None, "weight": "x"},
    "dict of odd arrays": {"weight": np.ones((7, 1)), "bias": np.ones((), bool), "loss": [None]},
    "dict of text": {"0.weight": "x", "loss": "x", "accuracy": {}, "value": 1},
    "array without axes": np.array(2.0),
    "array of one": np.ones(1),
    "array of no elements": np.ones((0, 3)),
    "array with many axes": np.ones((1,) * 32),
    "array of nan": np.full((2, 3), np.nan),
    "array of bool": np.ones((3, 4), bool),
    "array of inf": np.full((2, 3, 4, 5), np.inf),
    "complex array": np.ones((3, 4), complex),
    "longdouble array": np.ones((3, 4), np.longdouble),
    "array of another byte order": np.ones((3, 4), ">f8"),
}


class SameShape:
    """Stands for an array of the shape of the right reply, of another dtype or with odd values."""

    def __init__(self, dtype: str, value: float) -> None:
        self.dtype, self.value = dtype, value


SAME_SHAPE = {
    "bool like the right array": SameShape("?", 1),
    "nan like the right array": SameShape("f8", np.nan),
    "inf like the right array": SameShape("f8", np.inf),
    "complex like the right array": SameShape("c16", 1j),
    "longdouble like the right array": SameShape("g", 0.1),
    "bytes like the right array": SameShape("u1", 3),
}


class Tampering(Local):
    """Replaces the value of one reply, counted from 0, as a hostile process could do it."""

    at = -1
    value: Any = None
    count = 0

    def ask(self, request: dict[str, object], timeout: float) -> dict[str, Any]:
        asked = request["do"]
        reply = super().ask(request, timeout)
        if asked == "load":
            return reply
        if self.count == self.at and "value" in reply:
            reply = {"value": self._tampered(reply["value"])}
        self.count += 1
        return reply

    def _tampered(self, right: Any) -> Any:
        if not isinstance(self.value, SameShape):
            return self.value
        if isinstance(right, np.ndarray):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return np.full(right.shape, self.value.value).astype(self.value.dtype)
        if isinstance(right, dict):
            return {key: self._tampered(value) for key, value in right.items()}
        if isinstance(right, list):
            return [self._tampered(value) for value in right]
        return right
