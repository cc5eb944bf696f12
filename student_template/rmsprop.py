"""RMSprop: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class RMSprop:
    """Gradient descent divided by the root of a moving average of squared gradients.

    Parameters
    ----------
    lr : float
        The learning rate.
    alpha : float
        The weight of the old average in each step.
    eps : float
        Added to the square root, to avoid a division by zero.
    weight_decay : float
        Times the parameter, it is added to its gradient (L2 regularization).
    momentum : float
        The fraction of the velocity that is kept in each step.
    centered : bool
        Whether to use the variance of the gradients instead of their mean square.

    Notes
    -----
    For each parameter p and its gradient g, with all averages initially 0::

        g = g + weight_decay * p
        s = alpha * s + (1 - alpha) * g ** 2
        a = alpha * a + (1 - alpha) * g            (centered: s - a ** 2 instead of s)
        v = momentum * v + g / (sqrt(s) + eps)
        p = p - lr * v

    References
    ----------
    Hinton, Srivastava, Swersky: Neural Networks for Machine Learning, lecture 6, 2012
    https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
    """

    def __init__(
        self,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        self.lr = checks.fraction("RMSprop", "lr", lr)
        self.alpha = checks.fraction("RMSprop", "alpha", alpha)
        self.eps = checks.fraction("RMSprop", "eps", eps)
        self.weight_decay = checks.fraction("RMSprop", "weight_decay", weight_decay)
        self.momentum = checks.fraction("RMSprop", "momentum", momentum)
        self.centered = bool(centered)

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
        raise NotImplementedError("TODO RMSprop.step: update the parameters by one step")
