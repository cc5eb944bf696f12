"""Dense: yours to write."""

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
        raise NotImplementedError("TODO Dense.forward: compute the weighted sums")

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
        raise NotImplementedError(
            "TODO Dense.backward: compute the gradients of the latest `forward`"
        )
