"""RNN: a layer that passes its output on to its own next step.

All products with the input are one matrix product over all steps; only what depends on the previous
step is done step by step. `backward` goes through the steps in reverse, then does the same.
"""

from typing import Any

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class RNN(Layer):
    """A simple recurrent layer (Elman) over sequences, batch first.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, the sizes of a step's input and output.
    nonlinearity : {"tanh", "relu"}
        The activation function in every step.
    rng : numpy.random.Generator, int or None
        Source of the initial parameters, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight_ih_l0` of shape (H, D), `weight_hh_l0` of shape (H, H), `bias_ih_l0` and
        `bias_hh_l0` of shape (H,): initially uniform between -1 / sqrt(H) and 1 / sqrt(H).

    Notes
    -----
    With h[0] = 0 unless given, for each step t = 1, ..., T::

        h[t] = f(W_ih x[t] + b_ih + W_hh h[t - 1] + b_hh)

    and y contains all of them. The gradient of h[t] comes from y[t] and from h[t + 1], through all
    steps (full backpropagation through time).

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Werbos: Backpropagation through time, 1990, https://doi.org/10.1109/5.58337
    https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        nonlinearity: str = "tanh",
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.input_size = checks.integer("RNN", "input_size", input_size, 1)
        self.hidden_size = checks.integer("RNN", "hidden_size", hidden_size, 1)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        self.nonlinearity = nonlinearity
        H, bound = hidden_size, hidden_size**-0.5
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih_l0": (H, input_size),
            "weight_hh_l0": (H, H),
        }
        shapes |= {"bias_ih_l0": (H,), "bias_hh_l0": (H,)}
        random = np.random.default_rng(rng)
        self.params = {name: random.uniform(-bound, bound, s) for name, s in shapes.items()}
        self._sequence: tuple[Array, Array] | None = None
        self._h0: Array | None = None

    def forward(self, x: Array, h0: Array | None = None) -> Any:
        """Process sequences step by step.

        Parameters
        ----------
        x : ndarray of shape (N, T, D)
        h0 : ndarray of shape (N, H), optional
            The state before the first step: 0 unless given.

        Returns
        -------
        y : ndarray of shape (N, T, H)
        h_n : ndarray of shape (N, H)
            The state after the last step, if the first one is given.

        Raises
        ------
        ValueError
            If `x` does not have 3 dimensions or D features, or a state is not of shape (N, H).
        """
        x = checks.floats("RNN", x)
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ValueError(f"RNN: expected (N, T, {self.input_size}), got shape {x.shape}")
        p = self.params
        y: Array = x @ p["weight_ih_l0"].T + (p["bias_ih_l0"] + p["bias_hh_l0"])
        h = np.zeros((len(x), self.hidden_size), y.dtype)
        if h0 is not None:
            h = checks.state("RNN", "h0", h0, h.shape)
        self._h0 = h0
        for t in range(x.shape[1]):
            z = y[:, t] + h @ p["weight_hh_l0"].T
            h = y[:, t] = np.tanh(z) if self.nonlinearity == "tanh" else np.maximum(z, 0)
        self._sequence = x, y.copy()
        return y if h0 is None else (y, h)

    def backward(self, dout: Array, dh_n: Array | None = None) -> Any:
        """Propagate the gradient back through all steps.

        Parameters
        ----------
        dout : ndarray of shape (N, T, H)
        dh_n : ndarray of shape (N, H), optional
            The gradient of the last state, if the first one was given.

        Returns
        -------
        dx : ndarray of shape (N, T, D)
            `grads` has the gradients of all four parameters.
        dh0 : ndarray of shape (N, H)
            The gradient of the first state, if that was given.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        x, y = checks.saved("RNN", self._sequence)
        dout = checks.upstream("RNN", dout, y.shape)
        w_hh = self.params["weight_hh_l0"]
        slope = 1 - y * y if self.nonlinearity == "tanh" else (y > 0).astype(y.dtype)
        dz = np.empty(y.shape, np.result_type(dout, y))
        dh = np.zeros((len(y), self.hidden_size), dz.dtype)
        if dh_n is not None:
            dh = checks.state("RNN", "dh_n", dh_n, dh.shape)
        for t in reversed(range(y.shape[1])):
            dz[:, t] = (dout[:, t] + dh) * slope[:, t]
            dh = dz[:, t] @ w_hh
        before = np.zeros_like(y)  # h[t - 1] for each step
        before[:, 1:] = y[:, :-1]
        if self._h0 is not None:
            before[:, 0] = self._h0
        dbias = dz.sum(axis=(0, 1))
        self.grads = {
            "weight_ih_l0": np.tensordot(dz, x, ((0, 1), (0, 1))),
            "weight_hh_l0": np.tensordot(dz, before, ((0, 1), (0, 1))),
            "bias_ih_l0": dbias,
            "bias_hh_l0": dbias.copy(),
        }
        dx: Array = dz @ self.params["weight_ih_l0"]
        return dx if self._h0 is None else (dx, dh)
