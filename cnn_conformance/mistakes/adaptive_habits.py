"""Habits that go wrong in AdaGrad, RMSprop and Adam alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnn_conformance.arrays import Array

Arrays = dict[str, Array]

if TYPE_CHECKING:

    class Adaptive:
        """Any of the three."""

        lr: float
        weight_decay: float

        def __init__(self, *args: Any, **options: Any) -> None: ...
        def step(self, params: Arrays, grads: Arrays) -> None: ...
else:
    Adaptive = object


class NewArraysEachStep(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        copies = {name: p.copy() for name, p in params.items()}
        super().step(copies, grads)
        params.update(copies)


class StateByPosition(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        if list(params) != list(grads) and params.keys() == grads.keys():
            values = list(grads.values())
            pairs = zip(params.items(), values, strict=True)
            grads = {name: np.resize(g, p.shape) for (name, p), g in pairs}
        super().step(params, grads)


class AnotherEpsUnlessGiven(Adaptive):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"eps": 1e-7, **options})


class GradientsChanged(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        super().step(params, grads)
        for g in grads.values():
            g[...] = 0


class LatestRateForAll(Adaptive):
    latest: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        type(self).latest = self.lr

    def step(self, params: Arrays, grads: Arrays) -> None:
        self.lr = type(self).latest
        super().step(params, grads)


class StateInFloat32(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        short = {name: g.astype(np.float32).astype(g.dtype) for name, g in grads.items()}
        super().step(params, short)


class HalfPrecisionForFloat32(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        super().step(params, grads)
        for p in params.values():
            if p.dtype == np.float32:
                p[...] = p.astype(np.float16)


class GradientsBroadcast(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        fitting = {k: np.resize(g, params[k].shape) for k, g in grads.items()}
        super().step(params, fitting)


class SilentErrors(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        try:
            super().step(params, grads)
        except ValueError:
            raise ValueError("shape mismatch") from None


class DecayNotUsed(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        self.weight_decay = 0.0
        super().step(params, grads)


class DecayTurnedRound(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        self.weight_decay = -abs(self.weight_decay)
        super().step(params, grads)


class DecayDecoupled(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        was, self.weight_decay = self.weight_decay, 0.0
        before = {name: p.copy() for name, p in params.items()}
        super().step(params, grads)
        self.weight_decay = was
        for name, p in params.items():
            if self.decays(name):
                p -= (self.lr * was * before[name]).astype(p.dtype)

    def decays(self, name: str) -> bool:
        """Tell whether a parameter decays."""
        return True


class AnotherDefaultRate(Adaptive):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not args:
            self.lr = 0.05


def _is_bias(name: str) -> bool:
    return name.rpartition(".")[2].startswith("bias")


class DecaySparesBiases(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        kept = {name: g.copy() for name, g in grads.items()}
        for name, g in kept.items():
            if _is_bias(name) and g.shape == params[name].shape:
                g -= (self.weight_decay * params[name]).astype(g.dtype)
        super().step(params, kept)


class DecayDecoupledSparesBiases(DecayDecoupled):
    def decays(self, name: str) -> bool:
        return not _is_bias(name)


class DecayAfterTheStep(Adaptive):
    def spares(self, name: str) -> bool:
        """Tell whether a parameter does not decay."""
        return False

    def step(self, params: Arrays, grads: Arrays) -> None:
        was, self.weight_decay = self.weight_decay, 0.0
        super().step(params, grads)
        self.weight_decay = was
        for name, p in params.items():
            if not self.spares(name):
                p -= (self.lr * was * p).astype(p.dtype)


class WeightsDecayAfterTheStep(DecayAfterTheStep):
    def spares(self, name: str) -> bool:
        return _is_bias(name)


class GradientsOfNormOne(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        was, self.weight_decay = self.weight_decay, 0.0
        used = dict(grads)
        for name, g in grads.items():
            if g.shape == params[name].shape:
                decayed = g + was * params[name]
                norm = max(float(np.linalg.norm(decayed)), 1.0)
                used[name] = (decayed / norm).astype(g.dtype)
        super().step(params, used)
        self.weight_decay = was
