"""The reference's training loops with every step a method, so that a mistake changes one."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array

Result = dict[str, Any]


class PlainLoop:
    """What `fit` and `evaluate` have in common: the score of a pass over the samples."""

    name = ""

    def check(self, x: Array, y: Array) -> None:
        """Refuse what is bad."""
        if len(x) != len(y):
            raise ValueError(f"{self.name}: expected {len(x)} targets, got {len(y)}")

    def batches(self, order: Array, batch_size: int) -> list[Array]:
        """Return the samples of each batch."""
        return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]

    def weight(self, loss: Any, count: int) -> float:
        """Return how much the loss of a batch counts."""
        return count if loss.reduction == "mean" else 1

    def labels(self, out: Array, y: Array) -> Any:
        """Return the classes in y, or None."""
        if y.ndim == 1 and np.issubdtype(y.dtype, np.integer):
            return y
        one_hot = y.shape == out.shape and y.shape[1] > 1 and bool(((y == 0) | (y == 1)).all())
        return y.argmax(axis=1) if one_hot else None

    def hits(self, out: Array, y: Array) -> Any:
        """Return how many samples of a batch are right."""
        labels = self.labels(out, y)
        return None if labels is None else int((out.argmax(axis=1) == labels).sum())

    def result(self, values: list[tuple[float, float, Any]], N: int) -> Result:
        """Return loss and accuracy from each batch's loss, weight and hits."""
        result: Result = {"loss": sum(value * weight for value, weight, _ in values) / N}
        if values and values[0][2] is not None:
            result["accuracy"] = sum(hits for _, _, hits in values) / N
        return result

    def mode_during(self) -> bool:
        """Return what training is meanwhile."""
        return self.name == "fit"

    def mode_after(self, before: bool) -> bool:
        """Return what training is afterwards."""
        return before


class PlainFit(PlainLoop):
    """The training loop, step by step."""

    name = "fit"

    def __call__(
        self,
        model: Any,
        loss: Any,
        optimizer: Any,
        x: Array,
        y: Array,
        *,
        epochs: int = 1,
        batch_size: int = 32,
        shuffle: bool = True,
        rng: Any = None,
    ) -> Result:
        """Train."""
        self.check(x, y)
        generator = self.generator(rng)
        history: Result = {}
        before, model.training = model.training, self.mode_during()
        for epoch in range(epochs):
            order = self.order(generator, len(x), epoch) if shuffle else np.arange(len(x))
            values = []
            for batch in self.batches(order, batch_size):
                out, value = self.step(model, loss, optimizer, x[batch], y[batch])
                values.append((value, self.weight(loss, len(batch)), self.hits(out, y[batch])))
            for name, entry in self.result(values, len(x)).items():
                history.setdefault(name, []).append(entry)
        model.training = self.mode_after(before)
        return history

    def generator(self, rng: Any) -> np.random.Generator:
        """Return where the order comes from."""
        return np.random.default_rng(rng)

    def order(self, rng: np.random.Generator, N: int, epoch: int) -> Array:
        """Return the order of an epoch."""
        return rng.permutation(N)

    def step(
        self, model: Any, loss: Any, optimizer: Any, x: Array, y: Array
    ) -> tuple[Array, float]:
        """Train on one batch; return the model's output and the loss."""
        out = model.forward(x)
        value = loss.forward(out, y)
        model.backward(loss.backward())
        optimizer.step(model.params, model.grads)
        return out, value


class PlainEvaluate(PlainLoop):
    """The evaluation, step by step."""

    name = "evaluate"

    def __call__(
        self, model: Any, loss: Any, x: Array, y: Array, *, batch_size: int = 256
    ) -> Result:
        """Evaluate."""
        self.check(x, y)
        values = []
        before, model.training = model.training, self.mode_during()
        for batch in self.batches(np.arange(len(x)), batch_size):
            out, value = self.step(model, loss, x[batch], y[batch])
            values.append((value, self.weight(loss, len(batch)), self.hits(out, y[batch])))
        model.training = self.mode_after(before)
        return self.result(values, len(x))

    def step(self, model: Any, loss: Any, x: Array, y: Array) -> tuple[Array, float]:
        """Evaluate one batch; return the model's output and the loss."""
        out = model.forward(x)
        return out, loss.forward(out, y)


class PlainPredict(PlainLoop):
    """The prediction, step by step."""

    name = "predict"

    def __call__(self, model: Any, x: Array, *, batch_size: int = 256) -> Array:
        """Predict."""
        before, model.training = model.training, self.mode_during()
        batches = self.batches(np.arange(len(x)), batch_size)
        outputs = self.outputs([self.forward(model, x[batch]) for batch in batches])
        model.training = self.mode_after(before)
        return outputs

    def forward(self, model: Any, x: Array) -> Array:
        """Return the outputs for one batch."""
        y: Array = model.forward(x)
        return y

    def outputs(self, parts: list[Array]) -> Array:
        """Return the outputs of the batches together."""
        return np.concatenate(parts)
