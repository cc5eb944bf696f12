"""Templates of losses and optimizers, Sequential and the loops."""

import abc
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .template import Array, Layer, register


@dataclass(slots=True)
class Loss(abc.ABC):
    """The template of losses: `_sums` gives the sum, its gradient and what "mean" divides by."""

    reduction: str = "mean"
    _gradient: Any = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.reduction not in ("mean", "sum"):
            raise ValueError(f"{type(self).__name__}(reduction={self.reduction!r}): unknown")

    @abc.abstractmethod
    def _sums(self, prediction: Array, target: Array) -> tuple[float, Array, int]: ...

    def forward(self, prediction: Array, target: Array) -> float:
        total, gradient, count = self._sums(prediction, target)
        divisor = count if self.reduction == "mean" else 1
        self._gradient = np.asarray(gradient / divisor).astype(prediction.dtype)
        return float(total / divisor)

    def backward(self) -> Array:
        if self._gradient is None:
            name = type(self).__name__
            raise RuntimeError(f"{name}.backward() needs a {name}.forward() before")
        return self._gradient


@register
@dataclass(slots=True)
class SoftmaxCrossEntropy(Loss):
    def _sums(self, prediction: Array, target: Array) -> tuple[float, Array, int]:
        shapes = f"SoftmaxCrossEntropy: {prediction.shape} logits, {target.shape} target"
        if prediction.ndim != 2 or len(prediction) < 1:
            raise ValueError(shapes)
        n, k = prediction.shape
        if target.shape == (n,):
            if target.dtype.kind not in "iu":
                raise ValueError(f"{shapes} of {target.dtype}")
            for label in (target.min(), target.max()):
                if label not in range(k):
                    raise ValueError(f"{shapes}, label {label} out of range")
            hot = np.zeros((n, k), prediction.dtype)
            hot[np.arange(n), target] = 1
            target = hot
        if target.shape != (n, k):
            raise ValueError(shapes)
        z = prediction - prediction.max(axis=1, keepdims=True)
        lse = np.log(np.exp(z).sum(axis=1, keepdims=True))
        return (target * (lse - z)).sum(), np.exp(z - lse) - target, n


@register
@dataclass(slots=True)
class MSE(Loss):
    def _sums(self, prediction: Array, target: Array) -> tuple[float, Array, int]:
        if prediction.shape != target.shape:
            raise ValueError(f"MSE: {prediction.shape} prediction, {target.shape} target")
        error = prediction - target
        return np.dot(np.ravel(error), np.ravel(error)), 2 * error, error.size


@dataclass(slots=True, kw_only=True)
class Optimizer(abc.ABC):
    """The template of optimizers: `_direction(g, state)` is what the parameter moves against."""

    steps: int = field(default=0, init=False)
    state: dict[str, dict[str, Array]] = field(default_factory=dict, init=False, repr=False)

    @abc.abstractmethod
    def _direction(self, g: Array, state: Callable[..., Array]) -> Array: ...

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        name = type(self).__name__
        for key in {*params, *grads}:
            if key not in params or key not in grads:
                raise ValueError(f"{name}.step: {key} is not in both dicts")
            if params[key].shape != grads[key].shape:
                shapes = f"{params[key].shape} parameter, {grads[key].shape} gradient"
                raise ValueError(f"{name}.step: {key}: {shapes}")
        self.steps += 1
        for key, p in params.items():
            own = self.state.setdefault(key, {})

            def state(slot: str, start: float = 0.0, own: dict = own, p: Array = p) -> Array:
                if slot not in own:
                    own[slot] = np.full(p.shape, start, p.dtype)
                return own[slot]

            g = grads[key] + self.weight_decay * p if self.weight_decay else grads[key]
            p -= self._direction(g, state)


@register
@dataclass(slots=True)
class SGD(Optimizer):
    lr: float
    momentum: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False
    decay: float = 0.0

    def __post_init__(self) -> None:
        if min(self.lr, self.momentum, self.weight_decay, self.decay) < 0:
            raise ValueError(f"{self}: negative")
        if self.nesterov and self.momentum == 0:
            raise ValueError(f"{self}: nesterov needs a momentum")

    def _direction(self, g: Array, state: Callable[..., Array]) -> Array:
        v = state("velocity")
        v *= self.momentum
        v += g
        ahead = g + self.momentum * v if self.nesterov else v
        return self.lr / (1 + self.decay * (self.steps - 1)) * ahead


@register
@dataclass(slots=True)
class AdaGrad(Optimizer):
    lr: float = 0.01
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10

    def _direction(self, g: Array, state: Callable[..., Array]) -> Array:
        total = state("sum", self.initial_accumulator_value)
        total += g**2
        rate = self.lr / (1 + self.lr_decay * (self.steps - 1))
        return rate * g / (np.sqrt(total) + self.eps)


