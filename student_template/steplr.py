"""StepLR: yours to write."""

import numpy as np

from . import checks
from .interfaces import HasRate


class StepLR:
    """Multiply the learning rate by a factor after every `step_size` steps.

    Parameters
    ----------
    optimizer : object with an attribute `lr`
        Whose learning rate is set; at first it has the largest one.
    step_size : int
        How many steps it takes for the rate to fall, at least 1.
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

        lr * gamma ** (t // step_size)

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
    """

    def __init__(self, optimizer: HasRate, step_size: int, gamma: float = 0.1) -> None:
        self.optimizer = optimizer
        self.step_size = checks.integer("StepLR", "step_size", step_size, 1)
        self.gamma = checks.fraction("StepLR", "gamma", gamma)
        self.first = optimizer.lr
        self.steps = 0

    def step(self) -> None:
        """Set the optimizer's rate for what comes next."""
        raise NotImplementedError("TODO StepLR.step: set the optimizer's rate for what comes next")
