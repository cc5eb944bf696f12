"""Wrong ways of going backward through RNN."""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.rnn import PlainRNN


@mistake("RNN", loses="20-23 25 39")
class NothingThroughTime(PlainRNN):
    """The gradient does not go back through time.

    A state has its part in all later steps; the specification asks for the gradient through them
    (RNN-20). Look at what the loop of backward carries on.
    """

    def carry(self, dz: Array) -> Array:
        return np.zeros_like(dz)


@mistake("RNN", loses="20-23 25 39")
class OnlyTheLastStep(PlainRNN):
    """Only the gradient of the last step's output counts.

    The specification asks for all (RNN-20). Look at where dout enters into the loop of backward.
    """

    def enter(self, dout: Array, carried: Array, t: int) -> Array:
        return dout + carried if t == len(self.y[0]) - 1 else carried


@mistake("RNN", loses="20-23 25 39")
class TruncatedAfterOneStep(PlainRNN):
    """The gradient goes back through one step only.

    The specification asks for full backpropagation through time (RNN-20). Look at what the loop of
    backward carries on.
    """

    def through_time(self, dout: Array) -> Array:
        dz = dout * self.slope(self.y)
        more = np.zeros_like(dz)
        more[:, :-1] = self.carry(dz[:, 1:])
        through: Array = (dout + more) * self.slope(self.y)
        return through


@mistake("RNN", loses="20-23 25 39")
class WeightTransposedInBackward(PlainRNN):
    """The gradient goes through the transposed weight of the state.

    The specification asks for the gradient through the weight that forward has used (RNN-20). Look
    at the product in the loop of backward.
    """

    def carry(self, dz: Array) -> Array:
        carried: Array = dz @ self.params["weight_hh_l0"].T
        return carried


@mistake("RNN", loses="20-24 39")
class SlopeForgotten(PlainRNN):
    """The derivative of the nonlinearity is left out.

    The specification asks for it in every step (RNN-20). Look at what dout is multiplied with.
    """

    def slope(self, h: Array) -> Array:
        return np.ones_like(h) if self.nonlinearity == "tanh" else super().slope(h)


@mistake("RNN", loses="20-24 39")
class SlopeOfTheOutput(PlainRNN):
    """The derivative is taken of the output: tanh is applied once more.

    The specification asks for 1 - h² (RNN-20). Look at what backward does to the states first.
    """

    def slope(self, h: Array) -> Array:
        if self.nonlinearity == "tanh":
            slope: Array = 1 - np.tanh(h) ** 2
            return slope
        return super().slope(h)


@mistake("RNN", loses="25")
class SlopeOfTanhForRelu(PlainRNN):
    """The derivative is that of tanh, whatever the nonlinearity.

    The specification asks for that of the one in use (RNN-25). Look at where backward asks for it.
    """

    def slope(self, h: Array) -> Array:
        slope: Array = 1 - h * h
        return slope


@mistake("RNN", loses="22 25 24 39")
class StateOfTheSameStep(PlainRNN):
    """The gradient of weight_hh_l0 is taken with the states of the same step.

    The specification asks for those of the step before (RNN-22), which it was multiplied with. Look
    at the indices.
    """

    def before(self) -> Array:
        before: Array = self.y
        return before


@mistake("RNN", loses="21-23 25 39")
class GradientsOfTheFirstStep(PlainRNN):
    """The gradients of the parameters are those of the last step that the loop visits.

    The specification asks for the sum over all steps (RNN-21). Look at whether they are added up.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        dz = self.through_time(dout)[:, 0]
        self.grads["weight_ih_l0"] = dz.T @ self.x[:, 0]
        self.grads["weight_hh_l0"] = dz.T @ self.before()[:, 0]
        self.grads["bias_ih_l0"] = dz.sum(axis=0)
        self.grads["bias_hh_l0"] = dz.sum(axis=0)
        return dx


@mistake("RNN", loses="21-25 39")
class MeansOverSteps(PlainRNN):
    """The gradients of the parameters are means over samples and steps.

    The specification asks for sums (RNN-21): the division is the loss's. Look at what they are
    divided by.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        count = dout.shape[0] * dout.shape[1]
        self.grads = {name: grad / count for name, grad in self.grads.items()}
        return dx


@mistake("RNN", loses="23-25 39")
class SecondBiasForgotten(PlainRNN):
    """The gradient of bias_hh_l0 is 0.

    Both biases have the same gradient (RNN-23). Look at how many gradients backward leaves.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.grads["bias_hh_l0"] = np.zeros_like(self.grads["bias_hh_l0"])
        return dx


@mistake("RNN", loses="20-23 25 39")
class CarriedPastTheNonlinearity(PlainRNN):
    """What comes from later steps is added behind the derivative of the nonlinearity.

    The specification asks that it goes through it as dout does (RNN-20): both are gradients of the
    state. Look at where the two are added.
    """

    def through_time(self, dout: Array) -> Array:
        dz, carried = np.zeros_like(dout), np.zeros_like(dout[:, 0])
        for t in reversed(range(dout.shape[1])):
            dz[:, t] = dout[:, t] * self.slope(self.y[:, t]) + carried
            carried = self.carry(dz[:, t])
        return dz


@mistake("RNN", loses="20-23 25 39")
class StateGradientCarriedWhole(PlainRNN):
    """The gradient of the state is carried back without the derivative of the nonlinearity.

    The specification asks for the gradient of what the nonlinearity is applied to, times the weight
    (RNN-20). Look at which array is multiplied with the weight for the state.
    """

    def through_time(self, dout: Array) -> Array:
        dz, carried = np.zeros_like(dout), np.zeros_like(dout[:, 0])
        for t in reversed(range(dout.shape[1])):
            dh = dout[:, t] + carried
            dz[:, t] = dh * self.slope(self.y[:, t])
            carried = self.carry(dh)
        return dz


@mistake("RNN", loses="21-23 25 39")
class MeansOverTime(PlainRNN):
    """The gradients of the parameters are divided by the number of steps.

    The specification asks for sums over samples and steps (RNN-21). Look for a mean, or a division
    after the loop.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.grads = {name: g / g.dtype.type(dout.shape[1]) for name, g in self.grads.items()}
        return dx
