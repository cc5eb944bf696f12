"""The layers and optimizers of tensors: `tensor` says what they are called."""

from __future__ import annotations

import inspect
from itertools import permutations
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._front import (
    NAMES,
    Front,
    Recorded,
    prepared,
    sizes_of,
    unwrap,
)

PARAMS = "params", "lr"


class Weighted(Recorded):
    """A module with parameters, whose axes may be in another order, or one more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = {"weight": ("weight", "W", "w"), "bias": ("bias", "b")}
        self.names = {
            name: next(n for n in names[name] if hasattr(self.run, n)) for name in self.params
        }
        probe = prepared(self.foreign, inputs=2, outputs=3, kernel_size=5)
        theirs = unwrap(getattr(probe, self.names["weight"])).shape
        ours = (3, 2, 5, 5)[: len(theirs)]
        orders = permutations(range(self.params["weight"].ndim))
        fitting = (order for order in orders if theirs == tuple(ours[i] for i in order))
        self.order = next(fitting, tuple(range(self.params["weight"].ndim)))

    def placed(self) -> dict[str, Any]:
        placed = {}
        for name, array in self.params.items():
            old = getattr(self.run, self.names[name])
            is_weight = name == "weight"
            array = array.transpose(self.order) if is_weight else array.reshape(np.shape(old.data))
            placed[name] = self.front.replaced(old, array)
            setattr(self.run, self.names[name], placed[name])
        return placed

    def take(self, grads: dict[str, Any]) -> None:
        weight, bias = grads["weight"], grads.get("bias")
        turned = None if weight is None else weight.transpose(np.argsort(self.order))
        self.keep(weight=turned, bias=None if bias is None else bias.reshape(-1))


class Dense(Weighted, _units.Dense):
    def given(self) -> dict[str, Any]:
        inputs, outputs = self.sizes
        return {"inputs": inputs, "outputs": outputs, "bias": "bias" in self.params}


class Conv2D(Weighted, _units.Conv2D):
    accepts = ("dilation", "groups")

    def given(self) -> dict[str, Any]:
        inputs, outputs = self.sizes
        given = {"inputs": inputs, "outputs": outputs, "bias": "bias" in self.params}
        sizes = sizes_of(self)
        if keeps_size(self.foreign, self.front):
            same = tuple((size - 1) / 2 for size in _pair(sizes["kernel_size"]))
            if _pair(sizes.pop("padding")) != same:
                raise _units.unsupported('padding that is not "same"')
        _refuse_pairs(self, **{**given, **self.others})
        return {**given, **sizes, **self.others}


class Pool(Recorded, _units.Pool):
    pads, accepts = True, ("count_include_pad", "ceil_mode")

    def given(self) -> dict[str, Any]:
        sizes = sizes_of(self)
        _refuse_pairs(self, **self.others)
        if "stride" not in inspect.signature(self.foreign).parameters:
            _units.refuse({"stride": sizes.pop("stride")}, stride=sizes["kernel_size"])
        return {**sizes, **self.others}


class Normalization(Recorded):
    """A module with a weight and a bias for each feature, in whatever shape."""

    size: Any
    eps: float

    def given(self) -> dict[str, Any]:
        return {"features": self.size, "eps": self.eps}

    def placed(self) -> dict[str, Any]:
        placed = {}
        for name, array in self.params.items():
            old = getattr(self.run, name)
            placed[name] = self.front.replaced(old, array.reshape(np.shape(old.data)))
            setattr(self.run, name, placed[name])
        return placed

    def take(self, grads: dict[str, Any]) -> None:
        self.keep(**{name: np.reshape(grads[name], p.shape) for name, p in self.params.items()})


class LayerNorm(Normalization, _units.LayerNorm):
    def __init__(self, normalized_shape: Any, eps: float = 1e-5) -> None:
        self.size = normalized_shape
        super().__init__(normalized_shape, eps)

    def record(self, x: Array) -> None:
        _demand_rows(self.foreign, x)
        super().record(x)


class BatchNorm(Normalization, _units.BatchNorm2D):
    """Its running statistics are attributes; recording again leaves them as they are."""

    def given(self) -> dict[str, Any]:
        return {**super().given(), "momentum": self.momentum}

    @property
    def buffers(self) -> dict[str, Any]:
        return {name: array_of(getattr(self.run, name)).reshape(-1) for name in self.names}

    def record(self, x: Array) -> None:
        self.run.training = self.training
        super().record(x)

    def backward(self, dout: Array) -> Any:
        kept = {name: getattr(self.run, name) for name in self.names}
        dx = super().backward(dout)
        for name, value in kept.items():
            setattr(self.run, name, value)
        return dx


class BatchNorm1D(BatchNorm):
    def record(self, x: Array) -> None:
        _demand_rows(self.foreign, x)
        super().record(x)


class Dropout(Recorded, _units.Dropout):
    def given(self) -> dict[str, Any]:
        return {"p": self.p}

    def record(self, x: Array) -> None:
        self.run.training = self.training
        super().record(x)

    def backward(self, dout: Array) -> Any:
        if not self.is_fresh:
            raise _units.unsupported("a second backward: the mask would be another")
        return super().backward(dout)


class Optimizer:
    """An optimizer of tensors, which is made with all of them at the first step."""

    def __init__(self, front: Front, name: str, **settings: Any) -> None:
        self.front, self.name, self.settings = front, name, settings
        self.tensors: dict[str, Any] = {}

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        if not self.tensors:
            self.tensors = {name: self.front.wrap(array) for name, array in params.items()}
            self.foreign = self.front.find(self.name, takes=PARAMS)(
                [*self.tensors.values()], **self.settings
            )
        for name, tensor in self.tensors.items():
            tensor.grad = self.front.gradient(grads[name])
        self.foreign.step()
        for name, tensor in self.tensors.items():
            params[name][...] = unwrap(tensor)


def shows_statistics(foreign: Any) -> bool:
    """Tell whether a module's running statistics are tensors around arrays that can be set."""
    statistics = getattr(prepared(foreign, features=2), "running_mean", None)
    return np.shares_memory(array_of(statistics), array_of(statistics))


