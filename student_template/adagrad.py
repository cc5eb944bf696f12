"""AdaGrad: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class AdaGrad:
    """Gradient descent with step sizes divided by the root of all squared gradients so far.

    Parameters
    ----------
    lr : float
        The learning rate.
    lr_decay : float
        How fast it falls: it is lr / (1 + lr_decay * number of earlier steps).
    weight_decay : float
        Times the parameter, it is added to its gradient (L2 regularization).
    initial_accumulator_value : float
        Initial value of the sums of squares.
    eps : float
        Added to the square root, to avoid a division by zero.

    Notes
    -----
    For each parameter p and its gradient g::

        g = g + weight_decay * p
        s = s + g ** 2
        p = p - lr * g / (sqrt(s) + eps)

    References
    ----------
    Duchi, Hazan, Singer: Adaptive Subgradient Methods, 2011,
    https://jmlr.org/papers/v12/duchi11a.html
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
    """

    def __init__(
        self,
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        self.lr = checks.fraction("AdaGrad", "lr", lr)
        self.lr_decay = checks.fraction("AdaGrad", "lr_decay", lr_decay)
        self.weight_decay = checks.fraction("AdaGrad", "weight_decay", weight_decay)
        self.first = checks.fraction(
            "AdaGrad", "initial_accumulator_value", initial_accumulator_value
        )
        self.eps = checks.fraction("AdaGrad", "eps", eps)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Update the parameters by one step.

        Parameters
        ----------
        params : dict of str to ndarray
            The arrays are updated in place.
        grads : dict of str to ndarray
            A gradient for each parameter, under the same name and in the same shape.

        Raises
        ------
        ValueError
            If the names or the shapes differ; no parameter is changed then.
        """
        raise NotImplementedError("TODO AdaGrad.step: update the parameters by one step")
