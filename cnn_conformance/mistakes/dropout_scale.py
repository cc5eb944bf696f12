"""Wrong ways of doing Dropout: where and by what the survivors are scaled."""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.dropout import PlainDropout
from cnn_conformance.mistakes.legacy import mistake


@mistake("Dropout", loses="1 6 7 21")
class ScaledInEvaluationAndDropped(PlainDropout):
    """Nothing is scaled in training, and everything by 1 - p in evaluation.

    That is the classic form; the specification asks for the inverted one, which divides the
    survivors in training (DROPOUT-1) and leaves evaluation alone (DROPOUT-7). The gradient goes
    through a mask in evaluation too, where it is dout (DROPOUT-21). Look at where you scale.
    """

    def output(self, x: Array) -> Array:
        return x * self.mask if self.training else x * (1 - self.p)

    def gradient(self, dout: Array) -> Array:
        dx: Array = dout * self.mask
        return dx


@mistake("Dropout", loses="1 6 7 21")
class NeverScaledAlwaysDropped(PlainDropout):
    """Elements are dropped in evaluation too, and nothing is scaled anywhere.

    The specification asks that survivors are divided by 1 - p in training (DROPOUT-1), and that y
    is x in evaluation (DROPOUT-7). Look at what forward does with training.
    """

    def output(self, x: Array) -> Array:
        y: Array = x * self.mask
        return y

    def gradient(self, dout: Array) -> Array:
        dx: Array = dout * self.mask
        return dx


@mistake("Dropout", loses="7")
class ScaledInEvaluationToo(PlainDropout):
    """Survivors are scaled in training, and everything by 1 - p in evaluation as well.

    One of the two is enough: the specification asks for the first, and that y is x in evaluation
    (DROPOUT-7). Look at what forward does where training is False.
    """

    def output(self, x: Array) -> Array:
        return super().output(x) if self.training else x * (1 - self.p)


@mistake("Dropout", loses="1 6")
class SurvivorsMultiplied(PlainDropout):
    """The survivors are multiplied by 1 - p, where they have to be divided by it.

    The specification asks for x / (1 - p) (DROPOUT-1): what is dropped is made up for by the rest.
    Look at the sign between x and 1 - p.
    """

    def scale(self) -> float:
        return 1 - self.p


@mistake("Dropout", loses="1 6")
class DividedByTheShareThatCame(PlainDropout):
    """The survivors are divided by the share that has survived this time.

    The specification asks for 1 - p (DROPOUT-1), which that share comes near to only on average.
    Look at what forward divides by.
    """

    def scale(self) -> float:
        return 1 / max(float(np.mean(self.mask)), 0.01)


@mistake("Dropout", loses="20 22 45-48")
class GradientScaledNotDropped(PlainDropout):
    """The whole gradient is divided by 1 - p: nothing is dropped in backward.

    The specification asks for 0 where an element was dropped (DROPOUT-20). Look at what backward
    multiplies with beside the factor.
    """

    def gradient(self, dout: Array) -> Array:
        return dout * self.scale() if self.was_training else dout.copy()
