"""Wrong ways of doing SGD."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake

Arrays = dict[str, Array]


class PlainSGD(reference.SGD):
    """Gradient descent, step by step."""

    def step(self, params: Arrays, grads: Arrays) -> None:
        super().step({k: p.copy() for k, p in params.items()}, grads)  # refuses what is bad
        for name in params:
            self.update(name, params, grads)

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        """Update one parameter."""
        params[name] -= params[name].dtype.type(self.lr) * grads[name]


@mistake("SGD", loses="1 3")
class GradientAdded(PlainSGD):
    """The gradient is added.

    The specification asks that it is taken away (SGD-1): the loss is to become smaller. Look at the
    sign.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] += self.lr * grads[name]


@mistake("SGD", loses="1 3")
class RateForgotten(PlainSGD):
    """The whole gradient is taken away.

    The specification asks for lr times the gradient (SGD-1). Look at where the rate is used.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= grads[name]


@mistake("SGD", loses="1 3")
class DividedByTheRows(PlainSGD):
    """The step is divided by the number of rows of the gradient.

    The specification asks for lr times the gradient (SGD-1). Look for a mean, or for a division by
    a length.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= self.lr * grads[name] / len(grads[name])


@mistake("SGD", loses="1 3")
class GradientClipped(PlainSGD):
    """Large gradients are clipped.

    The specification asks for lr times the gradient as it came (SGD-1). Look for a clip.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= self.lr * np.clip(grads[name], -0.5, 0.5)


@mistake("SGD", loses="1 3")
class GradientNormalized(PlainSGD):
    """The gradient is divided by its norm.

    The specification asks for lr times the gradient as it came (SGD-1). Look at what is done to the
    gradient first.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= self.lr * grads[name] / np.linalg.norm(grads[name])


@mistake("SGD", loses="1 3")
class WeightsDecay(PlainSGD):
    """The parameters decay, though nobody has asked for it.

    The specification asks that only lr times the gradient is taken away (SGD-1). Look for a term
    with the parameter itself.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= self.lr * (grads[name] + 1e-2 * params[name])


@mistake("SGD", loses="1")
class BiasesLeftOut(PlainSGD):
    """Only weights are updated.

    The specification asks for every parameter (SGD-1). Look at what decides which parameters are
    updated.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        if "bias" not in name:
            super().update(name, params, grads)


@mistake("SGD", loses="1 2")
class OnlyPlainNames(PlainSGD):
    """Only parameters called weight or bias are updated.

    The specification asks for every parameter, whatever its key (SGD-1): those of a network begin
    with the number of their layer. Look at which keys step looks for.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        if name in ("weight", "bias"):
            super().update(name, params, grads)


@mistake("SGD", loses="1")
class ReturnInsideTheLoop(PlainSGD):
    """Only the first parameter is updated.

    The specification asks for every parameter (SGD-1). Look for a return inside the loop.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        if name == next(iter(params)):
            super().update(name, params, grads)


@mistake("SGD", loses="4")
class PairedByPosition(PlainSGD):
    """Parameters and gradients are paired by their position.

    The specification asks that they belong together by key (SGD-4), whatever the order of the two
    dicts. Look at how you walk through both at once.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= self.lr * grads[list(grads)[list(params).index(name)]]


@mistake("SGD", loses="2")
class NewArrays(PlainSGD):
    """A new array takes the place of the parameter.

    The specification asks that the array itself is updated (SGD-2): a layer that holds it would not
    see the step. Look at which assignment makes a new array.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] = params[name] - params[name].dtype.type(self.lr) * grads[name]


