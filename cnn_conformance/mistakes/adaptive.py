"""Wrong ways of doing AdaGrad, RMSprop and Adam."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain_optimizer import Arrays, Plain


class PlainAdaGrad(Plain, reference.AdaGrad):
    """AdaGrad, step by step."""

    def rate(self) -> float:
        return self.lr / (1 + self.lr_decay * (self.t - 1))

    def way(self, state: Arrays, g: Array) -> Array:
        state["s"] = self.squares(state.get("s", np.full_like(g, self.first)), g)
        return g / self.size(state["s"])

    def squares(self, s: Array, g: Array) -> Array:
        """Return the new sum of squares."""
        squares: Array = s + g * g
        return squares

    def size(self, s: Array) -> Array:
        """Return what the gradient is divided by."""
        size: Array = np.sqrt(s) + self.eps
        return size


class PlainRMSprop(Plain, reference.RMSprop):
    """RMSprop, step by step."""

    def way(self, state: Arrays, g: Array) -> Array:
        zero = np.zeros_like(g)
        state["s"] = self.squares(state.get("s", zero), g)
        state["a"] = self.alpha * state.get("a", zero) + (1 - self.alpha) * g
        state["v"] = self.momentum * state.get("v", zero) + g / self.size(state)
        return state["v"]

    def squares(self, s: Array, g: Array) -> Array:
        """Return the new average of squares."""
        return self.alpha * s + (1 - self.alpha) * g * g

    def size(self, state: Arrays) -> Array:
        """Return what the gradient is divided by."""
        s = state["s"] - state["a"] ** 2 if self.centered else state["s"]
        return np.sqrt(s) + self.eps


class PlainAdam(Plain, reference.Adam):
    """Adam, step by step."""

    def way(self, state: Arrays, g: Array) -> Array:
        zero, (beta1, beta2) = np.zeros_like(g), self.betas
        state["m"] = beta1 * state.get("m", zero) + (1 - beta1) * g
        state["s"] = beta2 * state.get("s", zero) + (1 - beta2) * g * g
        state["largest"] = np.maximum(state.get("largest", zero), state["s"])
        m = self.corrected(state["m"], beta1)
        return m / self.size(self.corrected(self.of_squares(state), beta2))

    def corrected(self, average: Array, beta: float) -> Array:
        """Return an average, corrected for its beginning with 0."""
        corrected: Array = average / (1 - beta**self.t)
        return corrected

    def of_squares(self, state: Arrays) -> Array:
        """Return the average of squares that counts."""
        return state["largest"] if self.amsgrad else state["s"]

    def size(self, s: Array) -> Array:
        """Return what the average of gradients is divided by."""
        size: Array = np.sqrt(s) + self.eps
        return size


# ---------------------------------------------------------------- AdaGrad


@mistake("AdaGrad", loses="1-6")
class RootForgotten(PlainAdaGrad):
    """The gradient is divided by the sum of squares, and not by its root.

    The specification asks for the root (ADAGRAD-1). Look at what the gradient is divided by.
    """

    def size(self, s: Array) -> Array:
        size: Array = s + self.eps
        return size


@mistake("AdaGrad", loses="1-6")
class SquaresNotAddedUp(PlainAdaGrad):
    """Only the square of the present gradient counts.

    The specification asks for the sum over all steps (ADAGRAD-1). Look at what is carried over.
    """

    def squares(self, s: Array, g: Array) -> Array:
        return g * g


@mistake("AdaGrad", loses="4")
class EpsUnderTheRoot(PlainAdaGrad):
    """eps is added under the root.

    The specification asks that it is added to the root (ADAGRAD-4). Look at the brackets.
    """

    def size(self, s: Array) -> Array:
        size: Array = np.sqrt(s + self.eps)
        return size


@mistake("AdaGrad", loses="3")
class AdaGradRateNeverFalls(PlainAdaGrad):
    """lr_decay is not used.

    The specification asks that it divides the rate (ADAGRAD-3). Look at where the argument is used.
    """

    def rate(self) -> float:
        return self.lr


@mistake("AdaGrad", loses="3")
class AdaGradDecaysAtOnce(PlainAdaGrad):
    """The rate of the first step is divided already.

    The specification asks for the number of steps taken before (ADAGRAD-3). Look at when the steps
    are counted.
    """

    def rate(self) -> float:
        return self.lr / (1 + self.lr_decay * self.t)


@mistake("AdaGrad", loses="6")
class FirstValueIgnored(PlainAdaGrad):
    """The sum of squares begins with 0, whatever is asked for.

    The specification asks for initial_accumulator_value (ADAGRAD-6). Look at where the argument
    is used.
    """

    def squares(self, s: Array, g: Array) -> Array:
        return super().squares(s - self.first if self.t == 1 else s, g)


# ---------------------------------------------------------------- RMSprop


@mistake("RMSprop", loses="1-6 9")
class SumForAverage(PlainRMSprop):
    """The squares are added up, as in AdaGrad.

    The specification asks for a moving average (RMSPROP-1). Look at what the old value is
    multiplied by.
    """

    def squares(self, s: Array, g: Array) -> Array:
        return s + g * g


@mistake("RMSprop", loses="1-6 9")
class SharesExchanged(PlainRMSprop):
    """alpha is the share of the new square, and not of the old average.

    The specification asks that alpha is the share of the old (RMSPROP-3). Look at which of the two
    is multiplied with alpha.
    """

    def squares(self, s: Array, g: Array) -> Array:
        return (1 - self.alpha) * s + self.alpha * g * g


@mistake("RMSprop", loses="3 9")
class AlphaNotUsed(PlainRMSprop):
    """alpha is 0.99, whatever is asked for.

    The specification asks for the alpha that was given (RMSPROP-3). Look at where it is used.
    """

    def squares(self, s: Array, g: Array) -> Array:
        return 0.99 * s + 0.01 * g * g


@mistake("RMSprop", loses="4")
class EpsUnderTheRootOfTheAverage(PlainRMSprop):
    """eps is added under the root.

    The specification asks that it is added to the root (RMSPROP-4). Look at the brackets.
    """

    def size(self, state: Arrays) -> Array:
        s = state["s"] - state["a"] ** 2 if self.centered else state["s"]
        return np.sqrt(s + self.eps)


@mistake("RMSprop", loses="9")
class CenteredIgnored(PlainRMSprop):
    """centered makes no difference.

    The specification asks for the variance in place of the mean square then (RMSPROP-9). Look at
    where the argument is used.
    """

    def size(self, state: Arrays) -> Array:
        size: Array = np.sqrt(state["s"]) + self.eps
        return size


@mistake("RMSprop", loses="6")
class MomentumOfTheGradients(PlainRMSprop):
    """The velocity is of the gradients, and is divided afterwards.

    The specification asks that the divided gradients are carried on (RMSPROP-6). Look at the order
    of the lines.
    """

    def way(self, state: Arrays, g: Array) -> Array:
        way = super().way(state, g)
        if not self.momentum:
            return way
        state["g"] = self.momentum * state.get("g", np.zeros_like(g)) + g
        return state["g"] / self.size(state)


# ---------------------------------------------------------------- Adam


@mistake("Adam", loses="1-6 9")
class NotCorrected(PlainAdam):
    """The averages are not corrected for their beginning with 0.

    The specification asks for the division by 1 - βᵗ (ADAM-1). Look at what happens to the averages
    in the first steps.
    """

    def corrected(self, average: Array, beta: float) -> Array:
        return average


@mistake("Adam", loses="1-6 9")
class StepsCountedFromZero(PlainAdam):
    """The correction is one step behind.

    The specification asks for t = 1 in the first step (ADAM-1). Look at when the steps are counted.
    """

    def corrected(self, average: Array, beta: float) -> Array:
        corrected: Array = average / (1 - beta ** (self.t + 1))
        return corrected


@mistake("Adam", loses="2-6 9")
class CorrectedAsAtFirst(PlainAdam):
    """The correction of the first step is that of all steps.

    The specification asks for βᵗ in step t (ADAM-3). Look for the exponent.
    """

    def corrected(self, average: Array, beta: float) -> Array:
        corrected: Array = average / (1 - beta)
        return corrected


@mistake("Adam", loses="6 9")
class BetasExchanged(PlainAdam):
    """The second beta is taken for the average of the gradients.

    The specification asks that the first belongs to the gradients (ADAM-6). Look at which beta goes
    with which average.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.betas != (0.9, 0.999):
            self.betas = self.betas[::-1]


