"""PyTorch's schedules for whatever has a learning rate; `pytorch` exports them."""

import torch
from torch.optim import lr_scheduler

__all__ = ["CosineAnnealingLR", "ExponentialLR", "StepLR", "WarmUp"]


class Schedule:
    """A schedule of an optimizer of PyTorch's, whose rate is passed on."""

    def __init__(self, optimizer, *args, **options):
        sizes = [value for value in (*args, *options.values()) if isinstance(value, int)]
        if any(value < 0 for value in args) or any(value < 1 for value in sizes):
            raise ValueError(f"{type(self).__name__}{(*args, *options.values())}")
        self.optimizer = optimizer
        self.inner = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], optimizer.lr)
        self.schedule = self.make(self.inner, *args, **options)
        self.pass_on()

    def step(self):
        self.inner.step()
        self.schedule.step()
        self.pass_on()

    def pass_on(self):
        self.optimizer.lr = self.inner.param_groups[0]["lr"]


class StepLR(Schedule):
    make = lr_scheduler.StepLR


class ExponentialLR(Schedule):
    make = lr_scheduler.ExponentialLR


class CosineAnnealingLR(Schedule):
    make = lr_scheduler.CosineAnnealingLR


class WarmUp(Schedule):
    def make(self, optimizer, total_iters=5, start_factor=1 / 3):
        return lr_scheduler.LinearLR(optimizer, start_factor, total_iters=total_iters)