@register
@dataclass(slots=True)
class RMSprop(Optimizer):
    lr: float = 0.01
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    momentum: float = 0.0
    centered: bool = False

    def _direction(self, g: Array, state: Callable[..., Array]) -> Array:
        square, average, velocity = state("square"), state("average"), state("velocity")
        square[...] = self.alpha * square + (1 - self.alpha) * g * g
        average[...] = self.alpha * average + (1 - self.alpha) * g
        below = np.maximum(square - average * average, 0) if self.centered else square
        velocity[...] = self.momentum * velocity + g / (np.sqrt(below) + self.eps)
        return self.lr * velocity


@register
@dataclass(slots=True)
class Adam(Optimizer):
    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    amsgrad: bool = False

    def _direction(self, g: Array, state: Callable[..., Array]) -> Array:
        (b1, b2), m, s = self.betas, state("mean"), state("square")
        m[...] = b1 * m + (1 - b1) * g
        s[...] = b2 * s + (1 - b2) * g * g
        if self.amsgrad:
            s = np.maximum(state("largest"), s, out=state("largest"))
        root = np.sqrt(s) / np.sqrt(1 - b2**self.steps)
        return self.lr / (1 - b1**self.steps) * m / (root + self.eps)


@register
class Sequential:
    __slots__ = ("_training", "layers")

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = list(layers)
        self.training = True

    @property
    def training(self) -> bool:
        return self._training

    @training.setter
    def training(self, value: bool) -> None:
        self._training = value
        for layer in self.layers:
            layer.training = value

    @property
    def params(self) -> dict[str, Array]:
        return {f"{i}.{k}": v for i, part in enumerate(self.layers) for k, v in part.params.items()}

    @property
    def grads(self) -> dict[str, Array]:
        return {f"{i}.{k}": v for i, part in enumerate(self.layers) for k, v in part.grads.items()}

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout: Array) -> Array:
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


@dataclass(slots=True)
class Score:
    """What is counted during a pass over the samples."""

    reduction: str
    classes: Array | None
    loss: float = 0.0
    hits: int = 0
    samples: int = 0

    @classmethod
    def of(cls, loss: Any, y: Array) -> "Score":
        if y.ndim == 1 and y.dtype.kind in "iu":
            return cls(loss.reduction, y)
        if y.ndim == 2 and y.shape[1] > 1 and np.isin(y, (0, 1)).all() and (y.sum(1) == 1).all():
            return cls(loss.reduction, y.argmax(1))
        return cls(loss.reduction, None)

    def add(self, value: float, out: Array, index: Array) -> None:
        self.samples += len(index)
        self.loss += float(value) * (len(index) if self.reduction == "mean" else 1)
        if self.classes is not None:
            self.hits += int((out.argmax(1) == self.classes[index]).sum())

    def result(self) -> dict[str, float]:
        result = {"loss": self.loss / self.samples}
        if self.classes is not None:
            result["accuracy"] = self.hits / self.samples
        return result


class Mode:
    """Context in which a model trains or does not."""

    def __init__(self, model: Any, training: bool) -> None:
        self.model, self.wanted = model, training

    def __enter__(self) -> None:
        self.before, self.model.training = self.model.training, self.wanted

    def __exit__(self, *_: Any) -> None:
        self.model.training = self.before


def _same_length(name: str, x: Array, y: Array) -> None:
    if len(x) != len(y):
        raise ValueError(f"{name}: {len(x)} samples, {len(y)} targets")


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    _same_length("fit", x, y)
    rng, history = np.random.default_rng(rng), []
    with Mode(model, True):
        for _ in range(epochs):
            score, order = Score.of(loss, y), np.arange(len(x))
            if shuffle:
                rng.shuffle(order)
            for start in range(0, len(x), batch_size):
                index = order[start : start + batch_size]
                out = model.forward(x[index])
                score.add(loss.forward(out, y[index]), out, index)
                model.backward(loss.backward())
                optimizer.step(model.params, model.grads)
            history.append(score.result())
    return {k: [entry[k] for entry in history] for k in (history[0] if history else ("loss",))}


def evaluate(model, loss, x, y, *, batch_size=256):
    _same_length("evaluate", x, y)
    score, order = Score.of(loss, y), np.arange(len(x))
    with Mode(model, False):
        for start in range(0, len(x), batch_size):
            index = order[start : start + batch_size]
            out = model.forward(x[index])
            score.add(loss.forward(out, y[index]), out, index)
    return score.result()


def predict(model, x, *, batch_size=256):
    with Mode(model, False):
        return np.concatenate(
            [model.forward(x[start : start + batch_size]) for start in range(0, len(x), batch_size)]
        )
