"""Wrong ways of doing fit: which samples, in which order, in which batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.loops import PlainFit, Result


@mistake("fit", loses="2-6 8 10 13 14")
class LastBatchDropped(PlainFit):
    """The last batch is left out where it is shorter.

    The specification asks that it is used (FIT-2). Look at how the number of batches is computed.
    """

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        return super().batches(order[: len(order) // batch_size * batch_size], batch_size)


@mistake("fit", loses="2-6 8 10 14")
class LastBatchFilledUp(PlainFit):
    """The last batch is filled up with the first samples.

    The specification asks that every sample is visited once, and that the last batch is shorter
    (FIT-2). Look at what happens where the batch size does not divide.
    """

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        missing = -len(order) % batch_size
        return super().batches(np.concatenate([order, order[:missing]]), batch_size)


@mistake("fit", loses="1-6 8 10 12 14")
class LastSampleOfEveryBatchMissing(PlainFit):
    """The last sample of every batch is left out.

    The specification asks that every sample is visited (FIT-8). Look at the end of the slice, which
    does not belong to it.
    """

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        return [b[:-1] if len(b) > 1 else b for b in super().batches(order, batch_size)]


@mistake("fit", loses="8")
class ShufflesXWithoutY(PlainFit):
    """x is shuffled and y is not.

    The specification asks that each x stays with its y (FIT-8). Look at which arrays the order is
    applied to.
    """

    def __call__(
        self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array, **o: Any
    ) -> Result:
        if o.get("shuffle", True):
            x = x[np.random.default_rng(o.get("rng")).permutation(len(x))]
        return super().__call__(model, loss, optimizer, x, y, **o)


@mistake("fit", loses="8 14")
class DrawsWithReplacement(PlainFit):
    """The samples of an epoch are drawn one by one, so that some come twice and some never.

    The specification asks that every epoch visits every sample exactly once (FIT-8). Look at how
    the order is drawn.
    """

    def order(self, rng: np.random.Generator, N: int, epoch: int) -> Array:
        return rng.integers(0, N, N)


@mistake("fit", loses="9")
class SameOrderEveryEpoch(PlainFit):
    """The order is drawn once, and every epoch has it.

    The specification asks for a new order in every epoch (FIT-9). Look at whether the order is
    drawn inside the loop over the epochs.
    """

    drawn: Any = None

    def order(self, rng: np.random.Generator, N: int, epoch: int) -> Array:
        self.drawn = rng.permutation(N) if epoch == 0 else self.drawn
        return self.drawn


@mistake("fit", loses="9")
class SeededAnewEveryEpoch(PlainFit):
    """The generator is made anew from the seed in every epoch, which gives the same order.

    The specification asks for a new order in every epoch (FIT-9). Look at where the generator is
    made.
    """

    seed: Any = None

    def generator(self, rng: Any) -> np.random.Generator:
        made = super().generator(rng)
        self.seed = int(made.integers(1 << 30))
        return made

    def order(self, rng: np.random.Generator, N: int, epoch: int) -> Array:
        return np.random.default_rng(self.seed).permutation(N)


@mistake("fit", loses="9 12")
class FirstEpochUnshuffled(PlainFit):
    """The first epoch keeps the order of x.

    The specification asks that every epoch of a shuffled run has a new order (FIT-9). Look at
    whether you shuffle before or after an epoch.
    """

    def order(self, rng: np.random.Generator, N: int, epoch: int) -> Array:
        return super().order(rng, N, epoch) if epoch else np.arange(N)


@mistake("fit", loses="9 11 12")
class NeverShuffles(PlainFit):
    """The samples always keep their order.

    The specification asks for a new order with shuffle (FIT-9). Look at where shuffle is used.
    """

    def order(self, rng: np.random.Generator, N: int, epoch: int) -> Array:
        return np.arange(N)


@mistake("fit", loses="1-6 10")
class AlwaysShuffles(PlainFit):
    """The samples are shuffled although shuffle is False.

    The specification asks that they keep their order then (FIT-10). Look at where shuffle is used.
    """

    def __call__(self, *args: Any, shuffle: bool = True, rng: Any = 5, **options: Any) -> Result:
        return super().__call__(*args, shuffle=True, rng=rng, **options)


@mistake("fit", loses="11")
class IgnoresTheGenerator(PlainFit):
    """The order does not come from rng.

    The specification asks that the same rng gives the same order (FIT-11). Look at which generator
    draws the order.
    """

    def generator(self, rng: Any) -> np.random.Generator:
        return np.random.default_rng()


@mistake("fit", loses="11")
class FixedSeed(PlainFit):
    """The order comes from a fixed seed.

    The specification asks that another seed gives another order (FIT-11). Look at what the
    generator is made from.
    """

    def generator(self, rng: Any) -> np.random.Generator:
        return np.random.default_rng(0)


@mistake("fit", loses="11")
class OnlyIntegerSeeds(PlainFit):
    """rng has to be an int: a generator fails.

    The specification asks for both (FIT-11). Look at what is done to rng first.
    """

    def generator(self, rng: Any) -> np.random.Generator:
        return np.random.default_rng(None if rng is None else rng + 0)


@mistake("fit", loses="12")
class BatchesOfSixtyFour(PlainFit):
    """Without a batch size there are 64 samples in a batch.

    The specification asks for 32 (FIT-12). Look at the default.
    """

    def __call__(self, *args: Any, batch_size: int = 64, **options: Any) -> Result:
        return super().__call__(*args, batch_size=batch_size, **options)


@mistake("fit", loses="42")
class ShufflesTheCallersArrays(PlainFit):
    """The caller's x and y are shuffled themselves.

    The specification asks that they are not changed (FIT-42). Look at whether the order is applied
    to the arrays or to indices.
    """

    def __call__(
        self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array, **o: Any
    ) -> Result:
        if o.get("shuffle", True):
            order = np.random.default_rng(0).permutation(len(x))
            x[...], y[...] = x[order], y[order]
        return super().__call__(model, loss, optimizer, x, y, **o)


@mistake("fit", loses="71")
class ExtraSamplesDropped(PlainFit):
    """Samples without a target are dropped in silence.

    The specification asks for a ValueError where x and y differ in length (FIT-71). Look for a zip,
    or for a minimum of the two lengths.
    """

    def __call__(
        self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array, **o: Any
    ) -> Result:
        shorter = min(len(x), len(y))
        return super().__call__(model, loss, optimizer, x[:shorter], y[:shorter], **o)
