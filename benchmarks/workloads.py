"""What is measured: a few layers and one training step, as plain data.

A workload says nothing of how it is computed; each runtime has its own way. All of them get images
and gradients as ordinary arrays in the order (N, C, H, W), the order that a user has.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Conv:
    """A convolution of a batch of images (N, C, H, W)."""

    images: tuple[int, int, int, int]
    filters: int
    kernel: int
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class MaxPool:
    """Max pooling of a batch of images (N, C, H, W)."""

    images: tuple[int, int, int, int]
    kernel: int
    stride: int


@dataclass(frozen=True)
class Training:
    """A training step of conv, ReLU, pool for each of `convs`, then dense layers with ReLUs."""

    images: tuple[int, int, int, int]
    convs: tuple[int, ...]
    dense: tuple[int, ...]
    classes: int


@dataclass(frozen=True)
class Workload:
    """A task and the part of it that is timed.

    The parts are "forward", "backward" (all gradients of one forward, over and over), "both" and
    "step" (forward, loss, backward, optimizer).
    """

    name: str
    what: str
    task: Conv | MaxPool | Training
    part: str


_W1 = Conv((100, 1, 28, 28), filters=20, kernel=9)
_W2 = Training((64, 1, 28, 28), convs=(8, 16), dense=(64,), classes=10)
_W3 = Conv((8, 64, 56, 56), filters=64, kernel=3, padding=1)
_W4 = Conv((16, 3, 112, 112), filters=32, kernel=7, stride=2, padding=3)

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("W1f", "conv 9x9, 1 to 20 channels, 100x28x28, forward", _W1, "forward"),
        Workload("W1b", "conv 9x9, 1 to 20 channels, 100x28x28, backward", _W1, "backward"),
        Workload("W2", "training step of a small network, batch 64, 28x28", _W2, "step"),
        Workload("W3f", "conv 3x3, 64 to 64 channels, 8x56x56, forward", _W3, "forward"),
        Workload("W3b", "conv 3x3, 64 to 64 channels, 8x56x56, backward", _W3, "backward"),
        Workload("W4f", "conv 7x7 stride 2, 3 to 32 channels, 16x112x112, forward", _W4, "forward"),
        Workload(
            "W4b", "conv 7x7 stride 2, 3 to 32 channels, 16x112x112, backward", _W4, "backward"
        ),
        Workload("W5a", "max pool 2x2, 64x16x56x56", MaxPool((64, 16, 56, 56), 2, 2), "both"),
        Workload(
            "W5b", "max pool 3x3 stride 2, 64x16x56x56", MaxPool((64, 16, 56, 56), 3, 2), "both"
        ),
    )
}