@mistake("SGD", loses="1-3")
class LocalNames(PlainSGD):
    """Nothing is updated: the new value is given to a local name.

    The specification asks that the arrays in params are updated (SGD-2). Look at what the left side
    of the assignment is.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        value = params[name]
        value = value - self.lr * grads[name]


@mistake("SGD", loses="3")
class MomentumUnasked(PlainSGD):
    """Earlier gradients count too, as with a momentum.

    The specification asks that nothing is carried over from earlier steps (SGD-3). Look at what the
    optimizer keeps.
    """

    def __init__(self, lr: float) -> None:
        super().__init__(lr)
        self.velocity: Arrays = {}

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        rate, zero = params[name].dtype.type(0.9), np.zeros_like(grads[name])
        self.velocity[name] = rate * self.velocity.get(name, zero) + grads[name]
        params[name] -= params[name].dtype.type(self.lr) * self.velocity[name]


@mistake("SGD", loses="3")
class RateDecays(PlainSGD):
    """The rate becomes smaller from step to step.

    The specification asks that every step does the same (SGD-3). Look at what the optimizer counts.
    """

    steps = 0

    def step(self, params: Arrays, grads: Arrays) -> None:
        rate = self.lr
        self.lr = rate / (1 + 0.1 * self.steps)
        super().step(params, grads)
        self.lr = rate
        self.steps += 1


@mistake("SGD", loses="3")
class GradientsOfAllStepsAddedUp(PlainSGD):
    """The gradients of all steps add up.

    The specification asks that nothing is carried over from earlier steps (SGD-3). Look at what the
    optimizer keeps.
    """

    def __init__(self, lr: float) -> None:
        super().__init__(lr)
        self.total: Arrays = {}

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        self.total[name] = self.total.get(name, np.zeros_like(grads[name])) + grads[name]
        params[name] -= params[name].dtype.type(self.lr) * self.total[name]


@mistake("SGD", loses="42")
class GradientsScaledInPlace(PlainSGD):
    """The gradients themselves are multiplied with the rate.

    The specification asks that step does not change them (SGD-42). Look for an operator such as *=
    on a gradient.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        grads[name] *= params[name].dtype.type(self.lr)
        params[name] -= grads[name]


@mistake("SGD", loses="42")
class GradientsSetToZero(PlainSGD):
    """step sets the gradients to 0.

    The specification asks that step does not change them (SGD-42): every backward overwrites them
    anyway. Look at what step does after the update.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        super().update(name, params, grads)
        grads[name][...] = 0


@mistake("SGD", loses="47")
class RateOnTheClass(PlainSGD):
    """The rate is kept on the class: the latest one holds for all.

    The specification asks that two instances share nothing (SGD-47). Look at where the constructor
    keeps the rate.
    """

    rate: Any = None

    def __init__(self, lr: float) -> None:
        super().__init__(lr)
        type(self).rate = lr

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= params[name].dtype.type(type(self).rate) * grads[name]


@mistake("SGD", loses="60")
class StepsInFloat32(PlainSGD):
    """The step is computed in float32.

    The specification asks that float64 parameters are right to float64 (SGD-60). Look for a dtype
    that is written into the code.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        params[name] -= np.float32(self.lr) * grads[name].astype(np.float32)


@mistake("SGD", loses="61")
class StepsInHalfPrecisionForFloat32(PlainSGD):
    """Parameters of float32 are rounded on the way.

    The specification asks that they are right to float32 (SGD-61). Look at the dtypes that a step
    goes through.
    """

    def update(self, name: str, params: Arrays, grads: Arrays) -> None:
        rate = np.float16(self.lr) if params[name].dtype == np.float32 else self.lr
        params[name] -= (grads[name] * rate).astype(params[name].dtype)


@mistake("SGD", loses="71 74")
class ShapesBroadcast(PlainSGD):
    """A gradient of another shape is stretched until it fits.

    The specification asks for a ValueError (SGD-71). Look at what a row does when it is taken off a
    matrix.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        super().step(params, {k: np.resize(g, params[k].shape) for k, g in grads.items()})


@mistake("SGD", loses="74")
class ErrorsSayNothing(PlainSGD):
    """The text of an error does not say what came.

    The specification asks that it names SGD and the shapes (SGD-74). Look at the texts of your
    errors.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        try:
            super().step(params, grads)
        except ValueError:
            raise ValueError("shape mismatch") from None