def keeps_size(foreign: Any, front: Front) -> bool:
    """Tell whether a convolution without an argument for the padding always keeps the size."""
    if set(NAMES["padding"]) & inspect.signature(foreign).parameters.keys():
        return False
    try:
        layer = prepared(foreign, inputs=1, outputs=1, kernel_size=3)
        shape = unwrap(layer(front.wrap(np.ones((1, 1, 6, 7))))).shape
    except Exception:  # of whatever kind: it is a mistake of the code
        return False
    return bool(shape[2:] == (6, 7))


def array_of(value: Any) -> Array:
    """Return the array that a tensor is around, or a copy where there is none."""
    inner = value
    while not isinstance(inner, np.ndarray) and hasattr(inner, "data"):
        if inner.data is inner or isinstance(inner.data, type(inner)):
            break
        inner = inner.data
    return inner if isinstance(inner, np.ndarray) else np.array(unwrap(value))


def _refuse_pairs(layer: Any, **given: Any) -> None:
    """Refuse pairs of sizes where code that takes numbers raises for them as it does."""
    pairs = {name: value for name, value in sizes_of(layer).items() if isinstance(value, tuple)}
    plain = {"kernel_size": 1, "stride": 1, "padding": 0}
    for name, value in pairs.items():
        told = {**given, **plain, name: value}
        sizes = [value if n == name else 1 for n in ("kernel_size", "padding")]
        x = np.ones((1, given.get("inputs", 1), *np.max([_pair(s) for s in sizes], axis=0) + 3))
        try:
            prepared(layer.foreign, **told)(layer.front.wrap(x))
        except (TypeError, ValueError):
            raise _units.unsupported(f"{name} as a pair") from None
        except Exception:  # of whatever kind: it is a mistake of the code
            continue


def _pair(value: Any) -> tuple[Any, Any]:
    return value if isinstance(value, tuple) else (value, value)


def _demand_rows(foreign: Any, x: Array) -> None:
    """Refuse what a module for one dimension, as its name says, need not take."""
    if x.ndim != 2 and foreign.__name__.endswith("1d"):
        raise _units.unsupported(f"x of shape {x.shape}")
