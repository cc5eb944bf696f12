"""Dropout with the mask in a closure."""

import numpy as np

from tests.rewritten.scaffold import Dropout


def same(d):
    return d


class AlwaysOn(Dropout):
    def compute(self, x, p):
        kept = self.rng.random(x.shape) >= p
        return x * kept / (1 - p), lambda d: d * kept / (1 - p)


class NotScaled(Dropout):
    """Leaves out the division in both directions."""

    def compute(self, x, p):
        kept = self.rng.random(x.shape) >= p if self.training else np.ones(x.shape, bool)
        return x * kept, lambda d: d * kept


class GradientNotScaled(Dropout):
    def compute(self, x, p):
        if not self.training:
            return x, same
        kept = self.rng.random(x.shape) >= p
        return x * kept / (1 - p), lambda d: d * kept


class GradientWithoutMask(Dropout):
    def compute(self, x, p):
        if not self.training:
            return x, same
        return np.where(self.rng.random(x.shape) < p, 0, x / (1 - p)), lambda d: d / (1 - p)


class GradientUntouched(Dropout):
    """Passes dout through."""

    def compute(self, x, p):
        if not self.training:
            return x, same
        return self.rng.binomial(1, 1 - p, x.shape) * x / (1 - p), same


class DividedByTheWrongProbability(Dropout):
    def compute(self, x, p):
        if not self.training or p == 0:
            return x, same
        kept = self.rng.random(x.shape) >= p
        return x * kept / p, lambda d: d * kept / p


class KeepsWithProbabilityP(Dropout):
    """Takes p for the probability that an element stays, and scales by that too."""

    def compute(self, x, p):
        if not self.training or p == 0:
            return x, same
        mask = (self.rng.random(x.shape) < p) / p
        return x * mask, lambda d: d * mask


class MaskForAllSamples(Dropout):
    """Draws one mask, which all samples of the batch share."""

    def compute(self, x, p):
        if not self.training:
            return x, same
        mask = (self.rng.random(x.shape[1:]) >= p) / (1 - p)
        return x * mask, lambda d: d * mask


class DrawnOnce(Dropout):
    """Keeps the mask of each shape."""

    def __init__(self, p=0.5, rng=None):
        super().__init__(p, rng)
        self.masks = {}

    def compute(self, x, p):
        if not self.training:
            return x, same
        if x.shape not in self.masks:
            self.masks[x.shape] = (self.rng.random(x.shape) >= p) / (1 - p)
        mask = self.masks[x.shape]
        return x * mask, lambda d: d * mask


class ScaledInEvaluation(Dropout):
    """Scales when it evaluates, as the first paper does, and when it trains."""

    def compute(self, x, p):
        if not self.training:
            return x * (1 - p), lambda d: d * (1 - p)
        mask = (self.rng.random(x.shape) >= p) / (1 - p)
        return x * mask, lambda d: d * mask


class NewMaskInBackward(Dropout):
    """Draws again in backward."""

    def compute(self, x, p):
        if not self.training:
            return x, same
        mask = (self.rng.random(x.shape) >= p) / (1 - p)
        return x * mask, lambda d: d * (self.rng.random(x.shape) >= p) / (1 - p)


class SeedIgnored(Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, rng)
        self.rng = np.random.default_rng(7)

    def compute(self, x, p):
        if not self.training:
            return x, same
        mask = (self.rng.random(x.shape) >= p) / (1 - p)
        return x * mask, lambda d: d * mask
