"""GRU: yours to write."""

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
        raise NotImplementedError("TODO GRU.forward: process sequences step by step")

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
        raise NotImplementedError(
            "TODO GRU.backward: propagate the gradient back through all steps"
        )
