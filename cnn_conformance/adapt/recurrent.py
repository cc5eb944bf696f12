"""Recurrent layers over other code.

    class LSTM(runtime.LSTM):
        x, y, output = "TND", "TNH", "returned[0]"
        gates = {
            "layer.W": runtime.Gates("GC", "fiog", "hx", "layer.dW"),
            "layer.b": runtime.Gates("G", "fiog", "b", "layer.db"),
        }

        def make(self):
            return rnn.LSTM(n_in=self.input_size, n_hidden=self.hidden_size)

        def run(self, x):
            return self.layer.forward(x, h0=self.at.h, c0=self.at.c)

        def run_back(self, dout):
            return self.layer.backward(dout)

In `run` and `run_back`, `self.at` has the states before, `h` and `c`, which are zeros at first,
`zero`, a state of zeros, and each array of `gates` that is handed over, by its name. Code that
takes one step at a time gets the input of a step in `run`, and in `run_back` the gradient for its
state, with that for the cell in `self.at.dc`; its object is made anew for each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cnn_conformance.adapt.base import Unit
from cnn_conformance.adapt.layout import Layout
from cnn_conformance.adapt.places import find, there, write
from cnn_conformance.arrays import Array
from cnn_conformance.implementation import former_numpy
from cnn_conformance.implementation.styles._units import drawn

WEIGHTS = {"x": "weight_ih_l0", "h": "weight_hh_l0"}
BIASES = {"b": ("bias_ih_l0", "bias_hh_l0"), "bx": ("bias_ih_l0",), "bh": ("bias_hh_l0",)}
ORDERS = {"RNN": "n", "LSTM": "ifgo", "GRU": "rzn"}
"""The gates of a unit in the order of the specification; those of RNN are the one new state."""
Part = tuple[str, slice, Array]


@dataclass(frozen=True)
class Gates:
    """An array of recurrent code: which gates are in it, and what they weigh.

    Parameters
    ----------
    layout : str
        Its axes: G for the gates, one after the other, and C for what they weigh: "GC", "G1".
    gates : str
        The gates in their order in it, in the letters of the specification: "ifgo".
    of : str
        What they weigh: the input "x", the state "h", both in one, "hx" or "xh"; or a bias, "b" for
        the sum of the specification's two, "bx" and "bh" for each of them.
    gradient : str
        Where its gradient is after `run_back`; nothing where there is none.
    """

    layout: str
    gates: str
    of: str
    gradient: str = ""

    def to_theirs(self, params: dict[str, Array], order: str) -> Array:
        """Return the array as the code has it, from the specification's parameters and gates."""
        if self.of in BIASES:
            first, *others = (params[name] for name in BIASES[self.of])
            whole = sum(others, first)[:, None]
        else:
            whole = np.concatenate([params[WEIGHTS[letter]] for letter in self.of], axis=1)
        parts = np.split(whole, len(order))
        chosen = np.concatenate([parts[order.index(gate)] for gate in self.gates])
        return np.ascontiguousarray(Layout(self.layout, "GC").to_theirs(chosen))

    def to_ours(self, array: Any, order: str, sizes: dict[str, int]) -> Iterator[Part]:
        """Yield for each parameter of the specification which rows an array has, and these.

        Parameters
        ----------
        array : ndarray
            The code's array, or its gradient.
        order : str
            The gates in the order of the specification.
        sizes : dict
            The sizes of the input "x" and of the state "h".

        Raises
        ------
        ValueError
            If it has another size.
        """
        is_bias = self.of in BIASES
        columns = [1] if is_bias else [sizes[letter] for letter in self.of]
        names = [BIASES[self.of]] if is_bias else [(WEIGHTS[letter],) for letter in self.of]
        turned = np.asarray(array).T if self.layout[-1] == "G" else np.asarray(array)
        whole = turned.reshape(len(self.gates) * sizes["h"], sum(columns))
        ends = np.cumsum(columns)[:-1]
        for part, known in zip(np.split(whole, ends, axis=1), names, strict=True):
            for gate, block in zip(self.gates, np.split(part, len(self.gates)), strict=True):
                first = order.index(gate) * sizes["h"]
                for name in known:
                    yield name, slice(first, first + sizes["h"]), block[:, 0] if is_bias else block


