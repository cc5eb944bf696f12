"""The layers, and the container that holds them."""

from .containers import Sequential
from .images import Conv2D, MaxPool2D
from .rows import Dense, Flatten, ReLU

__all__ = ["Conv2D", "Dense", "Flatten", "MaxPool2D", "ReLU", "Sequential"]
