"""CosineAnnealingLR: yours to write."""

import numpy as np

from . import checks
from .interfaces import HasRate


class CosineAnnealingLR:
    """Let the learning rate fall along a cosine, slowly at first and in the end.

    Parameters
    ----------
    optimizer : object with an attribute `lr`
        Whose learning rate is set; at first it has the largest one.
    T_max : int
        In how many steps it falls to `eta_min`, at least 1.
    eta_min : float
        The smallest rate.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    `step` is called once an epoch, or once a batch, after the optimizer's own steps. After t calls,
    with lr as it was at first::

        eta_min + (lr - eta_min) * (1 + cos(pi * t / T_max)) / 2

    After T_max steps it rises again, as the cosine does.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
    """

    def __init__(self, optimizer: HasRate, T_max: int, eta_min: float = 0.0) -> None:
        self.optimizer = optimizer
        self.T_max = checks.integer("CosineAnnealingLR", "T_max", T_max, 1)
        self.eta_min = checks.fraction("CosineAnnealingLR", "eta_min", eta_min)
        self.first = optimizer.lr
        self.steps = 0

    def step(self) -> None:
        """Set the optimizer's rate for what comes next."""
        raise NotImplementedError(
            "TODO CosineAnnealingLR.step: set the optimizer's rate for what comes next"
        )
