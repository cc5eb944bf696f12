"""Wrong ways of doing evaluate and predict."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.loops import PlainEvaluate, PlainPredict, Result


@mistake("evaluate", loses="1-3")
class LastBatchDropped(PlainEvaluate):
    """The last batch is left out where it is shorter.

    The specification asks for all samples (EVALUATE-1). Look at how the number of batches is
    computed.
    """

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        return super().batches(order[: len(order) // batch_size * batch_size], batch_size)


@mistake("evaluate", loses="1")
class LossAveragedOverBatches(PlainEvaluate):
    """The loss is the mean of the batches' losses, as if they were of equal size.

    The specification asks for the loss per sample (EVALUATE-1). Look at how much a short last batch
    counts.
    """

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        result = super().result(values, N)
        if sum(weight for _, weight, _ in values) > len(values):  # reduction "mean"
            result["loss"] = float(np.mean([value for value, _, _ in values]))
        return result


@mistake("evaluate", loses="1 2")
class LossOfTheLastBatch(PlainEvaluate):
    """The loss is that of the last batch.

    The specification asks for the loss per sample over all samples (EVALUATE-1). Look at what is
    added up.
    """

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        return super().result(values, N) | {"loss": values[-1][0]}


@mistake("evaluate", loses="2")
class SumTakenForMean(PlainEvaluate):
    """The batches' losses are multiplied with their sizes with the reduction "sum" too.

    The specification asks that they are added up as they are then (EVALUATE-2). Look at where the
    reduction is used.
    """

    def weight(self, loss: Any, count: int) -> float:
        return count


@mistake("evaluate", loses="3")
class AccuracyOverBatches(PlainEvaluate):
    """The accuracy is the mean of the batches' accuracies, as if they were of equal size.

    The specification asks for the share of samples (EVALUATE-3). Look at how much a short last
    batch counts.
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


@mistake("evaluate", loses="3")
class AccuracyInPercent(PlainEvaluate):
    """The accuracy is in percent.

    The specification asks for the share of hits, at most 1 (EVALUATE-3). Look for a factor of 100.
    """

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        result = super().result(values, N)
        return {k: 100 * v if k == "accuracy" else v for k, v in result.items()}


@mistake("evaluate", loses="3")
class OneHotRowsComparedWithClasses(PlainEvaluate):
    """The classes of the outputs are compared with one-hot rows element by element.

    The specification asks where the largest elements are (EVALUATE-3). Look at the shapes of the
    two sides of the comparison.
    """

    def hits(self, out: Array, y: Array) -> Any:
        if y.ndim == 2 and super().hits(out, y) is not None:
            return int((out.argmax(axis=1)[:, None] == y).sum())
        return super().hits(out, y)


@mistake("evaluate", loses="3")
class AccuracyOfRegression(PlainEvaluate):
    """There is an accuracy for regression.

    The specification asks for none (EVALUATE-3): numbers have no class. Look at how you tell
    whether y holds classes.
    """

    def labels(self, out: Array, y: Array) -> Any:
        return y.argmax(axis=1) if y.ndim == 2 else y


@mistake("evaluate", loses="1-3 42")
class TrainsOnTheWay(PlainEvaluate):
    """The parameters are changed by a step for every batch.

    The specification asks that evaluate changes no parameter (EVALUATE-42). Look for a call of
    backward or of an optimizer.
    """

    def step(self, model: Any, loss: Any, x: Array, y: Array) -> tuple[Array, float]:
        out, value = super().step(model, loss, x, y)
        model.backward(loss.backward())
        for key, array in model.params.items():
            array -= 0.1 * model.grads[key]
        return out, value


@mistake("evaluate", loses="42")
class DataScaledInPlace(PlainEvaluate):
    """The caller's x is changed once it has been used.

    The specification asks that x and y are not changed (EVALUATE-42). Look for an operator such as
    /= on the arguments.
    """

    def __call__(self, model: Any, loss: Any, x: Array, y: Array, **options: Any) -> Result:
        result = super().__call__(model, loss, x, y, **options)
        x /= np.abs(x).max()
        return result


@mistake("evaluate", loses="43")
class EvaluatesInTrainingMode(PlainEvaluate):
    """training is True meanwhile.

    The specification asks that it is False during evaluate (EVALUATE-43). Look at the lines before
    the loop.
    """

    def mode_during(self) -> bool:
        return True


@mistake("evaluate", loses="43")
class TrainingLeftFalse(PlainEvaluate):
    """training stays False afterwards.

    The specification asks that it is afterwards what it was before (EVALUATE-43). Look at what is
    put back at the end.
    """

    def mode_after(self, before: bool) -> bool:
        return False


@mistake("evaluate", loses="43")
class TrainingLeftTrue(PlainEvaluate):
    """training is True afterwards, whatever it was.

    The specification asks that it is afterwards what it was before (EVALUATE-43). Look at what is
    put back at the end.
    """

    def mode_after(self, before: bool) -> bool:
        return True


