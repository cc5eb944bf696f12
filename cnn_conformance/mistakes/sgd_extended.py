"""Wrong ways of doing SGD with a momentum and decays."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain_optimizer import Arrays, Plain


class PlainMomentum(Plain, reference.SGD):
    """SGD with its further arguments, step by step."""

    def rate(self) -> float:
        return self.lr / (1 + self.decay * (self.t - 1))

    def way(self, state: Arrays, g: Array) -> Array:
        if not self.momentum:
            return g
        state["v"] = self.velocity(state.get("v"), g)
        return self.ahead(state["v"], g) if self.nesterov else state["v"]

    def velocity(self, v: Array | None, g: Array) -> Array:
        """Return the new velocity."""
        return g if v is None else self.momentum * v + g

    def ahead(self, v: Array, g: Array) -> Array:
        """Return the step with Nesterov's momentum."""
        return g + self.momentum * v


@mistake("SGD", loses="86")
class VelocityIsAnAverage(PlainMomentum):
    """The velocity is a moving average: a gradient enters it times 1 - momentum, a convention.

    The specification asks that it enters whole (SGD-86), as in PyTorch. Look at the factor of the
    gradient.
    """

    def velocity(self, v: Array | None, g: Array) -> Array:
        new = (1 - self.momentum) * g
        return new if v is None else self.momentum * v + new

    def ahead(self, v: Array, g: Array) -> Array:
        return super().ahead(v / (1 - self.momentum), g)

    def way(self, state: Arrays, g: Array) -> Array:
        way = super().way(state, g)
        if self.momentum and self.weight_decay:
            return way / (1 - self.momentum) if not self.nesterov else way
        return way


@mistake("SGD", loses="80 82 84 86")
class VelocityForgotten(PlainMomentum):
    """momentum is not used.

    The specification asks that earlier gradients are carried on (SGD-80). Look at what the
    optimizer keeps from step to step.
    """

    def velocity(self, v: Array | None, g: Array) -> Array:
        return g

    def ahead(self, v: Array, g: Array) -> Array:
        return g


@mistake("SGD", loses="80 82 84 86")
class VelocityNeverFades(PlainMomentum):
    """The whole velocity is carried on, whatever the momentum.

    The specification asks for momentum times the velocity (SGD-80). Look at what the old velocity
    is multiplied by.
    """

    def velocity(self, v: Array | None, g: Array) -> Array:
        return g if v is None else v + g


@mistake("SGD", loses="82 84")
class NesterovIgnored(PlainMomentum):
    """nesterov makes no difference.

    The specification asks for g + momentum · v then (SGD-82). Look at where the argument is used.
    """

    def ahead(self, v: Array, g: Array) -> Array:
        return v


@mistake("SGD", loses="82 84")
class NesterovWithoutMomentum(PlainMomentum):
    """With nesterov, the whole velocity is added to the gradient.

    The specification asks for momentum times the velocity (SGD-82). Look at the factor of the
    velocity.
    """

    def ahead(self, v: Array, g: Array) -> Array:
        return g + v


@mistake("SGD", loses="82 84")
class NesterovWithTheOldVelocity(PlainMomentum):
    """With nesterov, the velocity of the step before is used.

    The specification asks for the new one (SGD-82), in which the gradient is already. Look at the
    order of the lines.
    """

    def way(self, state: Arrays, g: Array) -> Array:
        old = state.get("v", np.zeros_like(g))
        way = super().way(state, g)
        return g + self.momentum * old if self.nesterov else way


@mistake("SGD", loses="81 84")
class DecayWithTheWrongSign(PlainMomentum):
    """The decay of the parameters is taken off the gradient: they grow.

    The specification asks that it is added (SGD-81). Look at the sign.
    """

    def decayed(self, p: Array, g: Array) -> Array:
        return g - self.weight_decay * p


@mistake("SGD", loses="81 84")
class DecayIgnored(PlainMomentum):
    """weight_decay is not used.

    The specification asks that weight_decay times the parameter is added to the gradient (SGD-81).
    Look at where the argument is used.
    """

    def decayed(self, p: Array, g: Array) -> Array:
        return g


@mistake("SGD", loses="81 84")
class DecayNotTimesTheRate(PlainMomentum):
    """The decay of the parameters is taken off them whole, and not times the rate.

    The specification asks that it is a part of the gradient (SGD-81). Look at the brackets.
    """

    def decayed(self, p: Array, g: Array) -> Array:
        return g + self.weight_decay * p / self.lr


@mistake("SGD", loses="81 84")
class DecayOfTheSquares(PlainMomentum):
    """The decay is twice what it should be.

    The gradient of weight_decay times the squares has a factor 2; the specification asks for none
    (SGD-81). Look at the factor.
    """

    def decayed(self, p: Array, g: Array) -> Array:
        return g + 2 * self.weight_decay * p


@mistake("SGD", loses="84")
class DecayBesideTheVelocity(PlainMomentum):
    """The decay of the parameters does not go through the velocity.

    The specification asks that it is added to the gradient before (SGD-84). Look at the order of
    the lines.
    """

    def decayed(self, p: Array, g: Array) -> Array:
        self.beside = self.weight_decay * p
        return g if self.momentum else g + self.beside

    def way(self, state: Arrays, g: Array) -> Array:
        way = super().way(state, g)
        return way + self.beside if self.momentum else way


@mistake("SGD", loses="83 84")
class RateNeverFalls(PlainMomentum):
    """decay is not used.

    The specification asks that it divides the rate (SGD-83). Look at where the argument is used.
    """

    def rate(self) -> float:
        return self.lr


