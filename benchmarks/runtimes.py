"""Who is measured: for each runtime, how it prepares a workload.

A runtime is a function from a workload and a dtype to a call that does the work once. It imports
what it needs itself, so that a process holds one runtime only. A peer is added by writing such a
function and an entry in `RUNTIMES`.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .workloads import Conv, MaxPool, Training, Workload

Call = Callable[[], object]


def _normal(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def _labels(task: Training) -> Any:
    return np.random.default_rng(1).integers(0, task.classes, task.images[0])


def _flat_features(task: Training) -> int:
    """Return the number of features that the dense layers of a training step begin with."""
    _, _, H, W = task.images
    halved = 1 << len(task.convs)
    return task.convs[-1] * (H // halved) * (W // halved)


def prepare_reference(workload: Workload, dtype: str) -> Call:
    """Prepare the reference of this project."""
    import reference as ours

    match workload.task:
        case Conv() as task:
            C = task.images[1]
            layer: Any = ours.Conv2D(C, task.filters, task.kernel, task.stride, task.padding, rng=0)
        case MaxPool() as task:
            layer = ours.MaxPool2D(task.kernel, task.stride)
        case Training() as task:
            layers: list[Any] = []
            for C, K in pairwise((task.images[1], *task.convs)):
                layers += [ours.Conv2D(C, K, 3, padding=1, rng=0), ours.ReLU(), ours.MaxPool2D(2)]
            layers.append(ours.Flatten())
            for D, M in pairwise((_flat_features(task), *task.dense, task.classes)):
                layers += [ours.Dense(D, M, rng=0), ours.ReLU()]
            layer = ours.Sequential(layers[:-1])  # no ReLU after the last
    for name, value in layer.params.items():
        layer.params[name] = value.astype(dtype)
    x = _normal(workload.task.images, dtype)

    if isinstance(workload.task, Training):
        loss, optimizer, labels = ours.SoftmaxCrossEntropy(), ours.SGD(1e-3), _labels(workload.task)

        def step() -> None:
            loss.forward(layer.forward(x), labels)
            layer.backward(loss.backward())
            optimizer.step(layer.params, layer.grads)

        return step

    dout = _normal(layer.forward(x).shape, dtype, seed=1)
    return {
        "forward": lambda: layer.forward(x),
        "backward": lambda: layer.backward(dout),
        "both": lambda: (layer.forward(x), layer.backward(dout)),
    }[workload.part]


def prepare_torch(workload: Workload, dtype: str) -> Call:
    """Prepare PyTorch with one thread."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    match workload.task:
        case Conv() as task:
            C = task.images[1]
            layer: Any = nn.Conv2d(C, task.filters, task.kernel, task.stride, task.padding)
        case MaxPool() as task:
            layer = nn.MaxPool2d(task.kernel, task.stride)
        case Training() as task:
            layers: list[Any] = []
            for C, K in pairwise((task.images[1], *task.convs)):
                layers += [nn.Conv2d(C, K, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            layers.append(nn.Flatten())
            for D, M in pairwise((_flat_features(task), *task.dense, task.classes)):
                layers += [nn.Linear(D, M), nn.ReLU()]
            layer = nn.Sequential(*layers[:-1])
    layer = layer.to(getattr(torch, dtype))
    x = torch.from_numpy(_normal(workload.task.images, dtype))

    if isinstance(workload.task, Training):
        loss, labels = nn.CrossEntropyLoss(), torch.from_numpy(_labels(workload.task))
        optimizer = torch.optim.SGD(layer.parameters(), 1e-3)

        def step() -> None:
            optimizer.zero_grad()
            loss(layer(x), labels).backward()
            optimizer.step()

        return step

    x.requires_grad_()
    y = layer(x)
    dout = torch.from_numpy(_normal(tuple(y.shape), dtype, seed=1))
    wanted = [x, *layer.parameters()]

    def forward() -> Any:
        with torch.no_grad():
            return layer(x)

    return {
        "forward": forward,
        "backward": lambda: torch.autograd.grad(y, wanted, dout, retain_graph=True),
        "both": lambda: torch.autograd.grad(layer(x), wanted, dout),
    }[workload.part]


RUNTIMES: dict[str, Callable[[Workload, str], Call]] = {
    "reference": prepare_reference,
    "torch": prepare_torch,
}
