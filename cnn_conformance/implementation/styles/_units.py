"""The specification's units without their work: what each is made with, and what it keeps.

A style fills in `forward` and `backward`. What the foreign code has no parameter for is refused:
class attributes say what that is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array

Function = Callable[..., Any]


def unsupported(what: str) -> NotImplementedError:
    """Return the refusal of something for which the foreign code has no parameter."""
    return NotImplementedError(f"unsupported: {what}")


def refuse(given: Mapping[str, Any], **defaults: Any) -> None:
    """Refuse arguments that the foreign code does not take, unless they are as if not given."""
    for name, default in defaults.items():
        if given.get(name, default) != default:
            raise unsupported(f"{name}={given[name]}")


def whole(what: str, value: Any) -> Any:
    """Return a size as one number, for code that has one number for rows and columns."""
    rows, columns = pair(what, value)
    if rows != columns:
        raise unsupported(f"{what}={(rows, columns)}, a pair")
    return rows


def pair(what: str, value: Any) -> tuple[Any, Any]:
    """Return a size as two numbers."""
    if isinstance(value, str):
        raise unsupported(f"{what}={value!r}")
    rows, columns = value if isinstance(value, (tuple, list)) else (value, value)
    return rows, columns


def drawn(*shape: int) -> Array:
    """Return weights to start with, where the foreign code makes none of its own."""
    shape = tuple(max(0, length) for length in shape)
    weights: Array = np.random.standard_normal(shape) / np.sqrt(max(1, math.prod(shape[1:])))
    return weights


def from_last(x: Array) -> Array:
    """Return images with channels first, from channels last; anything else as it is."""
    return x.transpose(0, 3, 1, 2) if np.ndim(x) == 4 else x


def to_last(x: Array) -> Array:
    """Return images with channels last, from channels first; anything else as it is."""
    return x.transpose(0, 2, 3, 1) if np.ndim(x) == 4 else x


class Layer:
    """A layer: `params`, `grads`, `training`."""

    def __init__(self, **params: Array) -> None:
        self.params = params
        self.grads: dict[str, Array] = {}
        self.training = True

    def keep(self, **grads: Any) -> None:
        """Take the gradients of those parameters that there are."""
        self.grads = {name: grads[name] for name in self.params}

    @property
    def bias(self) -> Array:
        """The bias, zeros where there is none: for code that always adds one."""
        weight = self.params["weight"]
        return self.params.get("bias", np.zeros(len(weight), weight.dtype))


class Dense(Layer):
    """Weights to start with, and a bias of zeros."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        self.sizes = in_features, out_features
        super().__init__(weight=drawn(out_features, in_features), **_zeros(bias, out_features))


class Conv2D(Layer):
    """Sizes are pairs, or one number if they are in `one_number`; others only if in `accepts`."""

    one_number: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        bias: bool = True,
        **others: Any,
    ) -> None:
        self.others = others
        refuse(others, **{n: 1 for n in ("dilation", "groups") if n not in self.accepts})
        self.sizes = in_channels, out_channels
        rows, columns = pair("kernel_size", kernel_size)
        self.kernel_size = _size(self, "kernel_size", kernel_size)
        self.stride = _size(self, "stride", stride)
        self.padding = _size(self, "padding", padding)
        channels = in_channels // max(1, others.get("groups", 1))
        weight = drawn(out_channels, channels, rows, columns)
        super().__init__(weight=weight, **_zeros(bias, out_channels))


class Conv1D(Layer):
    """A dilation is refused."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        dilation: int = 1,
    ) -> None:
        refuse({"dilation": dilation}, dilation=1)
        self.sizes = in_channels, out_channels
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        weight = drawn(out_channels, in_channels, kernel_size)
        super().__init__(weight=weight, **_zeros(bias, out_channels))


class Embedding(Layer):
    """A row for each index."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__(weight=drawn(num_embeddings, embedding_dim))


class Pool(Layer):
    """As `Conv2D`; a padding is refused unless `pads`."""

    one_number: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    pads = False

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, **others: Any
    ) -> None:
        self.others = others
        usual = {"count_include_pad": True, "ceil_mode": False}
        refuse(others, **{n: value for n, value in usual.items() if n not in self.accepts})
        if not self.pads:
            refuse({"padding": whole("padding", padding)}, padding=0)
        self.kernel_size = _size(self, "kernel_size", kernel_size)
        self.stride = _size(self, "stride", kernel_size if stride is None else stride)
        self.padding = _size(self, "padding", padding)
        super().__init__()


class BatchNorm2D(Layer):
    """Ones and zeros to start with; running statistics are in `state` once the code has some."""

    names = ("running_mean", "running_var")

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.size, self.eps, self.momentum = num_features, eps, momentum
        super().__init__(weight=np.ones(num_features), bias=np.zeros(num_features))
        self.state: dict[str, Any] = {}


