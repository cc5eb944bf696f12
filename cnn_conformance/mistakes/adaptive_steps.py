"""Wrong ways of doing AdaGrad, RMSprop and Adam: steps, what decays, and what is averaged."""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.adaptive import PlainAdaGrad, PlainAdam, PlainRMSprop
from cnn_conformance.mistakes.adaptive_habits import Adaptive, DecayDecoupled
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain_optimizer import Arrays


def _is_bias(name: str) -> bool:
    return name.rpartition(".")[2].startswith("bias")


class DecaySparesBiases(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        kept = {name: g.copy() for name, g in grads.items()}
        for name, g in kept.items():
            if _is_bias(name) and g.shape == params[name].shape:
                g -= (self.weight_decay * params[name]).astype(g.dtype)
        super().step(params, kept)


class DecayDecoupledSparesBiases(DecayDecoupled):
    def decays(self, name: str) -> bool:
        return not _is_bias(name)


class DecayAfterTheStep(Adaptive):
    def spares(self, name: str) -> bool:
        """Tell whether a parameter does not decay."""
        return False

    def step(self, params: Arrays, grads: Arrays) -> None:
        was, self.weight_decay = self.weight_decay, 0.0
        super().step(params, grads)
        self.weight_decay = was
        for name, p in params.items():
            if not self.spares(name):
                p -= (self.lr * was * p).astype(p.dtype)


class WeightsDecayAfterTheStep(DecayAfterTheStep):
    def spares(self, name: str) -> bool:
        return _is_bias(name)


@mistake("Adam", loses="1-6 9")
class StepsOfAllParametersCounted(PlainAdam):
    """The steps are counted once for each parameter.

    From the second parameter on the correction runs ahead; the specification asks for the number of
    calls of step in βᵗ (ADAM-1). Look at whether the counter stands within the loop.
    """

    def step(self, params: Arrays, grads: Arrays) -> None:
        self.updates = getattr(self, "updates", 0)
        super().step(params, grads)

    def state(self, name: str, p: Array) -> Arrays:
        self.updates += 1
        return super().state(name, p)

    def corrected(self, average: Array, beta: float) -> Array:
        corrected: Array = average / (1 - beta**self.updates)
        return corrected


@mistake("Adam", loses="2-6 9")
class CorrectionOneStepBehind(PlainAdam):
    """The correction of the first step is used in the second too, and is one behind from there on.

    The specification asks for βᵗ in step t (ADAM-3). Look at when the steps are counted.
    """

    def corrected(self, average: Array, beta: float) -> Array:
        corrected: Array = average / (1 - beta ** max(self.t - 1, 1))
        return corrected


@mistake("Adam", loses="9")
class LargestOfTheCorrected(PlainAdam):
    """With amsgrad the largest of the corrected averages is kept.

    The specification asks for the largest average before it is corrected (ADAM-9), as PyTorch has
    it. Look at the order of the correction and the maximum.
    """

    def way(self, state: Arrays, g: Array) -> Array:
        super().way(state, g)
        beta1, beta2 = self.betas
        hat = self.corrected(state["s"], beta2)
        state["top"] = np.maximum(state.get("top", np.zeros_like(g)), hat)
        return self.corrected(state["m"], beta1) / self.size(state["top"] if self.amsgrad else hat)


@mistake("RMSprop", loses="9")
class CenteredByTheMean(PlainRMSprop):
    """With centered the mean is taken from the mean of squares, and not its square.

    The specification asks for the variance (RMSPROP-9): the mean of the squares less the square of
    the mean. Look for what is missing a square.
    """

    def size(self, state: Arrays) -> Array:
        s = np.abs(state["s"] - state["a"]) if self.centered else state["s"]
        size: Array = np.sqrt(s) + self.eps
        return size


@mistake("AdaGrad", loses="1-6")
class SizesAddedUp(PlainAdaGrad):
    """The sizes of the gradients are added up, and no root is taken.

    The specification asks for the root of the sum of squares (ADAGRAD-1). Look at what is added up.
    """

    def squares(self, s: Array, g: Array) -> Array:
        return (np.sqrt(s) if self.t == 1 else s) + np.abs(g)

    def size(self, s: Array) -> Array:
        size: Array = s + self.eps
        return size


class GradientsOfNormOne(Adaptive):
    def step(self, params: Arrays, grads: Arrays) -> None:
        was, self.weight_decay = self.weight_decay, 0.0
        used = dict(grads)
        for name, g in grads.items():
            if g.shape == params[name].shape:
                decayed = g + was * params[name]
                norm = max(float(np.linalg.norm(decayed)), 1.0)
                used[name] = (decayed / norm).astype(g.dtype)
        super().step(params, used)
        self.weight_decay = was
