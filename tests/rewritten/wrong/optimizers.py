"""Optimizers, one parameter at a time."""

import numpy as np

from tests.rewritten.scaffold import SGD, AdaGrad, Adam, RMSprop


class Upwards(SGD):
    def update(self, name, p, g):
        p += self.lr * g


class Rebinds(SGD):
    """Makes a new array and puts it into the dict."""

    def step(self, params, grads):
        super().step(params, grads)
        for name in params:
            params[name] = params[name] - self.lr * grads[name]

    def update(self, name, p, g):
        pass


class MatchedByOrder(SGD):
    """Goes through the values of both dicts at once."""

    def step(self, params, grads):
        super().step(params, grads)
        for p, g in zip(params.values(), grads.values(), strict=True):
            if p.shape == g.shape:
                p -= self.lr * g

    def update(self, name, p, g):
        pass


class MovingAverage(SGD):
    """Adds only 1 - momentum times the gradient to the velocity."""

    def update(self, name, p, g):
        g = g + self.weight_decay * p
        v = self.of(name, p)
        v *= self.momentum
        v += (1 - self.momentum) * g
        rate = self.lr / (1 + self.decay * (self.t - 1))
        p -= rate * (g + self.momentum * v if self.nesterov else v)


class NesterovAddsTheVelocityAgain(SGD):
    """Uses v + momentum v where g + momentum v is asked for."""

    def update(self, name, p, g):
        g = g + self.weight_decay * p
        v = self.of(name, p)
        v[...] = self.momentum * v + g
        ahead = v + self.momentum * v if self.nesterov else v
        p -= self.lr / (1 + self.decay * (self.t - 1)) * ahead


class NesterovFromTheOldVelocity(SGD):
    """Adds momentum times the velocity before the step."""

    def update(self, name, p, g):
        g = g + self.weight_decay * p
        v = self.of(name, p)
        old = v.copy()
        v[...] = self.momentum * v + g
        step = g + self.momentum * old if self.nesterov else v
        p -= self.lr / (1 + self.decay * (self.t - 1)) * step


class DecayNotTimesTheRate(SGD):
    """Takes the weight decay off the parameter as it is, without the learning rate."""

    def update(self, name, p, g):
        v = self.of(name, p)
        v[...] = self.momentum * v + g
        rate = self.lr / (1 + self.decay * (self.t - 1))
        step = rate * (g + self.momentum * v if self.nesterov else v)
        p -= step + self.weight_decay * p


class DecayWithTheWrongSign(SGD):
    def update(self, name, p, g):
        g = g - self.weight_decay * p
        v = self.of(name, p)
        v[...] = self.momentum * v + g
        rate = self.lr / (1 + self.decay * (self.t - 1))
        p -= rate * (g + self.momentum * v if self.nesterov else v)


class OneVelocityForAll(SGD):
    """Keeps one velocity for each shape and not for each parameter."""

    def update(self, name, p, g):
        g = g + self.weight_decay * p
        v = self.of(p.shape, p)
        v[...] = self.momentum * v + g
        rate = self.lr / (1 + self.decay * (self.t - 1))
        p -= rate * (g + self.momentum * v if self.nesterov else v)


class NoRoot(AdaGrad):
    """Divides by the sum of squares itself."""

    def update(self, name, p, g):
        g = g + self.weight_decay * p
        s = self.of(name, p, self.initial_accumulator_value)
        s += g**2
        p -= self.lr / (1 + (self.t - 1) * self.lr_decay) * g / (s + self.eps)


class LatestSquareOnly(AdaGrad):
    def update(self, name, p, g):
        g = g + self.weight_decay * p
        s = self.of(name, p, self.initial_accumulator_value)
        s[...] = g**2
        p -= self.lr / (1 + (self.t - 1) * self.lr_decay) * g / (np.sqrt(s) + self.eps)


class EpsilonUnderTheRoot(AdaGrad):
    def update(self, name, p, g):
        g = g + self.weight_decay * p
        s = self.of(name, p, self.initial_accumulator_value)
        s += g * g
        p -= self.lr / (1 + (self.t - 1) * self.lr_decay) * g / np.sqrt(s + self.eps)


class WeightsExchanged(RMSprop):
    """Gives the old average the weight 1 - alpha."""

    def update(self, name, p, g):
        move(self, name, p, g, 1 - self.alpha, self.alpha)


