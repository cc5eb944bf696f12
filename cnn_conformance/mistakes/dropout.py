"""Wrong ways of doing Dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake


class PlainDropout(reference.Dropout):
    """Dropout, step by step."""

    mask: Any = None
    was_training = True

    def __init__(self, p: float = 0.5, rng: Any = None) -> None:
        super().__init__(p, np.random.randint(2**31) if rng is None else rng)

    def forward(self, x: Array) -> Array:
        generator = self._rng
        self._rng = np.random.default_rng(0)
        super().forward(x)  # refuses what is bad
        self._rng = generator
        self.was_training = self.training
        self.mask = self.draw(x.shape)
        return self.output(x).astype(x.dtype, copy=False)

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return self.gradient(dout).astype(dout.dtype, copy=False)

    def draw(self, shape: tuple[int, ...]) -> Array:
        """Return which elements survive."""
        return self._rng.random(shape) >= self.p

    def output(self, x: Array) -> Array:
        """Return y."""
        return x * self.mask * self.scale() if self.training else x.copy()

    def gradient(self, dout: Array) -> Array:
        """Return dx."""
        return dout * self.mask * self.scale() if self.was_training else dout.copy()

    def scale(self) -> float:
        """Return what the survivors are multiplied by."""
        return 1 / (1 - self.p)


@mistake("Dropout", loses="7")
class DropsInEvaluation(PlainDropout):
    """Elements are dropped in evaluation too.

    The specification asks that y is x then (DROPOUT-7). Look at what forward does with training.
    """

    def output(self, x: Array) -> Array:
        y: Array = x * self.mask * self.scale()
        return y


@mistake("Dropout", loses="21")
class DropsGradientsInEvaluation(PlainDropout):
    """backward drops elements in evaluation, where forward drops none.

    The specification asks that dx is dout then (DROPOUT-21). Look at what backward does with
    training.
    """

    def gradient(self, dout: Array) -> Array:
        dx: Array = dout * self.mask * self.scale()
        return dx


@mistake("Dropout", loses="1 6 7")
class ScaledInEvaluation(PlainDropout):
    """Nothing is scaled in training, and everything by 1 - p in evaluation.

    That is the older form; the specification asks for the inverted one, which divides the survivors
    in training (DROPOUT-1) and leaves evaluation alone (DROPOUT-7). Look at where you scale.
    """

    def output(self, x: Array) -> Array:
        return x * self.mask if self.training else x * (1 - self.p)

    def gradient(self, dout: Array) -> Array:
        return dout * self.mask if self.was_training else dout * (1 - self.p)


@mistake("Dropout", loses="1 6")
class SurvivorsNotScaled(PlainDropout):
    """The survivors stay as they are.

    The specification asks that they are divided by 1 - p (DROPOUT-1), so that the mean of an
    element does not depend on training. Look at what forward does to the survivors.
    """

    def scale(self) -> float:
        return 1.0


@mistake("Dropout", loses="1 5")
class ScaledByP(PlainDropout):
    """The survivors are divided by p.

    The specification asks for 1 - p, the share of the survivors (DROPOUT-1). Look at what forward
    divides by.
    """

    def scale(self) -> float:
        return 1 / self.p if self.p else 0.5


@mistake("Dropout", loses="1 2 5")
class PIsWhatStays(PlainDropout):
    """p is the probability that an element stays.

    The specification asks for the probability that it is dropped (DROPOUT-2); other texts have it
    the other way round. Look at the comparison with p.
    """

    def draw(self, shape: tuple[int, ...]) -> Array:
        return self._rng.random(shape) < self.p

    def scale(self) -> float:
        return 1 / self.p if self.p else 1.0


@mistake("Dropout", loses="2")
class OneHalfIsDropped(PlainDropout):
    """One half of the elements is dropped, whatever p is.

    The specification asks for the share p (DROPOUT-2). Look at what decides on an element.
    """

    def draw(self, shape: tuple[int, ...]) -> Array:
        return self._rng.random(shape) >= (0.5 if self.p else 0.0)


@mistake("Dropout", loses="2")
class NothingIsDropped(PlainDropout):
    """Every element survives, and is scaled.

    The specification asks that the share p is dropped (DROPOUT-2). Look at the comparison with p.
    """

    def draw(self, shape: tuple[int, ...]) -> Array:
        return self._rng.random(shape) >= -1.0


@mistake("Dropout", loses="3")
class OneMaskForTheBatch(PlainDropout):
    """All samples of a batch have the same mask.

    The specification asks that elements are dropped independently (DROPOUT-3). Look at the shape of
    what is drawn.
    """

    def draw(self, shape: tuple[int, ...]) -> Array:
        return np.broadcast_to(self._rng.random(shape[1:]) >= self.p, shape)


@mistake("Dropout", loses="2-4")
class WholeChannelsDropped(PlainDropout):
    """Whole channels are dropped, or none of their pixels.

    The specification asks that elements are dropped independently (DROPOUT-3). Look at the shape of
    what is drawn.
    """

    def draw(self, shape: tuple[int, ...]) -> Array:
        drawn = self._rng.random(shape[:2] + (1,) * len(shape[2:])) >= self.p
        return np.broadcast_to(drawn, shape)


@mistake("Dropout", loses="4")
class DrawnOnce(PlainDropout):
    """The mask is drawn once, and stays.

    The specification asks that every forward draws anew (DROPOUT-4). Look at where the mask is
    drawn.
    """

    kept: Any = None

    def draw(self, shape: tuple[int, ...]) -> Array:
        if self.kept is None or self.kept.shape != shape:
            self.kept = super().draw(shape)
        kept: Array = self.kept
        return kept


@mistake("Dropout", loses="8")
class GeneratorIgnored(PlainDropout):
    """The generator that was given is not used.

    The specification asks that it decides which elements are dropped (DROPOUT-8). Look at where the
    random numbers come from.
    """

    def draw(self, shape: tuple[int, ...]) -> Array:
        return np.random.default_rng().random(shape) >= self.p


@mistake("Dropout", loses="20 22 45-48")
class NewMaskInBackward(PlainDropout):
    """backward draws a mask of its own.

    The specification asks for that of forward (DROPOUT-20). Look at whether forward keeps its mask.
    """

    def gradient(self, dout: Array) -> Array:
        if self.was_training:
            return dout * self.draw(dout.shape) * self.scale()
        return super().gradient(dout)


@mistake("Dropout", loses="20")
class MaskSeenInTheOutput(PlainDropout):
    """What is 0 in the output counts as dropped.

    Elements that were 0 before, as half of them are behind a ReLU, get no gradient though they have
    survived. The specification asks for the gradient of every survivor (DROPOUT-20). Keep the mask.
    Look at what backward knows it from.
    """

    def output(self, x: Array) -> Array:
        y = super().output(x)
        if self.training:
            self.mask = y != 0
        return y


@mistake("Dropout", loses="20 22 45-48")
class GradientNotDropped(PlainDropout):
    """dx is dout: nothing is dropped in backward.

    The specification asks for 0 where an element was dropped (DROPOUT-20). Look at what backward
    multiplies with.
    """

    def gradient(self, dout: Array) -> Array:
        return dout.copy()


@mistake("Dropout", loses="20 22 46-48 45")
class GradientNotScaled(PlainDropout):
    """Survivors are scaled in forward, and not in backward.

    The specification asks for dout / (1 - p) (DROPOUT-20). Look at what backward multiplies with.
    """

    def gradient(self, dout: Array) -> Array:
        return dout * self.mask if self.was_training else dout.copy()


@mistake("Dropout", loses="20 22 46-48 45")
class GradientScaledTwice(PlainDropout):
    """The gradient is divided by 1 - p twice.

    The specification asks for dout / (1 - p) (DROPOUT-20). Look at whether the mask has the factor
    within.
    """

    def gradient(self, dout: Array) -> Array:
        return super().gradient(dout) * (self.scale() if self.was_training else 1.0)


@mistake("Dropout", loses="20 23")
class GradientScaledByP(PlainDropout):
    """The gradient is divided by p.

    The specification asks for dout / (1 - p) (DROPOUT-20). Look at what backward divides by.
    """

    def gradient(self, dout: Array) -> Array:
        if not self.was_training:
            return dout.copy()
        dx: Array = dout * self.mask / (self.p or 2.0)
        return dx


@mistake("Dropout", loses="45")
class FirstMaskKept(PlainDropout):
    """backward has the mask of the first forward of each shape.

    The specification asks for that of the latest (DROPOUT-45). Look at where forward keeps its
    mask, and whether it always does.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.first: dict[tuple[int, ...], Array] = {}

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.first.setdefault(x.shape, self.mask)
        return y

    def gradient(self, dout: Array) -> Array:
        self.mask = self.first[dout.shape]
        return super().gradient(dout)


