"""The layers of "Deep Learning from Scratch": the style says which classes are whose."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._wrapped import Wrapped


class Weighted(Wrapped):
    """A layer that is made with its parameters, and made anew only for those of another dtype."""

    settings: tuple[Any, ...] = ()

    def made(self) -> Any:
        self.dtype = next(iter(self.params.values())).dtype
        return self.foreign(*self.arrays(), *self.settings)

    def put(self) -> None:
        if next(iter(self.params.values())).dtype != self.dtype:
            self.layer = self.made()
        elif isinstance(getattr(self.layer, "params", None), list):
            self.layer.params = self.arrays()
        else:
            super().put()

    def gradients(self) -> list[Any]:
        grads = getattr(self.layer, "grads", None)
        return grads if isinstance(grads, list) else super().gradients()


class Dense(Weighted, _units.Dense):
    transposed = True


class Conv2D(Weighted, _units.Conv2D):
    one_number = ("stride", "padding")

    def made(self) -> Any:
        self.settings = self.stride, self.padding
        return super().made()


class MaxPool2D(Wrapped, _units.Pool):
    one_number, pads = ("stride", "padding"), True

    def made(self) -> Any:
        return self.foreign(*self.kernel_size, self.stride, self.padding)


class Dropout(Wrapped, _units.Dropout):
    def made(self) -> Any:
        return self.foreign(self.p)

    def forward(self, x: Array) -> Any:
        return self.layer.forward(x, self.training)


class Recurrent(Weighted):
    """A layer of four arrays here, and of three there, whose gates may be in another order."""

    weights = ("Wx", "Wh", "b")
    order: tuple[int, ...] = (0,)

    def forward(self, x: Array, *states: Array) -> Any:
        if states:
            raise _units.unsupported("a given state")
        return super().forward(x)

    def arrays(self) -> list[Array]:
        wx, wh, *biases = self.params.values()
        rows = self._rows(len(wx))
        return [wx[rows].T, wh[rows].T, (biases[0] + biases[1])[rows]]

    def take(self, *grads: Any) -> None:
        back = np.argsort(self._rows(len(self.params["weight_ih_l0"])))
        dwx, dwh, db = (grad.T[back] for grad in grads)
        self.keep(weight_ih_l0=dwx, weight_hh_l0=dwh, bias_ih_l0=db, bias_hh_l0=db)

    def _rows(self, count: int) -> Array:
        rows: Array = np.arange(count).reshape(len(self.order), -1)[list(self.order)].reshape(-1)
        return rows


class RNN(Recurrent, _units.RNN):
    pass


class LSTM(Recurrent, _units.LSTM):
    order = (1, 2, 0, 3)  # f, g, i, o of our i, f, g, o


class Embedding(Weighted, _units.Embedding):
    """Its gradient is for indices; there is none for what they are looked up with."""

    weights = ("W",)

    def arrays(self) -> list[Array]:
        return [self.params["weight"]]

    def take(self, *grads: Any) -> None:
        self.keep(weight=grads[0])