@mistake("SGD", loses="83 84")
class FirstStepDecaysAlready(PlainMomentum):
    """The rate of the first step is divided already.

    The specification asks for the number of steps taken before (SGD-83), which is 0 at first. Look
    at when the steps are counted.
    """

    def rate(self) -> float:
        return self.lr / (1 + self.decay * self.t)


@mistake("SGD", loses="83 84")
class RateIsMultiplied(PlainMomentum):
    """The rate is multiplied with 1 - decay at every step.

    The specification asks for lr / (1 + decay · steps) (SGD-83). Look at the formula.
    """

    def rate(self) -> float:
        return self.lr * (1 - self.decay) ** (self.t - 1)


@mistake("SGD", loses="80 82 84 86")
class OneVelocityForAll(PlainMomentum):
    """All parameters have one velocity.

    The specification asks for one of each (SGD-80). Look at what the velocity is kept under.
    """

    def state(self, name: str, p: Array) -> Arrays:
        state = super().state("one", p)
        if "v" in state and state["v"].shape != p.shape:
            state["v"] = np.resize(state["v"], p.shape)
        return state


@mistake("SGD", loses="57")
class VelocityOnTheClass(PlainMomentum):
    """The velocities are kept on the class: all optimizers share them.

    The specification asks that two instances share nothing (SGD-57). Look for a dict in the body of
    the class, or as the default value of an argument.
    """

    shared: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        type(self).shared = {}

    def state(self, name: str, p: Array) -> Arrays:
        state: Arrays = type(self).shared.setdefault(name, {})
        return state


@mistake("SGD", loses="85")
class VelocityByPosition(PlainMomentum):
    """Velocities belong to the position of a gradient.

    The specification asks that they belong to the key (SGD-85). Look at what the velocity is kept
    under.
    """

    order: tuple[str, ...] = ()

    def step(self, params: Arrays, grads: Arrays) -> None:
        self.order = tuple(grads)
        if self.momentum and list(grads) != list(params):
            grads = {name: grads[other] for name, other in zip(params, grads, strict=True)}
            grads = {n: np.resize(g, params[n].shape) for n, g in grads.items()}
        super().step(params, grads)


@mistake("SGD", loses="52")
class DecayAddedToTheGradient(PlainMomentum):
    """The decay is added to the gradient itself, in place.

    The specification asks that step does not change the gradients (SGD-52). Look for an operator
    such as += on a gradient.
    """

    def decayed(self, p: Array, g: Array) -> Array:
        if self.weight_decay:
            g += (self.weight_decay * p).astype(g.dtype)
        return g


@mistake("SGD", loses="62")
class VelocityInFloat32(PlainMomentum):
    """The velocity is kept in float32.

    The specification asks that float64 parameters are right to float64 (SGD-62). Look at the dtype
    of the velocity.
    """

    def velocity(self, v: Array | None, g: Array) -> Array:
        return super().velocity(v, g).astype(np.float32)


@mistake("SGD", loses="63")
class VelocityInHalfPrecision(PlainMomentum):
    """With float32 the velocity is kept in half precision.

    The specification asks that float32 parameters are right to float32 (SGD-63). Look at the dtype
    of the velocity.
    """

    def velocity(self, v: Array | None, g: Array) -> Array:
        new = super().velocity(v, g)
        return new.astype(np.float16).astype(g.dtype) if g.dtype == np.float32 else new


@mistake("SGD", loses="75")
class ArgumentsNotChecked(PlainMomentum):
    """A negative momentum or decay is taken as it comes.

    The specification asks for a ValueError (SGD-75). Look at the constructor.
    """

    def __init__(self, lr: float, **options: Any) -> None:
        try:
            super().__init__(lr, **options)
        except ValueError:
            super().__init__(lr)
            vars(self).update(options)


@mistake("SGD", loses="82 84")
class NesterovOfTheNewVelocity(PlainMomentum):
    """With nesterov, the momentum is taken twice of a velocity that has the gradient within.

    The formula with momentum² is for the velocity of the step before; the specification asks for
    g + momentum · v with the new one (SGD-82). Look at whether the velocity is updated first.
    """

    def ahead(self, v: Array, g: Array) -> Array:
        return self.momentum**2 * v + (1 + self.momentum) * g


@mistake("SGD", loses="83 84")
class RateDividedAgainAndAgain(PlainMomentum):
    """Each step divides the rate that the step before has divided already.

    The specification asks for the first rate, divided by 1 + decay times the steps taken (SGD-83).
    Look at whether the rate itself is overwritten.
    """

    def rate(self) -> float:
        steps = np.arange(self.t)
        return float(self.lr / np.prod(1 + self.decay * steps))


@mistake("SGD", loses="81 84")
class DecayOfWeightsOnly(PlainMomentum):
    """Biases do not decay.

    That is a habit of training; the specification asks that weight_decay times the parameter is
    added to the gradient of every parameter (SGD-81). Look at which parameters the decay is for.
    """

    def decayed(self, p: Array, g: Array) -> Array:
        return g + self.weight_decay * p if p.ndim > 1 else g


@mistake("SGD", loses="82 84")
class NesterovWithTheRateTwice(PlainMomentum):
    """With nesterov, a velocity that has the rate within is added to the gradient.

    It is multiplied by the rate once more, and with the wrong sign; the specification asks for
    g + momentum · v, with a velocity of gradients (SGD-82). Look at which of the two has the rate.
    """

    def way(self, state: Arrays, g: Array) -> Array:
        if not self.nesterov:
            return super().way(state, g)
        carried = self.momentum * state.get("v", np.zeros_like(g))
        state["v"] = carried - self.rate() * (g + carried)
        way: Array = -state["v"] / self.rate()
        return way
