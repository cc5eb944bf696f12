"""WarmUp: yours to write."""

import numpy as np

from . import checks
from .interfaces import HasRate


class WarmUp:
    """Let the learning rate rise linearly in the first steps.

    Parameters
    ----------
    optimizer : object with an attribute `lr`
        Whose learning rate is set; at first it has the largest one.
    total_iters : int
        In how many steps it rises to the optimizer's own rate, at least 1.
    start_factor : float
        The share of that rate that it begins with.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    `step` is called once an epoch, or once a batch, after the optimizer's own steps. After t calls,
    with lr as it was at first::

        lr * (start_factor + (1 - start_factor) * min(t / total_iters, 1))

    This holds for t = 0 too: the rate is set as soon as the schedule is made.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
    """

    def __init__(
        self, optimizer: HasRate, total_iters: int = 5, start_factor: float = 1 / 3
    ) -> None:
        self.optimizer = optimizer
        self.total_iters = checks.integer("WarmUp", "total_iters", total_iters, 1)
        self.start_factor = checks.fraction("WarmUp", "start_factor", start_factor)
        self.first = optimizer.lr
        self.steps = 0
        self.optimizer.lr = self.first * self.start_factor

    def step(self) -> None:
        """Set the optimizer's rate for what comes next."""
        raise NotImplementedError("TODO WarmUp.step: set the optimizer's rate for what comes next")
