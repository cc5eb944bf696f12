"""AdaGrad: a rate for each element, which falls with what it has seen."""

import numpy as np

from . import checks
from .interfaces import Array


class AdaGrad:
    """Gradient descent with rates that fall by the squares of all gradients so far.

    Parameters
    ----------
    lr : float
        The learning rate.
    lr_decay : float
        How fast it falls: it is lr / (1 + lr_decay * steps taken).
    weight_decay : float
        What is added to a gradient for each unit of its parameter.
    initial_accumulator_value : float
        What the sums of squares begin with.
    eps : float
        What is added to the root, so that it can be divided by.

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
        self._steps = 0
        self._squares: dict[str, Array] = {}

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Change the parameters by one step against their gradients.

        Parameters
        ----------
        params : dict of str to ndarray
            The arrays themselves are changed, in place.
        grads : dict of str to ndarray
            A gradient for each parameter, under the same name and in the same shape.

        Raises
        ------
        ValueError
            If the names or the shapes differ; then no parameter has been changed.
        """
        rate = self.lr / (1 + self.lr_decay * self._steps)
        for name, p, g in checks.paired("AdaGrad", params, grads):
            g = g + self.weight_decay * p
            s = self._squares.setdefault(name, np.full_like(p, self.first))
            s += g * g
            p -= rate * g / (np.sqrt(s) + self.eps)
        self._steps += 1
