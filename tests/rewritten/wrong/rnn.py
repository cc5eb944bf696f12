"""Recurrent layers, time first inside: lists of states, one for each step."""

import numpy as np

from tests.rewritten.scaffold import RNN


class Steps(RNN):
    """The right way, in steps that a mistake can take the place of."""

    is_right = True

    def start(self, x):
        return np.zeros((len(x), len(self.params["bias_ih_l0"])))

    def compute(self, x, U, V, a, b):
        steps = x.swapaxes(0, 1)
        states = [self.start(x)]
        for now in steps:
            states.append(self.f(self.blend(now, states[-1], U, V, a, b)))

        def back(d):
            return self.unroll(d.swapaxes(0, 1), steps, states, U, V)

        return np.stack(states[1:], axis=1), back

    def blend(self, now, h, U, V, a, b):
        return now @ U.T + a + h @ V.T + b

    def unroll(self, d, steps, states, U, V):
        dU, dV, da = np.zeros(U.shape), np.zeros(V.shape), np.zeros(len(U))
        dx, later = np.zeros(steps.shape), 0.0
        for t in range(len(steps) - 1, -1, -1):
            z = self.carried(d[t], later) * self.slope(states[t + 1])
            dU += z.T @ steps[t]
            dV += z.T @ self.before(states, t)
            da += z.sum(axis=0)
            dx[t] = z @ U
            later = self.handed_on(z, V)
        return dx.swapaxes(0, 1), dU, dV, da, da

    def carried(self, d, later):
        return d + later

    def before(self, states, t):
        return states[t]

    def handed_on(self, z, V):
        return z @ V


class NothingFromLaterSteps(Steps):
    """Does not carry the gradient from a step to the one before."""

    def handed_on(self, z, V):
        return 0.0


class RecurrentWeightTransposed(Steps):
    def handed_on(self, z, V):
        return z @ V.T


class StateOfTheSameStep(Steps):
    """Uses h[t] where h[t-1] is due, in the gradient of the recurrent weight."""

    def before(self, states, t):
        return states[t + 1]


class LaterReplacesOwn(Steps):
    """Overwrites the step's own gradient by the one that comes from later steps."""

    def carried(self, d, later):
        return later if np.ndim(later) else d


class OnlyTheLastStepHasAGradient(Steps):
    def unroll(self, d, steps, states, U, V):
        last = np.zeros(d.shape)
        last[-1] = d[-1]
        return super().unroll(last, steps, states, U, V)


class RecurrentBiasForgotten(Steps):
    def blend(self, now, h, U, V, a, b):
        return now @ U.T + a + h @ V.T


class SquareOfTheDerivative(Steps):
    """Takes 1 - tanh(h)^2 with h, which is the tanh already."""

    def slope(self, h):
        return 1 - np.tanh(h) ** 2 if self.kind == "tanh" else super().slope(h)


class TanhWhateverIsAsked(Steps):
    def f(self, a):
        return np.tanh(a)

    def slope(self, h):
        return 1 - h * h


class StateOfTheLastBatch(Steps):
    """Starts where the latest batch of the same size has ended."""

    state = None

    def start(self, x):
        if self.state is not None and len(self.state) == len(x):
            return self.state
        return super().start(x)

    def compute(self, x, *weights):
        y, back = super().compute(x, *weights)
        self.state = y[:, -1]
        return y, back


class WeightGradientOfTheFirstStep(Steps):
    """Assigns the weights' gradients in the loop, so that step 0 is left."""

    def unroll(self, d, steps, states, U, V):
        dx, dU, dV, da, db = super().unroll(d, steps, states, U, V)
        later = 0.0
        for t in range(len(steps) - 1, -1, -1):
            z = (d[t] + later) * self.slope(states[t + 1])
            dU, dV = z.T @ steps[t], z.T @ states[t]
            later = z @ V
        return dx, dU, dV, da, db
