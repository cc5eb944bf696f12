"""Habits that go wrong in AdaGrad, RMSprop and Adam alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnn_conformance.misconceptions.catalogue import habit
from cnn_conformance.misconceptions.plain_optimizer import Arrays

if TYPE_CHECKING:

    class Adaptive:
        """Any of the three."""

        lr: float
        weight_decay: float

        def __init__(self, *args: Any, **options: Any) -> None: ...
        def step(self, params: Arrays, grads: Arrays) -> None: ...
else:
    Adaptive = object

ADAPTIVE = ("AdaGrad", "RMSprop", "Adam")


def _all(loses: str) -> dict[str, str]:
    return dict.fromkeys(ADAPTIVE, loses)


@habit(_all("7"))
class NewArraysEachStep(Adaptive):
    """A new array takes the place of the parameter.

    The specification asks that the array itself is updated ({ID}-7): a layer that holds it would
    not see the step. Look at which assignment makes a new array.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        copies = {name: p.copy() for name, p in params.items()}
        super().step(copies, grads)
        params.update(copies)


@habit(_all("8"))
class StateByPosition(Adaptive):
    """Parameters and gradients are paired by their position.

    The specification asks that they belong together by key ({ID}-8). Look at how you walk through
    both at once.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        if list(params) != list(grads) and params.keys() == grads.keys():
            values = list(grads.values())
            pairs = zip(params.items(), values, strict=True)
            grads = {name: np.resize(g, p.shape) for (name, p), g in pairs}
        super().step(params, grads)


@habit(_all("4"))
class AnotherEpsUnlessGiven(Adaptive):
    """eps is 1e-7 where nothing is said, as in Keras: a convention.

    The specification asks for PyTorch's ({ID}-4), which shows in gradients as small as that. Look
    at the defaults of the constructor.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"eps": 1e-7, **options})


@habit(_all("42"))
class GradientsChanged(Adaptive):
    """step writes into the gradients that it is given.

    The specification asks that it does not change them ({ID}-42). Look for an assignment such as +=
    to a gradient, as for a decay, and for what sets them to 0.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        super().step(params, grads)
        for g in grads.values():
            g[...] = 0


@habit(_all("47"))
class LatestRateForAll(Adaptive):
    """The rate is kept on the class: the latest one holds for all.

    The specification asks that two instances share nothing ({ID}-47). Look at where the constructor
    keeps the rate.
    """

    latest: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        type(self).latest = self.lr

    def step(self, params: Arrays, grads: Arrays) -> None:
        self.lr = type(self).latest
        super().step(params, grads)


@habit(_all("60"))
class StateInFloat32(Adaptive):
    """The step is computed in float32.

    The specification asks that float64 parameters are right to float64 ({ID}-60). Look for a dtype
    that is written into the code.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        short = {name: g.astype(np.float32).astype(g.dtype) for name, g in grads.items()}
        super().step(params, short)


@habit(_all("61"))
class HalfPrecisionForFloat32(Adaptive):
    """Parameters of float32 are rounded on the way.

    The specification asks that they are right to float32 ({ID}-61). Look at the dtypes that a step
    goes through.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        super().step(params, grads)
        for p in params.values():
            if p.dtype == np.float32:
                p[...] = p.astype(np.float16)


@habit(_all("71 74"))
class GradientsBroadcast(Adaptive):
    """A gradient of another shape is stretched until it fits.

    The specification asks for a ValueError ({ID}-71). Look at what a row does when it is taken off
    a matrix.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        fitting = {k: np.resize(g, params[k].shape) for k, g in grads.items()}
        super().step(params, fitting)


@habit(_all("74"))
class SilentErrors(Adaptive):
    """The text of an error does not say what came.

    The specification asks that it names {ID} and the shapes ({ID}-74). Look at the texts of your
    errors.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        try:
            super().step(params, grads)
        except ValueError:
            raise ValueError("shape mismatch") from None


@habit(_all("5"))
class DecayNotUsed(Adaptive):
    """weight_decay is not used.

    The specification asks that weight_decay times the parameter is added to the gradient ({ID}-5).
    Look at where the argument is used.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        self.weight_decay = 0.0
        super().step(params, grads)


@habit(_all("5"))
class DecayTurnedRound(Adaptive):
    """The decay of the parameters is taken off the gradient: they grow.

    The specification asks that it is added ({ID}-5). Look at the sign.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        self.weight_decay = -abs(self.weight_decay)
        super().step(params, grads)


@habit(_all("5"))
class DecayDecoupled(Adaptive):
    """The decay of the parameters does not go through the averages.

    That is another rule (AdamW has it); the specification asks that it is added to the gradient
    ({ID}-5). Look at the order of the lines.
    """

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


@habit(_all("2"))
class AnotherDefaultRate(Adaptive):
    """The rate is another one where none is given.

    The specification asks for PyTorch's ({ID}-2). Look at the default value of the argument.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not args:
            self.lr = 0.05