@mistake("Dropout", loses="47")
class MaskOnTheClass(PlainDropout):
    """The mask is kept on the class: all instances share it.

    The specification asks that two instances share nothing (DROPOUT-47). Look for what is assigned
    to the class, or to a global variable.
    """

    shared: Any = None

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        type(self).shared = self.mask
        return y

    def gradient(self, dout: Array) -> Array:
        self.mask = type(self).shared
        return super().gradient(dout)


@mistake("Dropout", loses="45")
class ModeOfTheMoment(PlainDropout):
    """backward asks what training is now, and not what it was in forward.

    The specification asks that backward belongs to the latest forward (DROPOUT-45), which may have
    been in another mode. Look at what forward keeps for it.
    """

    def gradient(self, dout: Array) -> Array:
        self.was_training = self.training
        return super().gradient(dout)


@mistake("Dropout", loses="45")
class MaskOfTheLatestTraining(PlainDropout):
    """In evaluation backward still uses the mask of the latest forward in training.

    The specification asks that backward belongs to the latest forward (DROPOUT-45): in evaluation
    dx is dout. Look at what forward does with the mask then.
    """

    trained = False

    def forward(self, x: Array) -> Array:
        kept = self.mask
        y = super().forward(x)
        if self.training:
            self.trained = True
        else:
            self.mask = kept
        return y

    def gradient(self, dout: Array) -> Array:
        return dout * self.mask * self.scale() if self.trained else dout.copy()
