"""The units in which a network spends its time, as fast as numpy lets them be.

Each is the clear one of the same name with another `forward` and `backward`.
"""

from .avgpool2d import AvgPool2D
from .conv2d import Conv2D
from .maxpool2d import MaxPool2D

__all__ = ["AvgPool2D", "Conv2D", "MaxPool2D"]
