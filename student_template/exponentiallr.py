"""ExponentialLR: yours to write."""

import numpy as np

from . import checks
from .interfaces import HasRate


class ExponentialLR:
    """Multiply the learning rate by a factor after every step.

    Parameters
    ----------
    optimizer : object with an attribute `lr`
        Whose learning rate is set; at first it has the largest one.
    gamma : float
        The factor by which it falls.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    `step` is called once an epoch, or once a batch, after the optimizer's own steps. After t calls,
    with lr as it was at first::

        lr * gamma ** t

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
    """

    def __init__(self, optimizer: HasRate, gamma: float) -> None:
        self.optimizer = optimizer
        self.gamma = checks.fraction("ExponentialLR", "gamma", gamma)
        self.first = optimizer.lr
        self.steps = 0

    def step(self) -> None:
        """Set the optimizer's rate for what comes next."""
        raise NotImplementedError(
            "TODO ExponentialLR.step: set the optimizer's rate for what comes next"
        )