class StepBeforeSquare(RMSprop):
    """Divides by the average from before the step."""

    def update(self, name, p, g):
        s, v = self.of(name, p), self.of((name, "v"), p)
        g = g + self.weight_decay * p
        a = self.of((name, "a"), p)
        root = np.sqrt(s - a * a if self.centered else s) + self.eps
        v[...] = self.momentum * v + g / root
        s[...] = self.alpha * s + (1 - self.alpha) * g * g
        a[...] = self.alpha * a + (1 - self.alpha) * g
        p -= self.lr * v


class SumOfSquares(RMSprop):
    """Adds the squares up, as AdaGrad does."""

    def update(self, name, p, g):
        move(self, name, p, g, 1, 1)


def move(self, name, p, g, old, new):
    """Take a step of RMSprop with these weights of the old average and the new square."""
    g = g + self.weight_decay * p
    s, v, a = (self.of((name, what), p) for what in "sva")
    s[...] = old * s + new * g * g
    a[...] = self.alpha * a + (1 - self.alpha) * g
    root = np.sqrt(s - a * a if self.centered else s) + self.eps
    v[...] = self.momentum * v + g / root
    p -= self.lr * v


class RateInTheVelocityTwice(RMSprop):
    """Scales by the learning rate when it adds to the velocity and when it takes the step."""

    def update(self, name, p, g):
        g = g + self.weight_decay * p
        s, v, a = (self.of((name, what), p) for what in "sva")
        s[...] = self.alpha * s + (1 - self.alpha) * g * g
        a[...] = self.alpha * a + (1 - self.alpha) * g
        root = np.sqrt(s - a * a if self.centered else s) + self.eps
        v[...] = self.momentum * v + (self.lr if self.momentum else 1) * g / root
        p -= self.lr * v


class Moments(Adam):
    """The right way, in steps that a mistake can take the place of."""

    is_right = True

    def update(self, name, p, g):
        g = self.decayed(p, g)
        m, s, top = (self.of((name, what), p) for what in "mst")
        self.average(m, s, g)
        np.maximum(top, s, out=top)
        first, second = self.corrections()
        used = top if self.amsgrad else s
        p -= self.moved(m / first, used / second)

    def decayed(self, p, g):
        return g + self.weight_decay * p

    def average(self, m, s, g):
        one, two = self.betas
        m += (1 - one) * (g - m)
        s += (1 - two) * (g * g - s)

    def corrections(self):
        return tuple(1 - beta**self.t for beta in self.betas)

    def moved(self, m, s):
        return self.lr * m / (np.sqrt(s) + self.eps)


class NotCorrected(Moments):
    def corrections(self):
        return 1, 1


class OnlyTheFirstCorrected(Moments):
    def corrections(self):
        return 1 - self.betas[0] ** self.t, 1


class CountsFromZero(Moments):
    """Raises the betas to the number of steps before this one, 1 at least."""

    def corrections(self):
        return tuple(1 - beta ** max(self.t - 1, 1) for beta in self.betas)


class OneBufferForBoth(Moments):
    """Keeps both averages in the same array."""

    def average(self, m, s, g):
        one, two = self.betas
        m[...] = one * m + (1 - one) * g
        m[...] = two * m + (1 - two) * g * g
        s[...] = m


class EpsilonInsideTheRoot(Moments):
    def moved(self, m, s):
        return self.lr * m / np.sqrt(s + self.eps)


class BetasExchanged(Moments):
    def __init__(self, *values, **named):
        super().__init__(*values, **named)
        self.betas = self.betas[::-1]


class DecoupledDecay(Moments):
    """Takes the weight decay off the parameter, as AdamW does."""

    def decayed(self, p, g):
        p *= 1 - self.lr * self.weight_decay
        return g


class StepCountedForEveryParameter(Moments):
    """Counts a step for each array that it updates."""

    def update(self, name, p, g):
        self.seen = getattr(self, "seen", 0) + 1
        self.t = self.seen
        super().update(name, p, g)


class SquareOfTheAverage(Moments):
    """Averages the squares of the averaged gradients."""

    def average(self, m, s, g):
        one, two = self.betas
        m += (1 - one) * (g - m)
        s += (1 - two) * (m * m - s)
