"""LSTM with one array for the gates of all steps, (4, T, N, H).

Its gates are in the order g, i, f, o, so that those with a sigmoid are neighbours, and those that
the gradient of the cell goes to. With sigmoid(z) = (1 + tanh(z / 2)) / 2, where the half is a
factor of the weights, a step needs one tanh for all gates. The products are one for each gate:
they are small enough for OpenBLAS to do them without copying (see `by_rows`). In `backward`, what
does not depend on the step after is computed for all steps at once.
"""

from typing import Any

import numpy as np

from .. import checks, lstm
from ..interfaces import Array

ORDER, BACK = [2, 0, 1, 3], [1, 2, 0, 3]  # from i, f, g, o to g, i, f, o, and back


class LSTM(lstm.LSTM):
    """LSTM, with all gates in one array: see `reference.lstm` for what it computes."""

    _states: tuple[Array, Array, Array, Array, Array] | None = None

    def forward(self, x: Array, h0: Array | None = None, c0: Array | None = None) -> Any:
        """Process sequences step by step."""
        x = checks.floats("LSTM", x)
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ValueError(f"LSTM: expected (N, T, {self.input_size}), got shape {x.shape}")
        (N, T, _), H, p = x.shape, self.hidden_size, self.params
        x = np.ascontiguousarray(x.swapaxes(0, 1))  # (T, N, D)
        w_ih, w_hh, bias = (
            _gates(rows, half=True)
            for rows in (p["weight_ih_l0"], p["weight_hh_l0"], p["bias_ih_l0"] + p["bias_hh_l0"])
        )
        gates = x @ w_ih.swapaxes(1, 2).copy()[:, None]  # (T, N, D) by (4, 1, D, H)
        gates += bias[:, None, None]
        w_hh = w_hh.swapaxes(1, 2).copy()  # (4, H, H)
        h, c = np.zeros((2, T + 1, N, H), gates.dtype)  # before the first step, and after each
        if h0 is not None and c0 is not None:
            h[0] = checks.state("LSTM", "h0", h0, (N, H))
            c[0] = checks.state("LSTM", "c0", c0, (N, H))
        self._h0 = h0
        tanh_c = np.empty((T, N, H), gates.dtype)
        product = np.empty((4, N, H), gates.dtype)
        for t in range(T):
            z = gates[:, t]
            z += np.matmul(h[t], w_hh, out=product)
            np.tanh(z, out=z)
            z[1:] *= 0.5
            z[1:] += 0.5
            g, i, f, o = z
            np.multiply(f, c[t], out=c[t + 1])
            c[t + 1] += i * g
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o, tanh_c[t], out=h[t + 1])
        self._states = x, gates, h, c, tanh_c
        y = h[1:].swapaxes(0, 1).copy()  # (N, T, H)
        return y if h0 is None else (y, h[-1].copy(), c[-1].copy())

    def backward(self, dout: Array, dh_n: Array | None = None, dc_n: Array | None = None) -> Any:
        """Propagate the gradient back through all steps."""
        x, gates, h, c, tanh_c = checks.saved("LSTM", self._states)
        _, T, N, H = gates.shape
        dout = checks.upstream("LSTM", dout, (N, T, H)).swapaxes(0, 1)
        g, i, f, o = gates
        dz = np.empty(gates.shape, np.result_type(dout, gates))  # at first without dc and dh
        dz[0] = i * (1 - g * g)
        dz[1] = g * i * (1 - i)
        dz[2] = c[:-1] * f * (1 - f)
        dz[3] = tanh_c * o * (1 - o)
        to_c = o * (1 - tanh_c * tanh_c)
        w_hh = _gates(self.params["weight_hh_l0"])  # (4, H, H)
        dh, dc = np.zeros((2, N, H), dz.dtype)
        if dh_n is not None and dc_n is not None:
            dh += checks.state("LSTM", "dh_n", dh_n, (N, H))
            dc += checks.state("LSTM", "dc_n", dc_n, (N, H))
        product = np.empty((4, N, H), dz.dtype)
        for t in reversed(range(T)):
            dh += dout[t]
            dc += dh * to_c[t]
            dz[:3, t] *= dc
            dz[3, t] *= dh
            np.matmul(dz[:, t], w_hh, out=product).sum(axis=0, out=dh)
            dc *= f[t]
        rows = dz[BACK].transpose(1, 2, 0, 3).reshape(T * N, 4 * H)
        dbias = rows.sum(axis=0)
        self.grads = {
            "weight_ih_l0": rows.T @ x.reshape(T * N, -1),
            "weight_hh_l0": rows.T @ h[:-1].reshape(T * N, H),
            "bias_ih_l0": dbias,
            "bias_hh_l0": dbias.copy(),
        }
        dx: Array = (rows @ self.params["weight_ih_l0"]).reshape(T, N, -1).swapaxes(0, 1)
        return dx if self._h0 is None else (dx, dh, dc)


def _gates(rows: Array, half: bool = False) -> Array:
    """Return the rows of each gate, (4, H, ...), half as large for those with a sigmoid."""
    gates = rows.reshape(4, -1, *rows.shape[1:])[ORDER]
    if half:
        gates[1:] *= 0.5
    return gates
