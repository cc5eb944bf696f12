"""The layers of CS231n's functions: `cs231n` says which functions are whose."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._wrapped import Cached


class Weighted(Cached):
    """A layer whose `backward` returns dx and the gradients of a weight and a bias."""

    def backward(self, dout: Array) -> Any:
        dx, dw, db = super().backward(dout)
        self.keep(weight=dw.T if isinstance(self, Dense) else dw, bias=db)
        return dx


class Dense(Weighted, _units.Dense):
    def forward(self, x: Array) -> Any:
        return super().forward(x, self.params["weight"].T, self.bias)


class Conv2D(Weighted, _units.Conv2D):
    one_number = ("stride", "padding")

    def forward(self, x: Array) -> Any:
        conv_param = {"stride": self.stride, "pad": self.padding}
        return super().forward(x, self.params["weight"], self.bias, conv_param)


class MaxPool2D(Cached, _units.Pool):
    one_number = ("stride",)

    def forward(self, x: Array) -> Any:
        height, width = self.kernel_size
        pool_param = {"pool_height": height, "pool_width": width, "stride": self.stride}
        return super().forward(x, pool_param)


class BatchNorm2D(Weighted, _units.BatchNorm2D):
    """Its running statistics start as the code starts them, at 0 and 1 where it asks for them."""

    rest: tuple[int, ...] = (1, 1)

    @property
    def buffers(self) -> dict[str, Any]:
        self.start()
        return {name: self.state[name] for name in self.names}

    def start(self) -> None:
        if self.state:
            return
        x = np.zeros((2, self.size, *self.rest))
        try:  # a momentum of 1 leaves them as they start
            self.run(x, {"mode": "train", "eps": self.eps, "momentum": 1.0})
        except KeyError:
            mean, var = np.zeros(self.size), np.ones(self.size)
            self.state |= {"running_mean": mean, "running_var": var}

    def forward(self, x: Array) -> Any:
        self.start()
        mode = "train" if self.training else "test"
        return self.run(x, {"mode": mode, "eps": self.eps, "momentum": 1 - self.momentum})

    def run(self, x: Array, bn_param: dict[str, Any]) -> Any:
        self.state |= bn_param
        return super().forward(x, self.params["weight"], self.params["bias"], self.state)


class BatchNorm1D(BatchNorm2D):
    rest = ()

    def forward(self, x: Array) -> Any:
        if np.ndim(x) == 3:
            raise _units.unsupported("sequences")
        return super().forward(x)


class LayerNorm(Weighted, _units.LayerNorm):
    def forward(self, x: Array) -> Any:
        gamma, beta = (p.reshape(-1) for p in self.params.values())
        rows = x.reshape(-1, max(1, gamma.size))  # of several axes, or of sequences, too
        return super().forward(rows, gamma, beta, {"eps": self.eps}).reshape(x.shape)

    def backward(self, dout: Array) -> Any:
        shapes = {name: p.shape for name, p in self.params.items()}
        dx = super().backward(dout.reshape(-1, math.prod(shapes["weight"])))
        self.keep(**{name: self.grads[name].reshape(shapes[name]) for name in shapes})
        return dx.reshape(dout.shape)


class Dropout(Cached, _units.Dropout):
    """The course's p was the share that is dropped, and since 2018 is the share that is kept."""

    def forward(self, x: Array) -> Any:
        is_dropped = "drop each" in (inspect.getdoc(self.functions[0]) or "")
        mode = "train" if self.training else "test"
        return super().forward(x, {"p": self.p if is_dropped else 1 - self.p, "mode": mode})


class Recurrent(Cached):
    """A layer of four arrays here, and of three there, which is always given its first state."""

    has_state = False

    def order(self, rows: int) -> Any:
        """Return our rows in the order of theirs."""
        return np.arange(rows)

    def forward(self, x: Array, *states: Array) -> Any:
        if len(states) > 1:
            raise _units.unsupported("a given cell")
        wx, wh, *biases = self.params.values()
        order, b, self.has_state = self.order(len(wh)), biases[0] + biases[1], bool(states)
        h0 = states[0] if states else np.zeros((len(x), wh.shape[1]), x.dtype)
        y = super().forward(x, h0, wx[order].T, wh[order].T, b[order])
        return (y, y[:, -1].copy()) if states else y

    def backward(self, dout: Array, *of_last: Array) -> Any:
        for each in of_last:
            dout = dout.copy()
            dout[:, -1] += each
        dx, dh0, *grads = super().backward(dout)
        back = np.argsort(self.order(len(self.params["weight_hh_l0"])))
        dwx, dwh, db = (grad.T[back] for grad in grads)
        self.keep(weight_ih_l0=dwx, weight_hh_l0=dwh, bias_ih_l0=db, bias_hh_l0=db)
        return (dx, dh0) if self.has_state else dx


class RNN(Recurrent, _units.RNN):
    pass


class GroupNorm(Weighted, _units.GroupNorm):
    """Its gamma and beta are (1, C, 1, 1), and x is an image, of one row where it is none here."""

    def forward(self, x: Array) -> Any:
        gamma, beta = (p.reshape(1, -1, 1, 1) for p in self.params.values())
        image = x if x.ndim == 4 else x.reshape(*x.shape[:2], 1, -1)
        y = super().forward(image, gamma, beta, self.num_groups, {"eps": self.eps})
        return y.reshape(x.shape)

    def backward(self, dout: Array) -> Any:
        image = dout if dout.ndim == 4 else dout.reshape(*dout.shape[:2], 1, -1)
        dx = super().backward(image).reshape(dout.shape)
        self.keep(**{name: grad.reshape(-1) for name, grad in self.grads.items()})
        return dx


class LSTM(Recurrent, _units.LSTM):
    """Its gates are the input, forget and output gate, and then what is let in: i, f, o, g."""

    def order(self, rows: int) -> Any:
        i, f, g, o = np.arange(rows).reshape(4, -1)
        return np.concatenate([i, f, o, g])
