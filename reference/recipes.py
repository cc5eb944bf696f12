"""Layers, losses and optimizers by name, in the sizes that a model needs."""

import importlib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .he_normal import he_normal
from .he_uniform import he_uniform
from .initialization import normal, uniform, uniform_by_inputs
from .interfaces import Array, Loss, Optimizer
from .layer import Layer
from .xavier_normal import xavier_normal
from .xavier_uniform import xavier_uniform

INPUT_AXIS = {
    "in_channels": 1,
    "in_features": 1,
    "num_features": 1,
    "input_size": 2,
    "embed_dim": 2,
}
"""By what a layer's first argument is called: the axis of a sample whose length it is."""
INITIALIZERS = {
    "kaiming_normal": he_normal,
    "kaiming_uniform": he_uniform,
    "xavier_normal": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "pytorch": uniform_by_inputs,
    "small_normal": normal,
    "small_uniform": uniform,
}
ACTIVATIONS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "sigmoid": "Sigmoid"}
ACTIVATIONS |= {"tanh": "Tanh", "softmax": "Softmax"}
LOSSES = {"cross_entropy": "SoftmaxCrossEntropy", "mse": "MSE"}
OPTIMIZERS = {"sgd": "SGD", "adagrad": "AdaGrad", "rmsprop": "RMSprop"}
OPTIMIZERS |= {"adam": "Adam", "adamw": "AdamW"}
KEPT_AS = {"initial_accumulator_value": "first"}
"""Where an argument of a loss or an optimizer is kept, if not under its own name."""


def layer(
    name: str,
    shape: tuple[int, ...],
    args: Sequence[Any],
    options: Mapping[str, Any],
    rng: np.random.Generator,
) -> Layer:
    """Return a layer for samples of a shape, which says what the size of its input is.

    Raises
    ------
    ValueError, TypeError
        If there is no such layer, it takes no such samples, or no such arguments.
    """
    cls = _exported(name)
    if not (isinstance(cls, type) and issubclass(cls, Layer) and cls is not Layer):
        raise ValueError("there is no such layer")
    arguments = inspect.signature(cls).parameters
    axis = INPUT_AXIS.get(next(iter(arguments), ""))
    if axis is not None and len(shape) < axis:
        raise ValueError(f"it does not take samples of shape {shape}")
    if name == "Dense" and len(shape) > 1:
        raise ValueError(f"it does not take samples of shape {shape}; add Flatten before it")
    size = () if axis is None else (shape[axis - 1],)
    random = {"rng": rng} if "rng" in arguments else {}
    made: Layer = cls(*size, *args, **{**random, **options})
    return made


def start(layer: Layer, init: Any, rng: np.random.Generator, dtype: DTypeLike) -> None:
    """Give the parameters of a layer their initial values and their dtype."""
    draw = init if init is None or callable(init) else one_of("init", INITIALIZERS, init)
    for name, value in layer.params.items():
        drawn: Array = draw(value.shape, rng) if draw and value.ndim > 1 else value
        layer.params[name] = drawn.astype(dtype)


def output_shape(layer: Layer, shape: tuple[int, ...], dtype: DTypeLike) -> tuple[int, ...]:
    """Return the shape of one sample's output, by running the layer."""
    layer.training = False  # statistics and masks of a trial are not wanted
    output = layer.forward(np.zeros((1, *shape), dtype)).shape[1:]
    layer.training = True
    return output


def optimizer(name: str) -> Optimizer:
    """Return an optimizer with its usual learning rate: 0.1 for SGD, which has no default."""
    made: Optimizer = _exported(one_of("optimizer", OPTIMIZERS, name))(*[0.1] * (name == "sgd"))
    return made


def loss(name: str) -> Loss:
    """Return a loss."""
    made: Loss = _exported(one_of("loss", LOSSES, name))()
    return made


def described(unit: object) -> dict[str, Any] | None:
    """Return the name and the arguments of a loss or an optimizer of this package, else None."""
    name = type(unit).__name__
    if unit is None or _exported(name) is not type(unit):
        return None
    arguments = inspect.signature(type(unit)).parameters
    return {"unit": name, "options": {n: getattr(unit, KEPT_AS.get(n, n)) for n in arguments}}


def made(recipe: Mapping[str, Any] | None, has: str) -> Any:
    """Return what `described` has described; None for nothing.

    Raises
    ------
    ValueError, TypeError
        If it is not of this package, has no attribute of a name, or takes no such arguments.
    """
    if recipe is None:
        return None
    cls = _exported(str(recipe["unit"]))
    options = {n: tuple(v) if isinstance(v, list) else v for n, v in recipe["options"].items()}
    unit = cls(**options) if isinstance(cls, type) else None
    if not hasattr(unit, has):
        raise ValueError(f"{recipe['unit']} is not what it should be")
    return unit


def one_of(what: str, names: Mapping[str, Any], name: str) -> Any:
    """Return what a name stands for.

    Raises
    ------
    ValueError
        If it is none of the names.
    """
    if name not in names:
        raise ValueError(f"{what} must be one of {', '.join(names)}, got {name!r}")
    return names[name]


def _exported(name: str) -> Any:
    """Return what this package exports under a name, or None."""
    return vars(importlib.import_module(__package__)).get(name)
