"""Batch normalization, channels last inside: every row is a pixel, every column a channel."""

import numpy as np

from tests.rewritten.scaffold import BatchNorm2D


def rows(x):
    return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])


def images(r, shape):
    N, C, H, W = shape
    return r.reshape(N, H, W, C).transpose(0, 3, 1, 2)


class InRows(BatchNorm2D):
    """The right way, in steps that a mistake can take the place of."""

    is_right = True

    def average(self, r):
        return r.mean(axis=0), r.var(axis=0)

    def scale(self, var):
        return 1 / np.sqrt(var + self.eps)

    def remember(self, mean, var, m):
        self.move("running_mean", mean)
        self.move("running_var", var * m / max(m - 1, 1))

    def move(self, name, value):
        old = self.buffers[name]
        self.buffers[name] = (1 - self.momentum) * old + self.momentum * value

    def statistics(self, r):
        """Return the mean and the variance to use, and whether they depend on the batch."""
        if not self.training:
            return self.buffers["running_mean"], self.buffers["running_var"], False
        mean, var = self.average(r)
        self.remember(mean, var, len(r))
        return mean, var, True

    def compute(self, x, gamma, beta):
        r = rows(x)
        mean, var, of_batch = self.statistics(r)
        k = self.scale(var)
        h = (r - mean) * k

        def back(d):
            d = rows(d)
            dx = self.through_statistics(d * gamma, h, k) if of_batch else d * gamma * k
            return images(dx, x.shape), *self.sums(d, h)

        return images(h * gamma + beta, x.shape), back

    def sums(self, d, h):
        return (d * h).sum(axis=0), d.sum(axis=0)

    def through_statistics(self, g, h, k):
        return k * (g - g.mean(axis=0) - h * (g * h).mean(axis=0))


class NoVarianceTerm(InRows):
    def through_statistics(self, g, h, k):
        return k * (g - g.mean(axis=0))


class NoMeanTerm(InRows):
    def through_statistics(self, g, h, k):
        return k * (g - h * (g * h).mean(axis=0))


class StatisticsAsConstants(InRows):
    def through_statistics(self, g, h, k):
        return k * g


class SumForMeanOfTheVarianceTerm(InRows):
    """Forgets to divide the sum of the variance term by the number of pixels."""

    def through_statistics(self, g, h, k):
        return k * (g - g.mean(axis=0) - h * np.einsum("mc,mc->c", g, h))


class GammaAndBetaExchanged(InRows):
    def sums(self, d, h):
        return d.sum(axis=0), (d * h).sum(axis=0)


class MomentumTheOtherWayRound(InRows):
    def move(self, name, value):
        old = self.buffers[name]
        self.buffers[name] = self.momentum * old + (1 - self.momentum) * value


class BiasedRunningVariance(InRows):
    def remember(self, mean, var, m):
        self.move("running_mean", mean)
        self.move("running_var", var)


class UnbiasedInTheBatch(InRows):
    """Normalizes with the unbiased variance too."""

    def average(self, r):
        mean, m = r.mean(axis=0), len(r)
        return mean, ((r - mean) ** 2).sum(axis=0) / max(m - 1, 1)

    def remember(self, mean, var, m):
        self.move("running_mean", mean)
        self.move("running_var", var)


class EpsilonOutsideTheRoot(InRows):
    def scale(self, var):
        return 1 / (np.sqrt(var) + self.eps)


class EpsilonIsFixed(InRows):
    """Writes 1e-5 down where eps is meant."""

    def scale(self, var):
        return 1 / np.sqrt(var + 1e-5)


class BatchStatisticsInEvaluation(InRows):
    def statistics(self, r):
        mean, var = self.average(r)
        if self.training:
            self.remember(mean, var, len(r))
        return mean, var, True


class UpdatesInEvaluation(InRows):
    """Moves the running statistics whatever the mode."""

    def statistics(self, r):
        if not self.training:
            used = self.buffers["running_mean"], self.buffers["running_var"], False
            self.remember(*self.average(r), len(r))
            return used
        return super().statistics(r)


class StatisticsOfEveryPosition(BatchNorm2D):
    """Takes mean and variance over the samples only: one for each channel, row and column."""

    def compute(self, x, gamma, beta):
        gamma, beta = gamma[:, None, None], beta[:, None, None]
        axes = 0
        if self.training:
            mean, var = x.mean(axis=axes), x.var(axis=axes)
            m = x.size // x.shape[1]
            for name, value in (
                ("running_mean", x.mean(axis=(0, 2, 3))),
                ("running_var", x.var(axis=(0, 2, 3)) * m / max(m - 1, 1)),
            ):
                self.buffers[name] = (
                    self.buffers[name] * (1 - self.momentum) + value * self.momentum
                )
        else:
            mean, var = (self.buffers[n][:, None, None] for n in ("running_mean", "running_var"))
        k = 1 / np.sqrt(var + self.eps)
        h = (x - mean) * k
        training = self.training

        def back(d):
            g = d * gamma
            dx = g * k
            if training:
                dx = k * (g - g.mean(axis=axes) - h * (g * h).mean(axis=axes))
            return dx, (d * h).sum(axis=(0, 2, 3)), d.sum(axis=(0, 2, 3))

        return gamma * h + beta, back


class GradientsOverSamplesOnly(InRows):
    """Averages the sums of gamma and beta over the pixels."""

    def sums(self, d, h):
        return (d * h).mean(axis=0), d.mean(axis=0)
