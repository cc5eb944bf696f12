"""What is measured: a few layers and one training step, as plain data.

A workload says nothing of how it is computed; each runtime has its own way.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Conv:
    """A convolution of a batch of images (N, C, H, W) with square filters, with a bias."""

    images: tuple[int, int, int, int]
    filters: int
    kernel: int
    stride: int = 1
    padding: int = 0

    @property
    def output(self) -> tuple[int, int, int, int]:
        """The shape of the output, (N, K, OH, OW)."""
        N, _, H, W = self.images
        OH, OW = ((n + 2 * self.padding - self.kernel) // self.stride + 1 for n in (H, W))
        return N, self.filters, OH, OW


@dataclass(frozen=True)
class MaxPool:
    """Max pooling of a batch of images (N, C, H, W), without padding."""

    images: tuple[int, int, int, int]
    kernel: int
    stride: int

    @property
    def output(self) -> tuple[int, int, int, int]:
        """The shape of the output, (N, C, OH, OW)."""
        N, C, H, W = self.images
        OH, OW = ((n - self.kernel) // self.stride + 1 for n in (H, W))
        return N, C, OH, OW


@dataclass(frozen=True)
class Training:
    """A step of plain gradient descent on the softmax cross-entropy of a small network.

    The network has a 3x3 convolution that keeps the size, ReLU and 2x2 max pooling for each of
    `convs`, then dense layers of `dense` and `classes` outputs, with ReLUs between them.
    """

    images: tuple[int, int, int, int]
    convs: tuple[int, ...]
    dense: tuple[int, ...]
    classes: int

    def layers(self) -> tuple[list[Conv], list[tuple[int, int]]]:
        """Return the convolutions, and the inputs and outputs (D, M) of the dense layers."""
        (N, C, H, W), convs = self.images, []
        for K in self.convs:
            convs.append(Conv((N, C, H, W), K, kernel=3, padding=1))
            C, H, W = K, H // 2, W // 2
        sizes = (C * H * W, *self.dense, self.classes)
        return convs, list(pairwise(sizes))


@dataclass(frozen=True)
class Unit:
    """A layer of the specification by its name there, on input of the shape `x`.

    `arguments` are its own, in their order; its parameters have the names of the specification,
    which are PyTorch's.
    """

    name: str
    x: tuple[int, ...]
    arguments: tuple[int, ...]

    @property
    def output(self) -> tuple[int, ...]:
        """The shape of the output."""
        return (*self.x[:-1], self.arguments[1]) if self.name == "LSTM" else self.x

    def parameters(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters by name."""
        size = self.arguments[0]
        match self.name:
            case "LSTM":
                H = self.arguments[1]
                weights = {"weight_ih_l0": (4 * H, size), "weight_hh_l0": (4 * H, H)}
                return weights | {"bias_ih_l0": (4 * H,), "bias_hh_l0": (4 * H,)}
            case "MultiHeadAttention":
                weights = {"in_proj_weight": (3 * size, size), "in_proj_bias": (3 * size,)}
                return weights | {"out_proj.weight": (size, size), "out_proj.bias": (size,)}
        return {"weight": (size,), "bias": (size,)}


Task = Conv | MaxPool | Training | Unit


def to_json(task: Task) -> dict[str, Any]:
    """Return a task as JSON has it."""
    return {"kind": type(task).__name__, **asdict(task)}


def from_json(data: dict[str, Any]) -> Task:
    """Return the task that `to_json` was given."""
    kinds: dict[str, Callable[..., Task]] = {
        kind.__name__: kind for kind in (Conv, MaxPool, Training, Unit)
    }
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k != "kind"}
    return kinds[data["kind"]](**fields)


@dataclass(frozen=True)
class Workload:
    """A task and its parts that are timed, each by itself.

    "backward" is all gradients of one forward, over and over; "both" is a forward and its
    backward; "step" is forward, loss, backward and the optimizer.
    """

    name: str
    short: str
    what: str
    task: Task
    parts: tuple[str, ...]


CONV, LAYER = ("forward", "backward"), ("forward", "backward", "both")

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            "W1",
            "conv 9x9",
            "convolution 9x9, 1 to 20 channels, on 100x28x28",
            Conv((100, 1, 28, 28), filters=20, kernel=9),
            CONV,
        ),
        Workload(
            "W2",
            "training",
            "training step: conv 8, pool, conv 16, pool, dense 64, dense 10 on 64x28x28",
            Training((64, 1, 28, 28), convs=(8, 16), dense=(64,), classes=10),
            ("step",),
        ),
        Workload(
            "W3",
            "conv 3x3",
            "convolution 3x3, 64 to 64 channels, on 8x56x56",
            Conv((8, 64, 56, 56), filters=64, kernel=3, padding=1),
            CONV,
        ),
        Workload(
            "W4",
            "conv 7x7, stride 2",
            "convolution 7x7 stride 2, 3 to 32 channels, on 16x112x112",
            Conv((16, 3, 112, 112), filters=32, kernel=7, stride=2, padding=3),
            CONV,
        ),
        Workload(
            "W5a",
            "max pool 2x2",
            "max pooling 2x2 of 64x16x56x56",
            MaxPool((64, 16, 56, 56), 2, stride=2),
            LAYER,
        ),
        Workload(
            "W5b",
            "max pool 3x3, stride 2",
            "max pooling 3x3 stride 2 of 64x16x56x56",
            MaxPool((64, 16, 56, 56), 3, stride=2),
            LAYER,
        ),
        Workload(
            "W6",
            "LSTM",
            "LSTM with 128 features and states on 32 sequences of 64 steps",
            Unit("LSTM", (32, 64, 128), (128, 128)),
            LAYER,
        ),
        Workload(
            "W7",
            "attention",
            "self-attention with 128 features and 8 heads on 32 sequences of 64 steps",
            Unit("MultiHeadAttention", (32, 64, 128), (128, 8)),
            LAYER,
        ),
        Workload(
            "W8",
            "batch norm",
            "batch normalization of 64x16x28x28, training",
            Unit("BatchNorm2D", (64, 16, 28, 28), (16,)),
            LAYER,
        ),
        Workload(
            "W9",
            "layer norm",
            "layer normalization of 32x64 steps of 128 features",
            Unit("LayerNorm", (32, 64, 128), (128,)),
            LAYER,
        ),
    )
}
