"""Wrong ways of going backward through RNN, beside those of `rnn`."""

from __future__ import annotations

import numpy as np

from conformance.arrays import Array
from conformance.misconceptions.catalogue import misconception
from conformance.misconceptions.rnn import PlainRNN


@misconception("RNN", loses="20-23 25 39")
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


@misconception("RNN", loses="20-23 25 39")
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


@misconception("RNN", loses="21-23 25 39")
class MeansOverTime(PlainRNN):
    """The gradients of the parameters are divided by the number of steps.

    The specification asks for sums over samples and steps (RNN-21). Look for a mean, or a division
    after the loop.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.grads = {name: g / g.dtype.type(dout.shape[1]) for name, g in self.grads.items()}
        return dx
