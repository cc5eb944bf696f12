"""GRU: a recurrent layer that keeps its state or replaces it, unit by unit.

All products with the input are one matrix product over all steps; only what depends on the previous
step is done step by step. `backward` goes through the steps in reverse, then does the same.
"""

from typing import Any

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer


class GRU(Layer):
    """A layer of gated recurrent units over sequences, batch first.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, the sizes of a step's input and output.
    rng : numpy.random.Generator, int or None
        Source of the initial parameters, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight_ih_l0` of shape (3 * H, D), `weight_hh_l0` of shape (3 * H, H), `bias_ih_l0` and
        `bias_hh_l0` of shape (3 * H,): initially uniform between -1 / sqrt(H) and 1 / sqrt(H).
        Their rows belong to the reset gate, the update gate and the candidate.

    Notes
    -----
    With h[0] = 0 unless given, for each step t = 1, ..., T, where s is the sigmoid::

        r, z, n = three parts of W_ih x[t] + b_ih
        r', z', n' = three parts of W_hh h[t - 1] + b_hh
        n = tanh(n + s(r + r') * n')
        h[t] = (1 - s(z + z')) * n + s(z + z') * h[t - 1]

    and y contains all h. The gradient of h[t] comes from y[t] and from step t + 1 (full
    backpropagation through time).

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Cho et al.: Learning phrase representations using RNN encoder-decoder, 2014,
    https://arxiv.org/abs/1406.1078
    https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, rng: np.random.Generator | int | None = None
    ) -> None:
        super().__init__()
        self.input_size = checks.integer("GRU", "input_size", input_size, 1)
        self.hidden_size = checks.integer("GRU", "hidden_size", hidden_size, 1)
        H, bound = hidden_size, hidden_size**-0.5
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih_l0": (3 * H, input_size),
            "weight_hh_l0": (3 * H, H),
        }
        shapes |= {"bias_ih_l0": (3 * H,), "bias_hh_l0": (3 * H,)}
        random = np.random.default_rng(rng)
        self.params = {name: random.uniform(-bound, bound, s) for name, s in shapes.items()}
        self._sequence: tuple[Array, Array, list[tuple[Array, ...]]] | None = None
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
        x = checks.floats("GRU", x)
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ValueError(f"GRU: expected (N, T, {self.input_size}), got shape {x.shape}")
        p = self.params
        of_x: Array = x @ p["weight_ih_l0"].T + p["bias_ih_l0"]  # (N, T, 3 * H)
        y = np.empty((*x.shape[:2], self.hidden_size), of_x.dtype)
        h = np.zeros((len(x), self.hidden_size), y.dtype)
        if h0 is not None:
            h = checks.state("GRU", "h0", h0, h.shape)
        self._h0 = h0
        steps: list[tuple[Array, ...]] = []
        for t in range(x.shape[1]):
            of_h = h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
            x_r, x_z, x_n = np.split(of_x[:, t], 3, axis=1)  # (N, H) each
            h_r, h_z, h_n = np.split(of_h, 3, axis=1)
            r, z = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
            n = np.tanh(x_n + r * h_n)
            steps.append((r, z, n, h, h_n))
            h = y[:, t] = (1 - z) * n + z * h
        self._sequence = x, y.copy(), steps
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
        x, y, steps = checks.saved("GRU", self._sequence)
        dout = checks.upstream("GRU", dout, y.shape)
        w_hh = self.params["weight_hh_l0"]
        d_of_x = np.empty((*y.shape[:2], len(w_hh)), np.result_type(dout, y))
        d_of_h = np.empty_like(d_of_x)
        dh = np.zeros((len(y), self.hidden_size), d_of_x.dtype)
        if dh_n is not None:
            dh = checks.state("GRU", "dh_n", dh_n, dh.shape)
        for t in reversed(range(y.shape[1])):
            r, z, n, h, h_n = steps[t]
            dh = dh + dout[:, t]
            dn = dh * (1 - z) * (1 - n * n)
            dz = dh * (h - n) * z * (1 - z)
            dr = dn * h_n * r * (1 - r)
            d_of_x[:, t] = np.concatenate([dr, dz, dn], axis=1)
            d_of_h[:, t] = np.concatenate([dr, dz, dn * r], axis=1)
            dh = dh * z + d_of_h[:, t] @ w_hh
        before = np.zeros_like(y)  # h[t - 1] for each step
        before[:, 1:] = y[:, :-1]
        if self._h0 is not None:
            before[:, 0] = self._h0
        self.grads = {
            "weight_ih_l0": np.tensordot(d_of_x, x, ((0, 1), (0, 1))),
            "weight_hh_l0": np.tensordot(d_of_h, before, ((0, 1), (0, 1))),
            "bias_ih_l0": d_of_x.sum(axis=(0, 1)),
            "bias_hh_l0": d_of_h.sum(axis=(0, 1)),
        }
        dx: Array = d_of_x @ self.params["weight_ih_l0"]
        return dx if self._h0 is None else (dx, dh)


def _sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)), by a formula that overflows for no z."""
    y: Array = 0.5 * (1 + np.tanh(0.5 * z))
    return y
