"""StatefulRNN: a recurrent layer that goes on where the batch before has ended."""

import numpy as np

from . import checks
from .interfaces import Array
from .rnn import RNN


class StatefulRNN(RNN):
    """An RNN whose first state is the last one of the batch before, for long sequences in pieces.

    The arguments are those of `RNN`. Sample n of a batch goes on with sample n of the one before:
    train without shuffling, on batches of one size. Gradients end where a batch begins (truncated
    backpropagation through time).

    Attributes
    ----------
    state : ndarray of shape (N, H) or None
        The state after the latest batch. With None, the next one starts with zeros; a batch of
        another size is refused until then.

    Notes
    -----
    The first state h[0] adds W_hh h[0] to the first step, which is that of an input with the
    features [x[1], h[0]] and the weight [W_ih, W_hh]. So the layer is an RNN of D + H features,
    where the features from D on are 0 in all other steps.

    References
    ----------
    Williams, Peng: An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories, 1990, https://doi.org/10.1162/neco.1990.2.4.490
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        nonlinearity: str = "tanh",
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, nonlinearity, rng=rng)
        self._wide = RNN(input_size + hidden_size, hidden_size, nonlinearity, rng=0)
        self.state: Array | None = None

    def reset_state(self) -> None:
        """Start with zeros again, as for a new sequence."""
        self.state = None

    def forward(self, x: Array) -> Array:
        """Process sequences step by step, from the latest state on.

        Parameters
        ----------
        x : ndarray of shape (N, T, D)

        Returns
        -------
        y : ndarray of shape (N, T, H)

        Raises
        ------
        ValueError
            If `x` does not have 3 dimensions or D features, or has another N than the batch before.
        """
        x = checks.floats("StatefulRNN", x)
        D, H = self.input_size, self.hidden_size
        if x.ndim != 3 or x.shape[2] != D:
            raise ValueError(f"StatefulRNN: expected (N, T, {D}), got shape {x.shape}")
        if self.state is not None and len(self.state) != len(x):
            raise ValueError(
                f"StatefulRNN: expected {len(self.state)} samples as in the batch before, got "
                f"{len(x)}; call reset_state() first"
            )
        wide = np.zeros((*x.shape[:2], D + H), x.dtype)  # (N, T, D + H)
        wide[:, :, :D] = x
        if self.state is not None:
            wide[:, :1, D:] = self.state[:, None]
        p = self.params
        both = np.concatenate([p["weight_ih_l0"], p["weight_hh_l0"]], axis=1)  # (H, D + H)
        self._wide.params = {**p, "weight_ih_l0": both}
        y = self._wide.forward(wide)
        if x.shape[1]:
            self.state = y[:, -1].copy()
        return y

    def backward(self, dout: Array) -> Array:
        """Propagate the gradient back through the steps of the latest batch.

        Parameters
        ----------
        dout : ndarray of shape (N, T, H)

        Returns
        -------
        dx : ndarray of shape (N, T, D)
            `grads` has the gradients of all four parameters.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        D = self.input_size
        dx = self._wide.backward(dout)[:, :, :D]
        grads = self._wide.grads
        dwide = grads["weight_ih_l0"]  # (H, D + H)
        self.grads = {
            **grads,
            "weight_ih_l0": dwide[:, :D],
            "weight_hh_l0": grads["weight_hh_l0"] + dwide[:, D:],
        }
        return dx
