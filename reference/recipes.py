"""Layers, losses and optimizers by name, in the sizes that a model needs."""

import importlib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .initialization import BY_NAME
from .interfaces import Array, Loss, Optimizer
from .layer import Layer

INPUT_AXIS = {
    "Conv1D": 1,
    "Conv2D": 1,
    "ConvTranspose2D": 1,
    "Dense": 1,
    "BatchNorm1D": 1,
    "BatchNorm2D": 1,
    "RNN": 2,
    "LSTM": 2,
    "GRU": 2,
}  # its length comes first
ACTIVATIONS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "sigmoid": "Sigmoid"}
ACTIVATIONS |= {"tanh": "Tanh", "softmax": "Softmax"}
LOSSES = {"cross_entropy": "SoftmaxCrossEntropy", "mse": "MSE"}
OPTIMIZERS = {"sgd": "SGD", "adagrad": "AdaGrad", "rmsprop": "RMSprop"}
OPTIMIZERS |= {"adam": "Adam", "adamw": "AdamW"}


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
    axis = INPUT_AXIS.get(name)
    if axis is not None and len(shape) < axis:
        raise ValueError(f"it does not take samples of shape {shape}")
    if name == "Dense" and len(shape) > 1:
        raise ValueError(f"it does not take samples of shape {shape}; add Flatten before it")
    size = () if axis is None else (shape[axis - 1],)
    random = {"rng": rng} if "rng" in inspect.signature(cls).parameters else {}
    made: Layer = cls(*size, *args, **{**random, **options})
    return made


def start(layer: Layer, init: str | None, rng: np.random.Generator, dtype: DTypeLike) -> None:
    """Give the parameters of a layer their initial values and their dtype."""
    draw = None if init is None else one_of("init", BY_NAME, init)
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
