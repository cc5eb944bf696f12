"""StatefulRNN: a recurrent layer that goes on where the batch before has ended."""

import numpy as np

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

    References
    ----------
    Williams, Peng: An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories, 1990, https://doi.org/10.1162/neco.1990.2.4.490
    """

    state: Array | None = None

    def reset_state(self) -> None:
        """Start with zeros again, as for a new sequence."""
        self.state = None

    def forward(self, x: Array) -> Array:  # type: ignore[override]  # the state is its own
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
        before = self.state
        if before is None:
            before = np.zeros((len(x), self.hidden_size), np.result_type(x, np.float32))
        elif len(before) != len(x):
            raise ValueError(
                f"StatefulRNN: expected {len(before)} samples as in the batch before, got "
                f"{len(x)}; call reset_state() first"
            )
        y: Array
        y, self.state = super().forward(x, before)
        return y

    def backward(self, dout: Array) -> Array:  # type: ignore[override]
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
        dx: Array
        dx, _ = super().backward(dout)
        return dx
