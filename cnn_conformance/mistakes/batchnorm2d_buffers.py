"""Wrong ways of doing BatchNorm2D: what is remembered, and what is forgotten in forward."""

from __future__ import annotations

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.batchnorm2d import AXES, PlainBatchNorm2D
from cnn_conformance.mistakes.legacy import mistake


@mistake("BatchNorm2D", loses="6 8")
class BiasedDeviationRemembered(PlainBatchNorm2D):
    """The standard deviation goes into the running variance, and not the variance.

    The specification asks for the variance (BATCHNORM2D-6), the unbiased one. Look for a root
    before the update.
    """

    def remember(self, x: Array) -> None:
        if self.training:
            self.move("running_mean", x.mean(axis=AXES))
            self.move("running_var", x.std(axis=AXES))


@mistake("BatchNorm2D", loses="6 8")
class DeviationCorrectedAsAVariance(PlainBatchNorm2D):
    """The standard deviation goes into the running variance, times n / (n - 1).

    The specification asks for the variance (BATCHNORM2D-6), which that factor is for. Look for a
    root before the update.
    """

    def remember(self, x: Array) -> None:
        if self.training:
            n = x[:, 0].size
            self.move("running_mean", x.mean(axis=AXES))
            self.move("running_var", x.std(axis=AXES) * (n / (n - 1)))


@mistake("BatchNorm2D", loses="5 6 8")
class FirstBatchTakenWhole(PlainBatchNorm2D):
    """The first batch takes the place of the running statistics.

    The specification asks that it moves them from 0 and 1 by the share momentum, as every batch
    does (BATCHNORM2D-5). Look at what the first forward does otherwise.
    """

    moved: frozenset[str] = frozenset()

    def move(self, name: str, now: Array) -> None:
        super().move(name, now)
        if name not in self.moved:
            self.buffers[name] = now
        self.moved |= {name}


@mistake("BatchNorm2D", loses="1-4 9")
class NotDivided(PlainBatchNorm2D):
    """The mean is taken off, and nothing is divided by the deviation.

    The specification asks for variance 1 too (BATCHNORM2D-1). Look at which array the weight is
    multiplied with.
    """

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        mean, _ = self.statistics(x) if self.training else (self.mean, None)
        weight, bias = (self.params[name][:, None, None] for name in ("weight", "bias"))
        return (weight * (x - mean) + bias).astype(y.dtype, copy=False)


@mistake("BatchNorm2D", loses="23 39")
class MeansInEvaluation(PlainBatchNorm2D):
    """backward goes through the statistics of the batch in evaluation, where they are constants.

    The specification asks for dout · weight / deviation there (BATCHNORM2D-23). Look at what
    backward does where training is False.
    """

    def dx(self, dout: Array) -> Array:
        was, self.was_training = self.was_training, True
        if not was:
            mean, var = self.x.mean(axis=AXES, keepdims=True), self.x.var(axis=AXES, keepdims=True)
            self.scale = self.scale_of(var)
            self.xhat = (self.x - mean) * self.scale
        return super().dx(dout)
