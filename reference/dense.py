"""Dense: every output is a weighted sum of all inputs.

The products use the transposed arrays, (D, N), so that the output is also stored batch-last in
memory; see `fast.windows`.
"""

import numpy as np

from . import checks
from .initialization import first_weights
from .interfaces import Array
from .layer import Layer


class Dense(Layer):
    """A matrix product and a bias (a fully connected layer).

    Parameters
    ----------
    in_features, out_features : int
        The sizes of an input vector (D) and of an output vector (M).
    bias : bool
        Whether to add a learned vector.
    rng : numpy.random.Generator, int or None
        Source of the initial weights, or a seed for it.

    Attributes
    ----------
    params : dict
        `weight` of shape (M, D): initially normal with variance 2 / D.
        `bias` of shape (M,): initially zero; absent with ``bias=False``.

    Notes
    -----
    y = x Wᵀ + b, row by row; with more axes, for each place along those before the last.

    Backward: dx = dout W, dW = doutᵀ x, and db is the sum of the rows of dout.

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.in_features = checks.integer("Dense", "in_features", in_features, 1)
        self.out_features = checks.integer("Dense", "out_features", out_features, 1)
        self.params["weight"] = first_weights((out_features, in_features), rng)
        if bias:
            self.params["bias"] = np.zeros(out_features)
        self._x: Array | None = None
        self._shape: tuple[int, ...] = ()

    def forward(self, x: Array) -> Array:
        """Compute the weighted sums.

        Parameters
        ----------
        x : ndarray of shape (N, D), or with more axes before the last: (N, ..., D)

        Returns
        -------
        y : ndarray of shape (N, M), or (N, ..., M)

        Raises
        ------
        ValueError
            If `x` has fewer than 2 dimensions, or other than D features.
        """
        x = checks.features("Dense", x, self.in_features)
        self._shape = x.shape
        x = x.reshape(-1, self.in_features)  # (N, D): from here on, every row is a sample
        y = self.params["weight"] @ x.T  # (M, N)
        if "bias" in self.params:
            y += self.params["bias"][:, None]
        self._x = x
        y = y.T
        return y.reshape(*self._shape[:-1], self.out_features)

    def backward(self, dout: Array) -> Array:
        """Compute the gradients of the latest `forward`.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of the shape of `x`
            `grads` has `weight` and, with a bias, `bias`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        x = checks.saved("Dense", self._x)
        dout = checks.upstream("Dense", dout, (*self._shape[:-1], self.out_features))
        dout = dout.reshape(-1, self.out_features)  # (N, M)
        self.grads["weight"] = dout.T @ x  # (M, D)
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=0)
        dx: Array = (self.params["weight"].T @ dout.T).T
        return dx.reshape(self._shape)