@mistake("Adam", loses="1-6 9")
class OneAverageForBoth(PlainAdam):
    """Gradients and squares go into one average.

    The specification asks for two (ADAM-1). Look at the names of what is carried over.
    """

    def way(self, state: Arrays, g: Array) -> Array:
        beta1, beta2 = self.betas
        one = beta1 * state.get("one", np.zeros_like(g)) + (1 - beta1) * g
        state["one"] = beta2 * one + (1 - beta2) * g * g
        m, s = self.corrected(one, beta1), self.corrected(np.abs(state["one"]), beta2)
        return m / self.size(s)


@mistake("Adam", loses="1-6 9")
class GradientForItsSquare(PlainAdam):
    """The gradient is divided by the average of squares, and not by its root.

    The specification asks for the root (ADAM-1). Look at what the average is divided by.
    """

    def size(self, s: Array) -> Array:
        size: Array = s + self.eps
        return size


@mistake("Adam", loses="4")
class EpsUnderTheRootOfSquares(PlainAdam):
    """eps is added under the root.

    The specification asks that it is added to the root (ADAM-4). Look at the brackets.
    """

    def size(self, s: Array) -> Array:
        size: Array = np.sqrt(s + self.eps)
        return size


@mistake("Adam", loses="4")
class EpsBeforeTheCorrection(PlainAdam):
    """eps is added to the root before it is corrected.

    The specification asks that it is added afterwards (ADAM-4). Look at the order of the lines.
    """

    def size(self, s: Array) -> Array:
        correction = (1 - self.betas[1] ** self.t) ** 0.5
        size: Array = np.sqrt(s) + self.eps / correction
        return size


@mistake("Adam", loses="9")
class AmsgradIgnored(PlainAdam):
    """amsgrad makes no difference.

    The specification asks for the largest average of squares so far (ADAM-9). Look at where the
    argument is used.
    """

    def of_squares(self, state: Arrays) -> Array:
        return state["s"]


@mistake("Adam", loses="2-6 9")
class AveragesForgotten(PlainAdam):
    """Nothing is carried over from step to step.

    The specification asks for averages over the steps (ADAM-3). Look at what the optimizer keeps.
    """

    def state(self, name: str, p: Array) -> Arrays:
        return {}
