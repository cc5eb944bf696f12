"""Wrong ways of doing fit: the step, the loss, the accuracy, the mode."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.loops import PlainFit, Result


@mistake("fit", loses="3")
class LossAveragedOverBatches(PlainFit):
    """The loss of an epoch is the mean of the batches' losses, as if they were of equal size.

    The specification asks for the loss per sample (FIT-3). Look at how much a short last batch
    counts.
    """

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        result = super().result(values, N)
        total = sum(weight for _, weight, _ in values)
        if total > len(values):  # reduction "mean"
            result["loss"] = float(np.mean([value for value, _, _ in values]))
        return result


@mistake("fit", loses="3 4")
class LossOfTheLastBatch(PlainFit):
    """The loss of an epoch is that of its last batch.

    The specification asks for the loss per sample over the whole epoch (FIT-3). Look at what is
    added up.
    """

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        return super().result(values, N) | {"loss": values[-1][0]}


@mistake("fit", loses="3")
class LossNotWeighed(PlainFit):
    """The batches' losses are added up as they are and divided by the number of samples.

    That is right for the reduction "sum" only; with "mean" each counts as often as it has samples
    (FIT-3). Look at where the reduction is used.
    """

    def weight(self, loss: Any, count: int) -> float:
        return 1


@mistake("fit", loses="4")
class SumTakenForMean(PlainFit):
    """The batches' losses are multiplied with their sizes with the reduction "sum" too.

    The specification asks that they are added up as they are then (FIT-4). Look at where the
    reduction is used.
    """

    def weight(self, loss: Any, count: int) -> float:
        return count


@mistake("fit", loses="3 4 13")
class LossOfTheNewParameters(PlainFit):
    """The loss of a batch is computed anew, after its step.

    The specification asks for the loss as seen while training, once and before the step (FIT-3).
    Look at when the loss is computed.
    """

    def step(self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array) -> Any:
        out, _ = super().step(model, loss, optimizer, x, y)
        return out, loss.forward(model.forward(x), y)


@mistake("fit", loses="5 6")
class AccuracyOverBatches(PlainFit):
    """The accuracy is the mean of the batches' accuracies, as if they were of equal size.

    The specification asks for the share of samples (FIT-5). Look at how much a short last batch
    counts.
    """

    sizes: Any = ()

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        batches = super().batches(order, batch_size)
        self.sizes = [len(batch) for batch in batches]
        return batches

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        result = super().result(values, N)
        if "accuracy" in result:
            hits = [value[2] for value in values]
            result["accuracy"] = float(np.mean(np.array(hits) / self.sizes))
        return result


@mistake("fit", loses="5 6")
class HitsCounted(PlainFit):
    """The accuracy is the number of hits.

    The specification asks for their share (FIT-5). Look at what the hits are divided by.
    """

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        result = super().result(values, N)
        if "accuracy" in result:
            result["accuracy"] *= N
        return result


@mistake("fit", loses="5 6")
class SmallestOutputWins(PlainFit):
    """A hit is where the smallest output is at the class.

    The specification asks for the largest (FIT-5). Look at which end of the order you take.
    """

    def hits(self, out: Array, y: Array) -> Any:
        return super().hits(-out, y)


@mistake("fit", loses="6")
class NoAccuracyForOneHotRows(PlainFit):
    """There is no accuracy where y has one-hot rows.

    The specification asks for it (FIT-6). Look at how you tell whether y holds classes.
    """

    def labels(self, out: Array, y: Array) -> Any:
        return y if y.ndim == 1 and y.dtype.kind in "iu" else None


@mistake("fit", loses="6")
class OneHotRowsComparedWithClasses(PlainFit):
    """The classes of the outputs are compared with one-hot rows element by element.

    The specification asks where the largest elements are (FIT-6). Look at the shapes of the two
    sides of the comparison.
    """

    def hits(self, out: Array, y: Array) -> Any:
        if y.ndim == 2 and super().hits(out, y) is not None:
            return int((out.argmax(axis=1)[:, None] == y).sum())
        return super().hits(out, y)


@mistake("fit", loses="7")
class AccuracyOfRegression(PlainFit):
    """There is an accuracy for regression.

    The specification asks for none (FIT-7): numbers have no class. Look at how you tell whether y
    holds classes.
    """

    def labels(self, out: Array, y: Array) -> Any:
        return y.argmax(axis=1) if y.ndim == 2 else y


@mistake("fit", loses="1-6 13")
class TargetsForgotten(PlainFit):
    """The gradient is computed before the loss is.

    The specification asks for forward, loss, backward, step, in this order (FIT-13). Look at the
    order of the lines in the loop.
    """

    def step(self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array) -> Any:
        out = model.forward(x)
        value = loss.forward(out, y)
        optimizer.step(model.params, model.grads)
        model.backward(loss.backward())
        return out, value


@mistake("fit", loses="13")
class LossComputedTwice(PlainFit):
    """The loss is computed twice in every batch.

    The specification asks for once, before the step (FIT-13): a loss may count its calls. Look for
    a second call of the loss.
    """

    def step(self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array) -> Any:
        loss.forward(model.forward(x), y)
        return super().step(model, loss, optimizer, x, y)


@mistake("fit", loses="1-6 13")
class StepOnceAnEpoch(PlainFit):
    """There is one step an epoch, after its last batch.

    The specification asks for a step for each batch (FIT-1). Look at whether the step is inside the
    loop over the batches.
    """

    left: Any = 0

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        batches = super().batches(order, batch_size)
        self.left = len(batches)
        return batches

    def step(self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array) -> Any:
        out = model.forward(x)
        value = loss.forward(out, y)
        model.backward(loss.backward())
        self.left -= 1
        if self.left == 0:
            optimizer.step(model.params, model.grads)
        return out, value


@mistake("fit", loses="1-6")
class GradientsDividedByTheBatch(PlainFit):
    """The gradients are divided by the batch size before the step.

    The loss has done that already (FIT-1). Look at what happens to grads between backward and step.
    """

    def step(self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array) -> Any:
        out = model.forward(x)
        value = loss.forward(out, y)
        model.backward(loss.backward())
        optimizer.step(model.params, {k: g / len(x) for k, g in model.grads.items()})
        return out, value


@mistake("fit", loses="43")
class TrainingLeftTrue(PlainFit):
    """training stays True afterwards, whatever it was.

    The specification asks that it is afterwards what it was before (FIT-43). Look at what is put
    back at the end.
    """

    def mode_after(self, before: bool) -> bool:
        return True


@mistake("fit", loses="43")
class TrainsWithTrainingFalse(PlainFit):
    """training is not set to True.

    The specification asks that it is True during fit (FIT-43). Look at the lines before the loop.
    """

    def __call__(self, model: Any, *args: Any, **options: Any) -> Result:
        self.before = model.training
        return super().__call__(model, *args, **options)

    before = True

    def mode_during(self) -> bool:
        return self.before


@mistake("fit", loses="NETWORK-3")
class SamplesFlattened(PlainFit):
    """Every sample is flattened before it goes into the model.

    That is harmless for rows; a network of images gets no images (NETWORK-3). Look at what is done
    to x before the model sees it.
    """

    def step(self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array) -> Any:
        return super().step(model, loss, optimizer, x.reshape(len(x), -1), y)
