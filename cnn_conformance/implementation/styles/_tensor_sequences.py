"""Recurrent layers and embeddings of tensors: `tensor` says what they are called."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._front import Recorded, prepared, unwrap

CALLED = {
    "weight_ih_l0": ("weight_ih_l0", "weight_ih", "W_ih", "w_ih"),
    "weight_hh_l0": ("weight_hh_l0", "weight_hh", "W_hh", "w_hh"),
    "bias_ih_l0": ("bias_ih_l0", "bias_ih", "b_ih"),
    "bias_hh_l0": ("bias_hh_l0", "bias_hh", "b_hh"),
}
"""By a parameter's name what it may be called in a module, or in the first of a list of cells."""


class Recurrent(Recorded):
    """A module whose weights may be transposed, and whose first axis may be that of the steps."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.cell = _cell(self.run)
        self.names = {
            name: next(each for each in called if hasattr(self.cell, each))
            for name, called in CALLED.items()
        }
        probe = _cell(prepared(self.foreign, inputs=2, hidden=3))
        self.transposed = len(unwrap(getattr(probe, self.names["weight_ih_l0"]))) == 2
        self.steps_first = False
        self.steps_first = self._are_steps_first()

    def given(self) -> dict[str, Any]:
        _, features = self.params["weight_ih_l0"].shape
        _, hidden = self.params["weight_hh_l0"].shape
        return {"inputs": features, "hidden": hidden, "batch_first": True}

    def _are_steps_first(self) -> bool:
        """Tell whether what stands at 1 along the first axis depends on what stands at 0."""
        features = self.params["weight_ih_l0"].shape[1]
        x = np.linspace(-1, 1, 4 * features).reshape(2, 2, features)
        before = self.forward(x)
        x[0] += 1
        return not np.array_equal(before[1], self.forward(x)[1])

    def _laid_out(self, name: str, array: Array) -> Array:
        return array.T if self.transposed and array.ndim == 2 else array

    def placed(self) -> dict[str, Any]:
        placed = {}
        for name, array in self.params.items():
            old = getattr(self.cell, self.names[name])
            placed[name] = self.front.replaced(old, self._laid_out(name, array))
            setattr(self.cell, self.names[name], placed[name])
        return placed

    def record(self, x: Array) -> None:
        super().record(x)
        if isinstance(self.y, (tuple, list)):  # with the last state
            self.y = self.y[0]

    def forward(self, x: Array, *states: Array) -> Any:
        if states:
            raise _units.unsupported("a given state")
        if x.ndim != 3:
            raise ValueError(f"{type(self).__name__}: expected (N, T, D), got shape {x.shape}")
        return self._turned(super().forward(self._turned(x)))

    def backward(self, dout: Array) -> Any:
        return self._turned(super().backward(self._turned(dout)))

    def _turned(self, array: Any) -> Any:
        return array.swapaxes(0, 1) if self.steps_first else array

    def take(self, grads: dict[str, Any]) -> None:
        self.keep(**{name: self._laid_out(name, grads[name]) for name in self.params})


class RNN(Recurrent, _units.Recurrent):
    def __init__(self, input_size: int, hidden_size: int, nonlinearity: str = "tanh") -> None:
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size)

    def given(self) -> dict[str, Any]:
        return {**super().given(), "nonlinearity": self.nonlinearity}


class LSTM(Recurrent, _units.LSTM):
    pass


class Embedding(Recorded, _units.Embedding):
    """Indices are given as they are, and have no gradient."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.name = next(n for n in ("weight", "weights", "W") if hasattr(self.run, n))

    def given(self) -> dict[str, Any]:
        rows, columns = self.params["weight"].shape
        return {"num_embeddings": rows, "embedding_dim": columns}

    def record(self, x: Array) -> None:
        self.x, self.is_fresh = x.astype(np.int64), True
        old = getattr(self.run, self.name)
        weight = self.front.replaced(old, self.params["weight"])
        setattr(self.run, self.name, weight)
        self.inputs = {"x": self.front.wrap(self.x, grad=False), "weight": weight}
        self.y = self.run(self.inputs["x"])

    def take(self, grads: dict[str, Any]) -> None:
        self.keep(weight=grads["weight"])


def _cell(module: Any) -> Any:
    """Return what holds the parameters of a recurrent module: itself, or the first of its cells."""
    lists = (each for each in vars(module).values() if isinstance(each, (list, tuple)) and each)
    known = CALLED["weight_ih_l0"]
    return next(
        (
            each
            for each in (module, *(of[0] for of in lists))
            if any(hasattr(each, n) for n in known)
        ),
        module,
    )
