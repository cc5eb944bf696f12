"""What `Model.fit` uses: samples in the model's dtype, steps that tick, a line for an epoch."""

from collections.abc import Callable
from typing import Any

from numpy.typing import DTypeLike

from .interfaces import Array, Optimizer


class Samples:
    """Some rows of an array, or of an object like one, read and converted when indexed."""

    def __init__(self, x: Any, rows: Array, dtype: DTypeLike) -> None:
        self._x, self._rows, self._dtype = x, rows, dtype
        self.shape = (len(rows), *x.shape[1:])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Array:
        batch: Array = self._x[self._rows[index]].astype(self._dtype, copy=False)
        return batch


class Ticking:
    """An optimizer that reports each step, so that a progress bar can follow `fit`."""

    def __init__(self, optimizer: Optimizer, tick: Callable[[], object]) -> None:
        self._optimizer, self._tick = optimizer, tick

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Take the step, and report it."""
        self._optimizer.step(params, grads)
        self._tick()


def line(epoch: int, epochs: int, logs: dict[str, float], seconds: float) -> str:
    """Return the line to print for an epoch."""
    shown = [
        f"{name.replace('_', ' ')} {value:7.2%}"
        if name.endswith("accuracy")
        else f"{name.replace('_', ' ')} {value:.4f}"
        for name, value in logs.items()
    ]
    return f"epoch {epoch:2}/{epochs}  {'  '.join(shown)}  {seconds:.1f} s"
