"""LSTM: a recurrent layer whose cell is kept, changed and shown through gates.

All products with the input are one matrix product over all steps; only what depends on the previous
step is done step by step. `backward` goes through the steps in reverse, then does the same.
"""

from typing import Any

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class LSTM(Layer):
    """A layer with long short-term memory over sequences, batch first.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, the sizes of a step's input and output.
    rng : numpy.random.Generator, int or None
        Source of the initial parameters, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight_ih_l0` of shape (4 * H, D), `weight_hh_l0` of shape (4 * H, H), `bias_ih_l0` and
        `bias_hh_l0` of shape (4 * H,): initially uniform between -1 / sqrt(H) and 1 / sqrt(H).
        Their rows belong to the input gate, the forget gate, the candidate and the output gate.

    Notes
    -----
    With h[0] = c[0] = 0 unless given, for each step t = 1, ..., T, where s is the sigmoid::

        i, f, g, o = four parts of W_ih x[t] + b_ih + W_hh h[t - 1] + b_hh
        c[t] = s(f) * c[t - 1] + s(i) * tanh(g)
        h[t] = s(o) * tanh(c[t])

    and y contains all h. The gradient of h[t] comes from y[t] and from the gates of step t + 1,
    that of c[t] from h[t] and from c[t + 1] (full backpropagation through time).

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Hochreiter, Schmidhuber: Long short-term memory, 1997, https://doi.org/10.1162/neco.1997.9.8.1735
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, rng: np.random.Generator | int | None = None
    ) -> None:
        super().__init__()
        self.input_size = checks.integer("LSTM", "input_size", input_size, 1)
        self.hidden_size = checks.integer("LSTM", "hidden_size", hidden_size, 1)
        H, bound = hidden_size, hidden_size**-0.5
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih_l0": (4 * H, input_size),
            "weight_hh_l0": (4 * H, H),
        }
        shapes |= {"bias_ih_l0": (4 * H,), "bias_hh_l0": (4 * H,)}
        random = np.random.default_rng(rng)
        self.params = {name: random.uniform(-bound, bound, s) for name, s in shapes.items()}
        self._sequence: tuple[Array, Array, list[tuple[Array, ...]]] | None = None
        self._h0: Array | None = None

    def forward(self, x: Array, h0: Array | None = None, c0: Array | None = None) -> Any:
        """Process sequences step by step.

        Parameters
        ----------
        x : ndarray of shape (N, T, D)
        h0, c0 : ndarray of shape (N, H); optional, both or none
            The state and the cell before the first step: 0 unless given.

        Returns
        -------
        y : ndarray of shape (N, T, H)
        h_n, c_n : ndarray of shape (N, H)
            The state and the cell after the last step, if the first ones are given.

        Raises
        ------
        ValueError
            If `x` does not have 3 dimensions or D features, or a state is not of shape (N, H).
        """
        x = checks.floats("LSTM", x)
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ValueError(f"LSTM: expected (N, T, {self.input_size}), got shape {x.shape}")
        p = self.params
        z: Array = x @ p["weight_ih_l0"].T + (p["bias_ih_l0"] + p["bias_hh_l0"])  # (N, T, 4 * H)
        y = np.empty((*x.shape[:2], self.hidden_size), z.dtype)
        h = np.zeros((len(x), self.hidden_size), y.dtype)
        c = np.zeros_like(h)
        if h0 is not None and c0 is not None:
            h = checks.state("LSTM", "h0", h0, h.shape)
            c = checks.state("LSTM", "c0", c0, c.shape)
        self._h0 = h0
        steps: list[tuple[Array, ...]] = []
        for t in range(x.shape[1]):
            i, f, g, o = np.split(z[:, t] + h @ p["weight_hh_l0"].T, 4, axis=1)  # (N, H) each
            i, f, o = _sigmoid(i), _sigmoid(f), _sigmoid(o)
            g = np.tanh(g)
            before, c = c, f * c + i * g
            h = y[:, t] = o * np.tanh(c)
            steps.append((i, f, g, o, before, c))
        self._sequence = x, y.copy(), steps
        return y if h0 is None else (y, h, c.copy())

    def backward(self, dout: Array, dh_n: Array | None = None, dc_n: Array | None = None) -> Any:
        """Propagate the gradient back through all steps.

        Parameters
        ----------
        dout : ndarray of shape (N, T, H)
        dh_n, dc_n : ndarray of shape (N, H), optional
            The gradients of the last state and cell, if the first ones were given.

        Returns
        -------
        dx : ndarray of shape (N, T, D)
            `grads` has the gradients of all four parameters.
        dh0, dc0 : ndarray of shape (N, H)
            The gradients of the first state and cell, if these were given.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        x, y, steps = checks.saved("LSTM", self._sequence)
        dout = checks.upstream("LSTM", dout, y.shape)
        w_hh = self.params["weight_hh_l0"]
        dz = np.empty((*y.shape[:2], len(w_hh)), np.result_type(dout, y))
        dh = np.zeros((len(y), self.hidden_size), dz.dtype)
        dc = np.zeros_like(dh)
        if dh_n is not None and dc_n is not None:
            dh = checks.state("LSTM", "dh_n", dh_n, dh.shape)
            dc = checks.state("LSTM", "dc_n", dc_n, dc.shape)
        for t in reversed(range(y.shape[1])):
            i, f, g, o, c_before, c = steps[t]
            dh = dh + dout[:, t]
            dc = dc + dh * o * (1 - np.tanh(c) ** 2)
            di = dc * g * i * (1 - i)
            df = dc * c_before * f * (1 - f)
            dg = dc * i * (1 - g * g)
            do = dh * np.tanh(c) * o * (1 - o)
            dz[:, t] = np.concatenate([di, df, dg, do], axis=1)
            dh = dz[:, t] @ w_hh
            dc = dc * f
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
        return dx if self._h0 is None else (dx, dh, dc)


def _sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)), by a formula that overflows for no z."""
    y: Array = 0.5 * (1 + np.tanh(0.5 * z))
    return y
