"""SGD: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class SGD:
    """Gradient descent.

    Parameters
    ----------
    lr : float
        The learning rate, 0 or more.
    momentum : float
        The fraction of the velocity that is kept in each step.
    weight_decay : float
        Times the parameter, it is added to its gradient (L2 regularization).
    nesterov : bool
        Whether to use Nesterov momentum (needs a momentum).
    decay : float
        How fast the learning rate falls: it is lr / (1 + decay * number of earlier steps).

    Notes
    -----
    For each parameter p and its gradient g, starting with v = 0::

        g = g + weight_decay * p
        v = momentum * v + g
        p = p - lr * v              (nesterov: g + momentum * v instead of v)

    The velocity of a parameter is kept under its name.

    References
    ----------
    Sutskever, Martens, Dahl, Hinton: On the importance of initialization and momentum in deep
    learning, 2013, https://proceedings.mlr.press/v28/sutskever13.html
    https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(
        self,
        lr: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        decay: float = 0.0,
    ) -> None:
        self.lr = checks.fraction("SGD", "lr", lr)
        self.momentum = checks.fraction("SGD", "momentum", momentum)
        self.weight_decay = checks.fraction("SGD", "weight_decay", weight_decay)
        self.decay = checks.fraction("SGD", "decay", decay)
        if nesterov and momentum == 0:
            raise ValueError("SGD: nesterov needs a momentum above 0, got momentum 0")
        self.nesterov = bool(nesterov)

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
        raise NotImplementedError("TODO SGD.step: update the parameters by one step")
