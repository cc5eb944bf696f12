"""Wrong ways of doing RNN."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake


class PlainRNN(reference.RNN):
    """A recurrent layer, step by step."""

    x: Any = None
    y: Any = None

    def forward(self, x: Array) -> Array:
        super().forward(x)
        self.x = x
        self.y = self.states(x).astype(np.result_type(x, self.params["weight_hh_l0"]))
        y: Array = self.y.copy()
        return y

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        dz = self.through_time(dout)
        before = self.before()
        self.grads = {
            "weight_ih_l0": np.einsum("nth,ntd->hd", dz, self.x),
            "weight_hh_l0": np.einsum("nth,ntk->hk", dz, before),
            "bias_ih_l0": dz.sum(axis=(0, 1)),
            "bias_hh_l0": dz.sum(axis=(0, 1)),
        }
        dx: Array = dz @ self.params["weight_ih_l0"]
        return dx

    def states(self, x: Array) -> Array:
        """Return y."""
        h, states = self.first(x), []
        for t in self.order(x.shape[1]):
            h = self.activation(self.inner(x[:, t], h))
            states.append(h)
        return np.stack(states, axis=1)

    def order(self, steps: int) -> list[int]:
        """Return the steps in the order in which they are taken."""
        return list(range(steps))

    def first(self, x: Array) -> Array:
        """Return the state before the first step."""
        return np.zeros((len(x), self.hidden_size), x.dtype)

    def inner(self, x: Array, h: Array) -> Array:
        """Return what the nonlinearity is applied to."""
        p = self.params
        inner: Array = (
            x @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
        )
        return inner

    def activation(self, z: Array) -> Array:
        """Return the nonlinearity of z."""
        return np.tanh(z) if self.nonlinearity == "tanh" else np.maximum(z, 0)

    def slope(self, h: Array) -> Array:
        """Return the derivative of the nonlinearity, from its output."""
        slope: Array = 1 - h * h if self.nonlinearity == "tanh" else (h > 0).astype(h.dtype)
        return slope

    def before(self) -> Array:
        """Return the state before each step."""
        before = np.zeros_like(self.y)
        before[:, 1:] = self.y[:, :-1]
        return before

    def through_time(self, dout: Array) -> Array:
        """Return the gradient of what the nonlinearity is applied to."""
        dz, carried = np.zeros_like(dout), np.zeros_like(dout[:, 0])
        for t in reversed(range(dout.shape[1])):
            dz[:, t] = self.enter(dout[:, t], carried, t) * self.slope(self.y[:, t])
            carried = self.carry(dz[:, t])
        return dz

    def enter(self, dout: Array, carried: Array, t: int) -> Array:
        """Return the gradient of the state in a step."""
        return dout + carried

    def carry(self, dz: Array) -> Array:
        """Return what reaches the step before."""
        carried: Array = dz @ self.params["weight_hh_l0"]
        return carried


@mistake("RNN", loses="1 3 20-23 25")
class StateForgotten(PlainRNN):
    """Every step begins with a state of 0: nothing is carried on.

    The specification asks for the state of the step before (RNN-1). Look at what the loop does with
    its result.
    """

    def inner(self, x: Array, h: Array) -> Array:
        return super().inner(x, np.zeros_like(h))


@mistake("RNN", loses="1-3 22 25")
class StateBeginsWithOnes(PlainRNN):
    """The state before the first step is 1.

    The specification asks for 0 (RNN-1). Look at the state that the loop begins with.
    """

    def first(self, x: Array) -> Array:
        return np.ones((len(x), self.hidden_size), x.dtype)


@mistake("RNN", loses="1 3 4 20-23 25")
class BackwardsInTime(PlainRNN):
    """The steps are taken from the last to the first.

    The specification asks that no step depends on later ones (RNN-4). Look at the order of the
    loop.
    """

    def states(self, x: Array) -> Array:
        return super().states(x[:, ::-1])[:, ::-1]


@mistake("RNN", loses="1-3 23-25")
class OneBiasOnly(PlainRNN):
    """Only one of the two biases is added.

    The specification asks for both (RNN-1), as PyTorch has them. Look at the sum in forward.
    """

    def inner(self, x: Array, h: Array) -> Array:
        return super().inner(x, h) - self.params["bias_hh_l0"]


@mistake("RNN", loses="1 3 20-23 25")
class StateWeightTransposed(PlainRNN):
    """The weight for the state is transposed.

    The specification asks that rows of it belong to the new state (RNN-1). Look at which side of
    the product it stands on.
    """

    def inner(self, x: Array, h: Array) -> Array:
        p = self.params
        inner: Array = (
            x @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"] + p["bias_hh_l0"]
        )
        return inner


@mistake("RNN", loses="1 2 20-24")
class SigmoidInEachStep(PlainRNN):
    """The nonlinearity is a sigmoid.

    The specification asks for tanh unless "relu" is asked for (RNN-1). Look at the function in the
    loop.
    """

    def activation(self, z: Array) -> Array:
        return 1 / (1 + np.exp(-z)) if self.nonlinearity == "tanh" else super().activation(z)


@mistake("RNN", loses="3 25")
class ReluIgnored(PlainRNN):
    """The nonlinearity is tanh, whatever is asked for.

    The specification asks for that which was given (RNN-3). Look at where the argument is used.
    """

    def activation(self, z: Array) -> Array:
        return np.tanh(z)


@mistake("RNN", loses="1-5 20-25")
class SamplesInOneRow(PlainRNN):
    """The state of one sample is carried on to the next.

    The specification asks that a batch gives what its samples give one by one (RNN-5). Look at
    where the state is set to 0.
    """

    def states(self, x: Array) -> Array:
        states, h = [], self.first(x[:1])
        for sample in x:
            for step in sample:
                h = self.activation(self.inner(step[None], h))
                states.append(h[0])
        return np.stack(states).reshape(*x.shape[:2], -1)


@mistake("RNN", loses="41 45")
class StateKeptBetweenCalls(PlainRNN):
    """forward begins with the state that the last call has left.

    The specification asks for 0 at first, whatever came before (RNN-45). Look at where the state is
    set to 0.
    """

    left: Any = None

    def first(self, x: Array) -> Array:
        if self.left is not None and len(self.left) == len(x):
            return self.left.astype(x.dtype)
        return super().first(x)

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.left = y[:, -1]
        return y


@mistake("RNN", loses="40")
class AllUnitsAlike(PlainRNN):
    """All weights begin with the same value.

    Units that begin alike learn alike; the specification asks that no two are (RNN-40). Look at the
    constructor.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("weight_ih_l0", "weight_hh_l0"):
            self.params[name] = np.full_like(self.params[name], 0.1)


@mistake("RNN", loses="41")
class WeightsCopiedAtFirst(PlainRNN):
    """forward uses a copy of the parameters that the first forward has made.

    The specification asks that it uses what is in params (RNN-41), which the optimizer changes.
    Look at where forward takes the weights from.
    """

    copied: Any = None

    def forward(self, x: Array) -> Array:
        if self.copied is None:
            self.copied = {name: array.copy() for name, array in self.params.items()}
        now, self.params = self.params, self.copied
        y = super().forward(x)
        self.params = now
        return y


@mistake("RNN", loses="70 74")
class SizesNotChecked(PlainRNN):
    """A layer without units is made as if it were one.

    The specification asks for a ValueError (RNN-70). Look at the constructor.
    """

    def __init__(self, input_size: int, hidden_size: int, nonlinearity: str = "tanh") -> None:
        super().__init__(max(input_size, 1), max(hidden_size, 1), nonlinearity)