class LayerNorm(Layer):
    """Ones and zeros to start with."""

    def __init__(self, normalized_shape: Any, eps: float = 1e-5) -> None:
        self.eps = eps
        super().__init__(weight=np.ones(normalized_shape), bias=np.zeros(normalized_shape))


class GroupNorm(Layer):
    """Ones and zeros to start with."""

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5) -> None:
        self.num_groups, self.eps = num_groups, eps
        super().__init__(weight=np.ones(num_channels), bias=np.zeros(num_channels))


class Dropout(Layer):
    """A generator is refused."""

    def __init__(self, p: float = 0.5, rng: Any = None) -> None:
        refuse({"rng": rng}, rng=None)
        self.p = p
        super().__init__()


class GELU(Layer):
    """The formula with tanh is refused."""

    def __init__(self, approximate: str = "none") -> None:
        refuse({"approximate": approximate}, approximate="none")
        super().__init__()


class Recurrent(Layer):
    """Weights to start with, of all gates in one array."""

    gates = 1

    def __init__(self, input_size: int, hidden_size: int) -> None:
        rows = self.gates * hidden_size
        super().__init__(
            weight_ih_l0=drawn(rows, input_size),
            weight_hh_l0=drawn(rows, hidden_size),
            bias_ih_l0=np.zeros(rows),
            bias_hh_l0=np.zeros(rows),
        )


class RNN(Recurrent):
    """One gate; "relu" is refused."""

    def __init__(self, input_size: int, hidden_size: int, nonlinearity: str = "tanh") -> None:
        refuse({"nonlinearity": nonlinearity}, nonlinearity="tanh")
        super().__init__(input_size, hidden_size)


class LSTM(Recurrent):
    """Four gates."""

    gates = 4


class Loss:
    """A loss; `reduction` must be that of the foreign code."""

    own_reduction = "mean"

    def __init__(self, reduction: str = "mean") -> None:
        refuse({"reduction": reduction}, reduction=self.own_reduction)
        self.reduction = reduction


class Optimizer:
    """An optimizer around a function for one parameter.

    Parameters
    ----------
    update : callable
        Returns a parameter's new value and state, from its value, gradient and state.
    **state : Any
        The state of a parameter at first.
    """

    def __init__(self, update: Function, **state: Any) -> None:
        self._update, self._first = update, state
        self._state: dict[str, Any] = {}

    def step(self, params: dict[str, Array], grads: Mapping[str, Array]) -> None:
        """Update each parameter in place."""
        for name in params:
            state = self._state.setdefault(name, dict(self._first))
            new, self._state[name] = self._update(params[name], grads[name], state)
            params[name][...] = new


_ADAGRAD = {"lr": 0.01, "lr_decay": 0, "weight_decay": 0, "initial_accumulator_value": 0}
_RMSPROP = {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0, "momentum": 0}
_ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False}
SETTINGS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": None, "momentum": 0, "weight_decay": 0, "nesterov": False, "decay": 0},
    "AdaGrad": {**_ADAGRAD, "eps": 1e-10},
    "RMSprop": {**_RMSPROP, "centered": False},
    "Adam": _ADAM,
}
"""The arguments of optimizers in order, each with the value that is as if not given."""


def optimizer(unit: str, make: Callable[..., object], **names: Any) -> Callable[..., object]:
    """Return what makes an optimizer, with the foreign names of its arguments.

    Parameters
    ----------
    unit : str
        Which optimizer of the specification.
    make : callable
        Takes those arguments that are given, by their foreign names.
    **names : str or pair of str
        The foreign names. An argument that has none is refused.
    """

    def made(*args: Any, **options: Any) -> object:
        given = dict(zip(SETTINGS[unit], args, strict=False)) | options
        refuse(given, **{n: v for n, v in SETTINGS[unit].items() if n not in names})
        told: dict[str, Any] = {}
        for name in given.keys() & names.keys():
            is_pair = isinstance(names[name], tuple)
            values = given[name] if is_pair else [given[name]]
            told |= zip(names[name] if is_pair else [names[name]], values, strict=True)
        return make(**told)

    return made


def labels(target: Array) -> Array:
    """Return targets that are class indices; others are refused."""
    if np.ndim(target) != 1:
        raise unsupported("probabilities as targets")
    return target


def one_hot(logits: Array, target: Array) -> Array:
    """Return targets with a row for each sample, as the logits."""
    if np.ndim(target) != 1:
        return target
    return np.eye(np.shape(logits)[-1], dtype=logits.dtype)[target]


def _zeros(bias: bool, size: int) -> dict[str, Array]:
    return {"bias": np.zeros(max(0, size))} if bias else {}


def _size(layer: Conv2D | Pool, what: str, value: Any) -> Any:
    return whole(what, value) if what in layer.one_number else pair(what, value)
