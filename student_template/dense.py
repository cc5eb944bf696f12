"""Dense: yours to write."""

import numpy as np

from . import checks
from .initialization import he_normal
from .interfaces import Array
from .layer import Layer


class Dense(Layer):
    """A matrix product and a bias (a fully connected layer).

    Parameters
    ----------
    in_features, out_features : int
        The sizes of an input vector (D) and of an output vector (M).
    bias : bool
        Whether a learned vector is added.
    rng : numpy.random.Generator, int or None
        Where the first weights come from.

    Attributes
    ----------
    params : dict
        `weight` of shape (M, D): normal with variance 2 / D at first.
        `bias` of shape (M,): zero at first; missing with ``bias=False``.

    Notes
    -----
    y = x Wᵀ + b, row by row.

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
        self.params["weight"] = he_normal((out_features, in_features), rng)
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def forward(self, x: Array) -> Array:
        """Compute the weighted sums.

        Parameters
        ----------
        x : ndarray of shape (N, D)

        Returns
        -------
        y : ndarray of shape (N, M)

        Raises
        ------
        ValueError
            If `x` has not 2 dimensions, or not D features.
        """
        raise NotImplementedError("TODO Dense.forward: compute the weighted sums")

    def backward(self, dout: Array) -> Array:
        """Compute the gradients of the latest `forward`.

        Parameters
        ----------
        dout : ndarray of shape (N, M)

        Returns
        -------
        dx : ndarray of shape (N, D)
            `grads` has `weight` and, with a bias, `bias`.

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        raise NotImplementedError(
            "TODO Dense.backward: compute the gradients of the latest `forward`"
        )
