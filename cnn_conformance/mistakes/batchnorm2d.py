"""Wrong ways of doing BatchNorm2D."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake

AXES = (0, 2, 3)


def wide(array: Array) -> Array:
    """Return a number for each channel as something that fits images."""
    return array[:, None, None]


class PlainBatchNorm2D(reference.BatchNorm2D):
    """Batch normalization, step by step."""

    x: Any = None
    was_training = True

    def forward(self, x: Array) -> Array:
        kept = {name: array.copy() for name, array in self.buffers.items()}
        super().forward(x)  # refuses what is bad
        self.buffers = kept
        self.x, self.was_training = x, self.training
        self.remember(x)
        mean, var = self.statistics(x)
        self.mean, self.scale = mean, self.scale_of(var)
        self.xhat = (x - mean) * self.scale
        y: Array = wide(self.params["weight"]) * self.xhat + wide(self.params["bias"])
        return y.astype(x.dtype, copy=False)

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        weight, bias = self.dweight(dout), self.dbias(dout)
        self.grads = {"weight": weight.astype(dout.dtype), "bias": bias.astype(dout.dtype)}
        return self.dx(dout).astype(dout.dtype, copy=False)

    def statistics(self, x: Array) -> tuple[Array, Array]:
        """Return the mean and the variance that x is normalized by."""
        if self.training:
            return wide(x.mean(axis=AXES)), wide(x.var(axis=AXES))
        return wide(self.buffers["running_mean"]), wide(self.buffers["running_var"])

    def scale_of(self, var: Array) -> Array:
        """Return what a difference from the mean is multiplied by."""
        scale: Array = 1 / np.sqrt(var + self.eps)
        return scale

    def remember(self, x: Array) -> None:
        """Move the running statistics."""
        if self.training:
            n = x[:, 0].size
            self.move("running_mean", x.mean(axis=AXES))
            self.move("running_var", x.var(axis=AXES) * (n / (n - 1)))

    def move(self, name: str, now: Array) -> None:
        """Move one of the running statistics."""
        old = self.buffers[name]
        self.buffers[name] = (1 - self.momentum) * old + self.momentum * now

    def dweight(self, dout: Array) -> Array:
        """Return the gradient of the weight."""
        return (dout * self.xhat).sum(axis=AXES)

    def dbias(self, dout: Array) -> Array:
        """Return the gradient of the bias."""
        return dout.sum(axis=AXES)

    def dx(self, dout: Array) -> Array:
        """Return the gradient of the input."""
        g = dout * wide(self.params["weight"])
        if self.was_training:
            g = g - self.of_the_mean(g) - self.of_the_variance(g)
        return g * self.scale

    def of_the_mean(self, g: Array) -> Array:
        """Return what dx loses through the mean."""
        return wide(g.mean(axis=AXES))

    def of_the_variance(self, g: Array) -> Array:
        """Return what dx loses through the variance."""
        lost: Array = self.xhat * wide((g * self.xhat).mean(axis=AXES))
        return lost


@mistake("BatchNorm2D", loses="1-3 20 24 25")
class StatisticsOfEachPixel(PlainBatchNorm2D):
    """Every pixel has a mean and a variance of its own, over the samples only.

    The specification asks for one of each a channel, over samples, rows and columns
    (BATCHNORM2D-1). Look at the axes of the mean.
    """

    def statistics(self, x: Array) -> tuple[Array, Array]:
        if self.training:
            return x.mean(axis=0), x.var(axis=0)
        return super().statistics(x)


@mistake("BatchNorm2D", loses="1-3 20 24 25")
class StatisticsOfEachSample(PlainBatchNorm2D):
    """Every sample is normalized by its own mean and variance, over its channels too.

    The specification asks for the statistics of a channel over the whole batch (BATCHNORM2D-1).
    Look at the axes of the mean.
    """

    def statistics(self, x: Array) -> tuple[Array, Array]:
        if self.training:
            return x.mean((1, 2, 3), keepdims=True), x.var((1, 2, 3), keepdims=True)
        return super().statistics(x)


@mistake("BatchNorm2D", loses="1-3 20 24 25")
class StatisticsOfEachImage(PlainBatchNorm2D):
    """Every channel of every sample is normalized by its own mean and variance.

    The specification asks for the statistics of a channel over all samples (BATCHNORM2D-1). Look at
    the axes of the mean.
    """

    def statistics(self, x: Array) -> tuple[Array, Array]:
        if self.training:
            return x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
        return super().statistics(x)


@mistake("BatchNorm2D", loses="1-3 20 24 25")
class StatisticsOfTheBatch(PlainBatchNorm2D):
    """One mean and one variance serve all channels.

    The specification asks for those of each channel (BATCHNORM2D-1). Look at the axes of the mean.
    """

    def statistics(self, x: Array) -> tuple[Array, Array]:
        if self.training:
            return x.mean(), x.var()
        return super().statistics(x)


@mistake("BatchNorm2D", loses="1-3 24")
class UnbiasedInTraining(PlainBatchNorm2D):
    """The batch is normalized by its unbiased variance.

    The specification asks for the biased one there (BATCHNORM2D-1), and for the unbiased one in the
    running variance only. Look at ddof, or at a division by n - 1.
    """

    def statistics(self, x: Array) -> tuple[Array, Array]:
        mean, var = super().statistics(x)
        n = x[:, 0].size
        return mean, var * n / (n - 1) if self.training else var


@mistake("BatchNorm2D", loses="1-4 9 20 24 25 21")
class VarianceForDeviation(PlainBatchNorm2D):
    """x is divided by the variance, and not by its root.

    The specification asks for the standard deviation (BATCHNORM2D-1). Look for the root.
    """

    def scale_of(self, var: Array) -> Array:
        scale: Array = 1 / (var + self.eps)
        return scale


@mistake("BatchNorm2D", loses="3 25")
class EpsOutsideTheRoot(PlainBatchNorm2D):
    """eps is added to the root of the variance.

    The specification asks that it is added to the variance, under the root (BATCHNORM2D-3). Look at
    the brackets.
    """

    def scale_of(self, var: Array) -> Array:
        scale: Array = 1 / (np.sqrt(var) + self.eps)
        return scale


@mistake("BatchNorm2D", loses="3")
class EpsIgnored(PlainBatchNorm2D):
    """eps is 1e-5, whatever is asked for.

    The specification asks for the eps that was given (BATCHNORM2D-3). Look at where it is used.
    """

    def scale_of(self, var: Array) -> Array:
        scale: Array = 1 / np.sqrt(var + 1e-5)
        return scale


@mistake("BatchNorm2D", loses="3 23")
class NoEpsInEvaluation(PlainBatchNorm2D):
    """In evaluation nothing is added to the variance.

    The specification asks for eps there too (BATCHNORM2D-3): a channel that never varies has a
    running variance near 0. Look at both branches of forward.
    """

    def scale_of(self, var: Array) -> Array:
        eps = self.eps if self.training else 0.0
        scale: Array = 1 / np.sqrt(var + eps)
        return scale


@mistake("BatchNorm2D", loses="3 4 9 23")
class BatchStatisticsInEvaluation(PlainBatchNorm2D):
    """In evaluation the statistics of the batch are used still.

    The specification asks for the running ones (BATCHNORM2D-4): a sample's output must not depend
    on its neighbours then. Look at what forward does with training.
    """

    def statistics(self, x: Array) -> tuple[Array, Array]:
        return wide(x.mean(axis=AXES)), wide(x.var(axis=AXES))


@mistake("BatchNorm2D", loses="1-3 20 24 25 41 45")
class RunningStatisticsInTraining(PlainBatchNorm2D):
    """In training the running statistics are used already.

    The specification asks for those of the batch (BATCHNORM2D-1). Look at what forward does with
    training.
    """

    def statistics(self, x: Array) -> tuple[Array, Array]:
        return wide(self.buffers["running_mean"]), wide(self.buffers["running_var"])


@mistake("BatchNorm2D", loses="5 6 8")
class MomentumTheWrongWayRound(PlainBatchNorm2D):
    """momentum is the share of the old statistics.

    The specification asks that it is the share of the new (BATCHNORM2D-5), as in PyTorch; other
    frameworks have it the other way round. Look at which of the two is multiplied with momentum.
    """

    def move(self, name: str, now: Array) -> None:
        self.buffers[name] = self.momentum * self.buffers[name] + (1 - self.momentum) * now


@mistake("BatchNorm2D", loses="8")
class MomentumIgnored(PlainBatchNorm2D):
    """momentum is 0.1, whatever is asked for.

    The specification asks for the momentum that was given (BATCHNORM2D-8). Look at where it is
    used.
    """

    def move(self, name: str, now: Array) -> None:
        self.buffers[name] = 0.9 * self.buffers[name] + 0.1 * now


@mistake("BatchNorm2D", loses="5 6 8")
class LatestBatchKept(PlainBatchNorm2D):
    """The running statistics are those of the latest batch.

    The specification asks that they move by a share (BATCHNORM2D-5). Look at the assignment.
    """

    def move(self, name: str, now: Array) -> None:
        self.buffers[name] = now


@mistake("BatchNorm2D", loses="5 6 8")
class NothingRemembered(PlainBatchNorm2D):
    """The running statistics never change.

    The specification asks that each forward in training moves them (BATCHNORM2D-5). Look at where
    they are updated.
    """

    def move(self, name: str, now: Array) -> None:
        pass


@mistake("BatchNorm2D", loses="7")
class BiasedVarianceRemembered(PlainBatchNorm2D):
    """The biased variance goes into the running variance: a convention.

    The specification asks for the unbiased one (BATCHNORM2D-7), as PyTorch does. Look at what the
    running variance is moved towards.
    """

    def remember(self, x: Array) -> None:
        if self.training:
            self.move("running_mean", x.mean(axis=AXES))
            self.move("running_var", x.var(axis=AXES))


@mistake("BatchNorm2D", loses="6 8")
class DeviationRemembered(PlainBatchNorm2D):
    """The standard deviation goes into the running variance.

    The specification asks for the variance (BATCHNORM2D-6). Look for a root before the update.
    """

    def remember(self, x: Array) -> None:
        if self.training:
            self.move("running_mean", x.mean(axis=AXES))
            self.move("running_var", x.std(axis=AXES, ddof=1))


@mistake("BatchNorm2D", loses="10")
class EvaluationTrains(PlainBatchNorm2D):
    """Evaluation moves the running statistics too.

    The specification asks that it leaves them alone (BATCHNORM2D-10). Look at what forward does
    before it asks for training.
    """

    def remember(self, x: Array) -> None:
        was, self.training = self.training, True
        n = x[:, 0].size
        if n > 1:
            if was:
                super().remember(x)
            else:
                used = dict(self.buffers)
                super().remember(x)
                self.later, self.buffers = self.buffers, used
        self.training = was

    later: Any = None

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        if self.later is not None:
            self.buffers, self.later = self.later, None
        return y


@mistake("BatchNorm2D", loses="23 39")
class StatisticsMoveInEvaluation(PlainBatchNorm2D):
    """In evaluation the gradient goes through the statistics still.

    They are constants then; the specification asks for dout · weight / sqrt(running_var + eps)
    (BATCHNORM2D-23). Look at what backward does with training.
    """

    def dx(self, dout: Array) -> Array:
        was, self.was_training = self.was_training, True
        dx = super().dx(dout)
        self.was_training = was
        return dx


@mistake("BatchNorm2D", loses="40")
class VarianceStartsAtZero(PlainBatchNorm2D):
    """The running variance starts at 0.

    The specification asks for 1 (BATCHNORM2D-40). Look at the constructor.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.first = True
        self.buffers["running_var"] = np.zeros(self.num_features)

    def forward(self, x: Array) -> Array:
        if self.first and not self.buffers["running_var"].any():
            self.buffers["running_var"] = np.ones(self.num_features)
        self.first = False
        return super().forward(x)


@mistake("BatchNorm2D", loses="41")
class ParametersCopiedAtFirst(PlainBatchNorm2D):
    """forward uses a copy of the parameters that the first forward has made.

    The specification asks that it uses what is in params (BATCHNORM2D-41), which the optimizer
    changes. Look at where forward takes the weight from.
    """

    copied: Any = None

    def forward(self, x: Array) -> Array:
        if self.copied is None:
            self.copied = {name: array.copy() for name, array in self.params.items()}
        now, self.params = self.params, self.copied
        y = super().forward(x)
        self.params = now
        return y