@mistake("evaluate", loses="71")
class ExtraSamplesDropped(PlainEvaluate):
    """Samples without a target are dropped in silence.

    The specification asks for a ValueError where x and y differ in length (EVALUATE-71). Look for a
    zip, or for a minimum of the two lengths.
    """

    def __call__(self, model: Any, loss: Any, x: Array, y: Array, **options: Any) -> Result:
        shorter = min(len(x), len(y))
        return super().__call__(model, loss, x[:shorter], y[:shorter], **options)


@mistake("evaluate", loses="NETWORK-3")
class SamplesFlattened(PlainEvaluate):
    """Every sample is flattened before it goes into the model.

    That is harmless for rows; a network of images gets no images (NETWORK-3). Look at what is done
    to x before the model sees it.
    """

    def step(self, model: Any, loss: Any, x: Array, y: Array) -> tuple[Array, float]:
        return super().step(model, loss, x.reshape(len(x), -1), y)


# ---------------------------------------------------------------- predict


@mistake("predict", loses="1")
class PredictsWithoutTheLastBatch(PlainPredict):
    """The last batch is left out where it is shorter.

    The specification asks for the output of every sample (PREDICT-1). Look at how the number of
    batches is computed.
    """

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        whole = len(order) // batch_size * batch_size
        return super().batches(order[: whole or len(order)], batch_size)


@mistake("predict", loses="1")
class ClassesForOutputs(PlainPredict):
    """The classes are returned.

    The specification asks for the model's outputs (PREDICT-1). Look for an argmax.
    """

    def outputs(self, parts: list[Array]) -> Array:
        return super().outputs(parts).argmax(axis=1)


@mistake("predict", loses="1")
class ProbabilitiesForOutputs(PlainPredict):
    """The softmax of the outputs is returned.

    The specification asks for the model's outputs as they are (PREDICT-1). Look at what is done to
    them before they are returned.
    """

    def outputs(self, parts: list[Array]) -> Array:
        e = np.exp(super().outputs(parts))
        probabilities: Array = e / e.sum(axis=1, keepdims=True)
        return probabilities


@mistake("predict", loses="1")
class LastBatchReturned(PlainPredict):
    """Only the outputs of the last batch are returned.

    The specification asks for those of every sample (PREDICT-1). Look at what the loop keeps.
    """

    def outputs(self, parts: list[Array]) -> Array:
        return parts[-1]


@mistake("predict", loses="1")
class BatchesStacked(PlainPredict):
    """The outputs of the batches are stacked along a new axis, or returned as a list.

    The specification asks for one row a sample (PREDICT-1). Look at how the batches are put
    together.
    """

    def outputs(self, parts: list[Array]) -> Any:
        return parts


@mistake("predict", loses="2")
class EverythingAtOnce(PlainPredict):
    """The model gets all samples at once.

    The specification asks for at most batch_size at a time (PREDICT-2). Look at where batch_size is
    used.
    """

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        return [order]


@mistake("predict", loses="42")
class DataScaledInPlaceByPredict(PlainPredict):
    """The caller's x is changed once it has been used.

    The specification asks that x is not changed (PREDICT-42). Look for an operator such as /= on
    the argument.
    """

    def __call__(self, model: Any, x: Array, **options: Any) -> Array:
        outputs = super().__call__(model, x, **options)
        x /= np.abs(x).max()
        return outputs


@mistake("predict", loses="42")
class ParametersRounded(PlainPredict):
    """The parameters are rounded to float32 on the way.

    The specification asks that no parameter is changed (PREDICT-42). Look for an assignment to a
    parameter.
    """

    def forward(self, model: Any, x: Array) -> Array:
        for array in model.params.values():
            array[...] = array.astype(np.float32)
        return super().forward(model, x)


@mistake("predict", loses="43")
class PredictsInTrainingMode(PlainPredict):
    """training is True meanwhile.

    The specification asks that it is False during predict (PREDICT-43). Look at the lines before
    the loop.
    """

    def mode_during(self) -> bool:
        return True


@mistake("predict", loses="43")
class TrainingLeftFalseByPredict(PlainPredict):
    """training stays False afterwards.

    The specification asks that it is afterwards what it was before (PREDICT-43). Look at what is
    put back at the end.
    """

    def mode_after(self, before: bool) -> bool:
        return False


@mistake("predict", loses="NETWORK-3")
class SamplesFlattenedByPredict(PlainPredict):
    """Every sample is flattened before it goes into the model.

    That is harmless for rows; a network of images gets no images (NETWORK-3). Look at what is done
    to x before the model sees it.
    """

    def forward(self, model: Any, x: Array) -> Array:
        return super().forward(model, x.reshape(len(x), -1))
