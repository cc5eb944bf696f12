"""LSTM: yours to write."""

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
        raise NotImplementedError("TODO LSTM.forward: process sequences step by step")

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
        raise NotImplementedError(
            "TODO LSTM.backward: propagate the gradient back through all steps"
        )
