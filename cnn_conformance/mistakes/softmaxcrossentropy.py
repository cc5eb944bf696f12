"""Wrong ways of doing SoftmaxCrossEntropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainSoftmaxCrossEntropy


@mistake("SoftmaxCrossEntropy", loses="5 6 24 25")
class NoMaximumTakenOff(PlainSoftmaxCrossEntropy):
    """exp is taken of the logits as they are: it overflows, and the loss is nan or inf.

    The specification asks for logits of 10,000 too (SOFTMAXCROSSENTROPY-5). Look at what a constant
    that is taken off all logits of a row does to the result.
    """

    def shift(self, logits: Array) -> Array:
        return np.zeros_like(logits[:, :1])


@mistake("SoftmaxCrossEntropy", loses="5 6 24 25")
class MaximumOfTheWholeBatch(PlainSoftmaxCrossEntropy):
    """The maximum of the whole batch is taken off: rows far below it are 0 divided by 0.

    The specification asks that the rows are independent (SOFTMAXCROSSENTROPY-6). Look at the axis
    of the maximum.
    """

    def shift(self, logits: Array) -> Array:
        return logits.max(keepdims=True)


@mistake("SoftmaxCrossEntropy", loses="5 24")
class MeanTakenOff(PlainSoftmaxCrossEntropy):
    """The mean of a row is taken off the logits, not its maximum.

    A logit far above the mean still overflows; the specification asks for logits of 10,000 too
    (SOFTMAXCROSSENTROPY-5). Look at what the largest exponent can be.
    """

    def shift(self, logits: Array) -> Array:
        return logits.mean(axis=1, keepdims=True)


@mistake("SoftmaxCrossEntropy", loses="5")
class LogOfAnUnderflowedProbability(PlainSoftmaxCrossEntropy):
    """The logarithm is taken of probabilities, which underflow to 0: the loss is inf.

    The specification asks for log-sum-exp minus the target's logit (SOFTMAXCROSSENTROPY-5). Look at
    whether softmax and logarithm can be one step.
    """

    def losses(self) -> Array:
        p = self.softmax()
        return -np.where(self.t > 0, self.t * np.log(p), 0).sum(axis=1)


@mistake("SoftmaxCrossEntropy", loses="5")
class ProbabilitiesClipped(PlainSoftmaxCrossEntropy):
    """The probabilities are clipped before the logarithm: the loss is capped.

    The specification asks that it is not (SOFTMAXCROSSENTROPY-5). Look at the smallest probability
    that the logarithm can get.
    """

    def losses(self) -> Array:
        p = np.clip(self.softmax(), self.smallest(), None)
        return -(self.t * np.log(p)).sum(axis=1)

    def smallest(self) -> Any:
        """Return what a probability is clipped to."""
        return np.finfo(self.logits.dtype).tiny


@mistake("SoftmaxCrossEntropy", loses="5 60")
class EpsilonInsideTheLogarithm(PlainSoftmaxCrossEntropy):
    """A small number is added to the probabilities before the logarithm: the loss is capped.

    The specification asks that it is not (SOFTMAXCROSSENTROPY-5), and for float64. Look at what is
    added inside the logarithm.
    """

    def losses(self) -> Array:
        return -(self.t * np.log(self.softmax() + self.logits.dtype.type(1e-9))).sum(axis=1)


@mistake("SoftmaxCrossEntropy", loses="1-7 20-23")
class SoftmaxOverTheSamples(PlainSoftmaxCrossEntropy):
    """The softmax runs over the samples of a class.

    The specification asks for the classes of a sample: the rows are independent
    (SOFTMAXCROSSENTROPY-6). Look at the axis of the sum.
    """

    def log_softmax(self, logits: Array) -> Array:
        return super().log_softmax(logits.T).T


@mistake("SoftmaxCrossEntropy", loses="1-6 20-23 25")
class SoftmaxTwice(PlainSoftmaxCrossEntropy):
    """The softmax is applied to probabilities once more.

    The specification asks for it once, on the logits (SOFTMAXCROSSENTROPY-1). Look at what forward
    makes of its argument first.
    """

    def log_softmax(self, logits: Array) -> Array:
        return super().log_softmax(np.exp(super().log_softmax(logits)))


@mistake("SoftmaxCrossEntropy", loses="1-6")
class BinaryCrossEntropy(PlainSoftmaxCrossEntropy):
    """The other classes count as well: a binary cross-entropy for each class.

    The specification asks for the target's class alone, or for the classes weighed by their
    probabilities (SOFTMAXCROSSENTROPY-1). Look for a term with 1 - t.
    """

    def losses(self) -> Array:
        rest = np.log1p(-np.minimum(self.softmax(), 1 - 1e-7))
        return super().losses() - ((1 - self.t) * rest).sum(axis=1)


@mistake("SoftmaxCrossEntropy", loses="1-3 5 6")
class LossSummed(PlainSoftmaxCrossEntropy):
    """The losses of the samples are added up where their mean is asked for.

    The specification asks for the mean unless told otherwise (SOFTMAXCROSSENTROPY-1). Look at where
    the reduction is used, and at its default.
    """

    def reduce(self, losses: Array) -> Any:
        return losses.sum()


@mistake("SoftmaxCrossEntropy", loses="4")
class LossAveraged(PlainSoftmaxCrossEntropy):
    """The losses of the samples are averaged with the reduction "sum" too.

    The specification asks for their sum then (SOFTMAXCROSSENTROPY-4). Look at where the reduction
    is used.
    """

    def reduce(self, losses: Array) -> Any:
        return losses.mean()


@mistake("SoftmaxCrossEntropy", loses="1-6")
class LossDividedByTheClasses(PlainSoftmaxCrossEntropy):
    """The loss is divided by the number of classes too.

    The specification asks for the mean over the samples (SOFTMAXCROSSENTROPY-1). Look at what a
    mean without an axis divides by.
    """

    def losses(self) -> Array:
        return super().losses() / self.logits.dtype.type(self.logits.shape[1])


@mistake("SoftmaxCrossEntropy", loses="1-6")
class LossNegative(PlainSoftmaxCrossEntropy):
    """The loss has the wrong sign.

    The specification asks for log-sum-exp minus the target's logit (SOFTMAXCROSSENTROPY-1), which
    is never negative. Look at the sign of the logarithm.
    """

    def losses(self) -> Array:
        return -super().losses()


@mistake("SoftmaxCrossEntropy", loses="1-6")
class LogarithmToTheBaseTwo(PlainSoftmaxCrossEntropy):
    """The logarithm is that to the base 2.

    The specification asks for the natural one (SOFTMAXCROSSENTROPY-1). Look at the function that
    you call.
    """

    def losses(self) -> Array:
        return super().losses() / self.logits.dtype.type(np.log(2))


@mistake("SoftmaxCrossEntropy", loses="3 4")
class ProbabilitiesTakenForOneHotRows(PlainSoftmaxCrossEntropy):
    """Of a row of probabilities only the largest counts.

    The specification asks that all classes are weighed (SOFTMAXCROSSENTROPY-3). Look for an argmax
    of the target.
    """

    def rows(self, target: Array) -> Array:
        labels = target.argmax(axis=1) if target.ndim == 2 else target
        return super().rows(labels)


@mistake("SoftmaxCrossEntropy", loses="2-7")
class OnlyLabels(PlainSoftmaxCrossEntropy):
    """One-hot rows and probabilities fail: the target is used as an index.

    The specification asks that they give what their labels give (SOFTMAXCROSSENTROPY-2). Look at
    what forward does with a target of two dimensions.
    """

    def rows(self, target: Array) -> Array:
        if target.ndim == 2:
            raise IndexError("arrays used as indices must be of integer (or boolean) type")
        return super().rows(target)


@mistake("SoftmaxCrossEntropy", loses="1 4-7")
class OnlyOneHotRows(PlainSoftmaxCrossEntropy):
    """Labels are combined with the logits as they are, as if they were one-hot rows.

    The specification asks that a label stands for its class (SOFTMAXCROSSENTROPY-1). Look at what
    forward does with a target of one dimension.
    """

    def rows(self, target: Array) -> Array:
        if target.ndim == 1:
            raise TypeError("operands could not be broadcast together")
        return super().rows(target)


@mistake("SoftmaxCrossEntropy", loses="1 4-6")
class LabelsCountedFromOne(PlainSoftmaxCrossEntropy):
    """Labels are counted from 1.

    The specification asks that label 0 is the first class (SOFTMAXCROSSENTROPY-1). Look at what is
    added to or taken off the labels.
    """

    def rows(self, target: Array) -> Array:
        return super().rows(target - 1 if target.ndim == 1 else target)


@mistake("SoftmaxCrossEntropy", loses="1 4-6 20 23")
class OneHotRowsTransposed(PlainSoftmaxCrossEntropy):
    """Samples and classes change places in the one-hot rows that are made of labels.

    The specification asks for one row a sample (SOFTMAXCROSSENTROPY-1). Look at which axis of that
    array belongs to the samples.
    """

    def rows(self, target: Array) -> Array:
        rows = super().rows(target)
        return rows.T.reshape(rows.shape) if target.ndim == 1 else rows


@mistake("SoftmaxCrossEntropy", loses="20-26 39")
class GradientWithoutTheSoftmax(PlainSoftmaxCrossEntropy):
    """The gradient is the logits minus the target.

    The specification asks for the softmax minus the target (SOFTMAXCROSSENTROPY-20). Look at what
    backward takes the target off.
    """

    def gradient(self) -> Array:
        return self.logits - self.t


@mistake("SoftmaxCrossEntropy", loses="20-26 39")
class GradientForTheProbabilities(PlainSoftmaxCrossEntropy):
    """The gradient is that for the probabilities, not for the logits.

    The specification asks for the gradient for the logits (SOFTMAXCROSSENTROPY-20): the softmax
    belongs to this loss. Look at how far back backward goes.
    """

    def gradient(self) -> Array:
        return -self.t / np.maximum(self.softmax(), 1e-6)


@mistake("SoftmaxCrossEntropy", loses="20-25 39")
class JacobianAppliedTwice(PlainSoftmaxCrossEntropy):
    """The gradient is multiplied with the Jacobian of the softmax once more.

    The softmax minus the target contains it already (SOFTMAXCROSSENTROPY-20). Look at how often
    backward goes through the softmax.
    """

    def gradient(self) -> Array:
        p, g = self.softmax(), super().gradient()
        return p * (g - (g * p).sum(axis=1, keepdims=True))


@mistake("SoftmaxCrossEntropy", loses="20-26 39")
class DiagonalOfTheJacobianOnly(PlainSoftmaxCrossEntropy):
    """Of the Jacobian of the softmax only the diagonal is used.

    The specification asks for the whole gradient, in which every class counts
    (SOFTMAXCROSSENTROPY-20). Look for the derivative of a sigmoid.
    """

    def gradient(self) -> Array:
        p = self.softmax()
        return -self.t * (1 - p)


@mistake("SoftmaxCrossEntropy", loses="20-25 39")
class GradientNegative(PlainSoftmaxCrossEntropy):
    """The gradient has the wrong sign.

    The specification asks for the softmax minus the target (SOFTMAXCROSSENTROPY-20). Look at the
    order of the difference.
    """

    def gradient(self) -> Array:
        return -super().gradient()


@mistake("SoftmaxCrossEntropy", loses="20-22 24 25 39")
class GradientNotDivided(PlainSoftmaxCrossEntropy):
    """The loss is a mean, and its gradient that of the sum.

    The specification asks that both are divided by the number of samples (SOFTMAXCROSSENTROPY-20).
    Look at where the reduction is used.
    """

    def gradient(self) -> Array:
        scale = len(self.t) if self.reduction == "mean" else 1
        return super().gradient() * self.logits.dtype.type(scale)


@mistake("SoftmaxCrossEntropy", loses="23 39")
class GradientAlwaysDivided(PlainSoftmaxCrossEntropy):
    """The gradient is divided by the number of samples with the reduction "sum" too.

    The specification asks that it is not (SOFTMAXCROSSENTROPY-23). Look at where backward uses the
    reduction.
    """

    def gradient(self) -> Array:
        scale = len(self.t) if self.reduction == "sum" else 1
        return super().gradient() / self.logits.dtype.type(scale)


@mistake("SoftmaxCrossEntropy", loses="20-25 39")
class GradientDividedByTheClasses(PlainSoftmaxCrossEntropy):
    """The gradient is divided by the number of classes too.

    The specification asks for a division by the number of samples alone (SOFTMAXCROSSENTROPY-20).
    Look at the size that backward divides by.
    """

    def gradient(self) -> Array:
        return super().gradient() / self.logits.dtype.type(self.logits.shape[1])


@mistake("SoftmaxCrossEntropy", loses="20 21 23-26 39")
class GradientOnlyAtTheTarget(PlainSoftmaxCrossEntropy):
    """The gradient is 0 for all classes but the target's.

    The specification asks for the softmax there (SOFTMAXCROSSENTROPY-20): the other logits count
    too. Look at which elements backward fills.
    """

    def gradient(self) -> Array:
        return super().gradient() * (self.t > 0)


@mistake("SoftmaxCrossEntropy", loses="71 74")
class NegativeLabelsFromTheEnd(PlainSoftmaxCrossEntropy):
    """A negative label stands for a class counted from the end.

    The specification asks for a ValueError (SOFTMAXCROSSENTROPY-71). Look at what an index of -1
    means to Python.
    """

    def forward(self, logits: Array, target: Array) -> float:
        if target.ndim == 1 and logits.ndim == 2:
            target = np.where(target < 0, target + logits.shape[1], target)
        return super().forward(logits, target)


@mistake("SoftmaxCrossEntropy", loses="1 20")
class ProbabilitiesAreNoLogits(PlainSoftmaxCrossEntropy):
    """The softmax is left out where the logits look like probabilities already.

    Rows that are positive and add up to 1 are taken as they are. The specification asks for the
    softmax of whatever comes (SOFTMAXCROSSENTROPY-1): behind a softmax layer it is taken twice.
    Look for a condition on the sums of the rows.
    """

    def forward(self, logits: Array, target: Array) -> float:
        rows = np.asarray(logits)
        if rows.ndim == 2 and (rows > 0).all() and np.allclose(rows.sum(axis=1), 1):
            logits = np.log(rows)  # of which the softmax is what came
        return super().forward(logits, target)