class Recurrent(Unit):
    """A recurrent layer over other code. It begins with a state of zeros."""

    axes = ("NTD", "NTH")
    order: ClassVar[str] = ""
    gates: ClassVar[dict[str, Gates]] = {}
    """The arrays with the parameters: "layer.W" where they are kept, "W" where `run` or `make`
    hands them over as `self.at.W`."""
    by_step: ClassVar[bool] = False
    """Whether the code takes one step at a time."""
    cell: ClassVar[str] = ""
    """Where the cell is after a step."""
    dh: ClassVar[str] = ""
    """Where the gradient for the state before a step is after its `run_back`."""
    dc: ClassVar[str] = ""
    """Where that for the cell before is."""

    def __init__(self, input_size: int, hidden_size: int, **options: Any) -> None:
        self._steps: list[tuple[Any, dict[str, Any]]] = []
        super().__init__(input_size=input_size, hidden_size=hidden_size, **options)
        vars(self.at).update(h=None, c=None, dc=None, zero=None)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters."""
        size, rows = self.given["hidden_size"], len(self.order) * self.given["hidden_size"]
        return {
            "weight_ih_l0": (rows, self.given["input_size"]),
            "weight_hh_l0": (rows, size),
            "bias_ih_l0": (rows,),
            "bias_hh_l0": (rows,),
        }

    def if_given(self, **theirs: str) -> dict[str, Any]:
        """Return the arguments that the specification's constructor was given, in their names."""
        return {name: self.given[ours] for name, ours in theirs.items() if ours in self.given}

    def _begin(self) -> None:
        self.refuse()
        self.params = {
            name: drawn(*shape) if len(shape) > 1 else np.zeros(max(0, *shape))
            for name, shape in self.shapes().items()
        }
        if not self.made_for_shape and not self.made_for_call:
            self.layer = self.make()
            kept = {at: g for at, g in self.gates.items() if at.startswith("layer")}
            self._take(self.params, {at: (g, there(self.layer, at)) for at, g in kept.items()})

    def _take(self, ours: dict[str, Array], found: dict[str, tuple[Gates, Any]]) -> None:
        """Put the code's arrays into those of the specification; one of another size stands alone.

        Of the sum of two biases, the first is all.
        """
        sizes = {"x": self.given["input_size"], "h": self.given["hidden_size"]}
        for gates, array in found.values():
            for name, rows, block in gates.to_ours(array, self.order, sizes):
                is_second = gates.of == "b" and name == "bias_hh_l0"
                ours[name][rows] = 0 if is_second else block

    def forward(self, x: Array, *states: Array) -> Any:
        """Return the states after every step."""
        if states:
            raise NotImplementedError("unsupported: a given state")
        return super().forward(x)

    def _prepare(self, theirs: Array) -> None:
        sizes = dict(zip(self.x, np.shape(theirs), strict=False))
        self.at.samples, self.at.steps = sizes.get("N", 1), sizes.get("T", 1)
        sizes |= {"H": self.given["hidden_size"], "1": 1}
        letters = self.x.replace("T", "").replace("D", "H")
        self.at.zero = np.zeros(
            [sizes.get(letter, 1) for letter in letters], np.result_type(theirs)
        )
        self.at.h, self.at.c, self.at.dc = (self.at.zero.copy() for _ in range(3))
        super()._prepare(theirs)

    def _put(self) -> None:
        for at, gates in self.gates.items():
            theirs = gates.to_theirs(self.params, self.order).view(former_numpy.Scalars)
            if at.startswith("layer"):
                there(self.layer, at)
                write(self.layer, at, theirs)
            else:
                setattr(self.at, at, theirs)

    def _forward_one(self, x: Array, layout: Layout) -> Any:
        if not self.by_step or np.ndim(x) != len(layout.ours):
            return super()._forward_one(x, layout)
        self._steps, outputs = [], []
        one = Layout(self.x, layout.ours.replace("T", ""))
        after = Layout(self.y, one.ours.replace("D", "H"))
        held: dict[str, Any] = {}
        for number in range(x.shape[-2]):
            returned = self.take_step(one.to_theirs(x[..., number, :]), held)
            self.at.y = find(self.layer, returned, self.output)
            held = {"h": self.at.y}
            held |= {"c": find(self.layer, returned, self.cell)} if self.cell else {}
            self._steps.append((self.layer, dict(vars(self.at))))
            outputs.append(after.to_ours(self.at.y, {}))
        return np.stack(outputs, axis=-2)

    def take_step(self, theirs: Array, states: dict[str, Any]) -> Any:
        """Return what the code returns for one step, with an object of its own."""
        self.layer = None if self.made_for_call else self.make()
        self._prepare(theirs)
        vars(self.at).update(states)
        self._put_now()
        self.at.returned = self.run(theirs)
        return self.at.returned

    def _backward_one(self, dout: Array, layout: Layout) -> tuple[Any, dict[str, Array]]:
        if not self.by_step or np.ndim(dout) != len(layout.ours):
            return super()._backward_one(dout, layout)
        after = Layout(self.y, layout.ours.replace("T", ""))
        if not self._steps:  # which is the code's to refuse
            return super()._backward_one(dout[..., 0, :], after)
        before = Layout(self.x, after.ours.replace("H", "D"))
        found: list[Any] = []
        sums: dict[str, Array] = {}
        dh, dc = self.at.zero, self.at.zero
        for number, (layer, at) in reversed([*enumerate(self._steps)]):
            self.layer = layer
            vars(self.at).update(at, dc=dc)
            returned = self.run_back(after.to_theirs(dout[..., number, :]) + dh)
            found.append(before.to_ours(find(self.layer, returned, self.dx), {}))
            dh = find(self.layer, returned, self.dh)
            dc = find(self.layer, returned, self.dc) if self.dc else dc
            for name, gradient in self._gradients(returned, {}).items():
                sums[name] = sums[name] + gradient if name in sums else gradient
        return np.stack(found[::-1], axis=-2), sums

    def _gradients(self, returned: Any, before: dict[str, Array]) -> dict[str, Array]:
        found: dict[str, Array] = {}
        sizes = {"x": self.given["input_size"], "h": self.given["hidden_size"]}
        for gates in self.gates.values():
            if not gates.gradient:
                continue
            array = np.asarray(find(self.layer, returned, gates.gradient))
            try:
                parts = [*gates.to_ours(array, self.order, sizes)]
            except ValueError:  # of another size, which is to be seen
                names = BIASES.get(gates.of) or tuple(WEIGHTS[letter] for letter in gates.of)
                found |= dict.fromkeys(names, array)
                continue
            for name, rows, block in parts:
                whole = found.setdefault(name, np.zeros(self.shapes()[name], array.dtype))
                whole[rows] = block
        return {name: found[name] for name in self.params if name in found}


class RNN(Recurrent):
    """A recurrent layer of one gate over other code."""

    order = ORDERS["RNN"]

    def __init__(self, input_size: int, hidden_size: int, nonlinearity: str = "tanh") -> None:
        if nonlinearity != "tanh" and "nonlinearity" not in self.takes:
            raise NotImplementedError(f'unsupported: "{nonlinearity}"')
        super().__init__(input_size, hidden_size, nonlinearity=nonlinearity)

    def refuse(self) -> None:
        """Refuse nothing else."""


class LSTM(Recurrent):
    """An LSTM over other code."""

    order = ORDERS["LSTM"]


class GRU(Recurrent):
    """A GRU over other code."""

    order = ORDERS["GRU"]
