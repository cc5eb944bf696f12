"""Pictures of units that move weights: optimizers, the training loop, networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cnn_conformance.reference import clear
from cnn_conformance.reference.datasets import load_digits
from cnn_conformance.site import svg
from cnn_conformance.site.pictures.drawing import lines

CURVATURE = np.array([1.0, 12.0])
"""Of the valley in which the optimizers walk."""
START = (-4.0, 1.2)
STEPS = 40


def _walk(optimizer: Any) -> np.ndarray:
    """Return the places of an optimizer in the valley (w₀² + 12 w₁²) / 2."""
    params = {"w": np.array(START)}
    path = [params["w"].copy()]
    for _ in range(STEPS):
        optimizer.step(params, {"w": CURVATURE * params["w"]})
        path.append(params["w"].copy())
    return np.array(path)


def _paths(named: list[tuple[str, str, dict[str, Any]]]) -> Figure:
    figure, axes = svg.figure(6.5, 2.8)
    x, y = np.meshgrid(np.linspace(-4.5, 2, 60), np.linspace(-1.6, 1.6, 40))
    height = (CURVATURE[0] * x**2 + CURVATURE[1] * y**2) / 2
    axes.contour(x, y, height, levels=[0.1, 0.5, 1.5, 3, 5, 8, 12], colors="#8888", linewidths=0.7)
    for (label, name, arguments), colour in zip(
        named, (svg.BLUE, svg.ORANGE, svg.GREEN), strict=False
    ):
        path = _walk(getattr(clear, name)(**arguments))
        axes.plot(*path.T, marker=".", color=colour, label=label)
    axes.set(xlim=(-4.5, 2), ylim=(-1.6, 1.6), xlabel="w₀", ylabel="w₁")
    axes.legend(loc="upper right")
    return figure


def training() -> Figure:
    """What fit returns for 500 digits and a network of two dense layers."""
    digits = load_digits()
    model = clear.Sequential(
        [clear.Flatten(), clear.Dense(64, 32, rng=0), clear.ReLU(), clear.Dense(32, 10, rng=1)]
    )
    x, y = digits.x_train[:500], digits.y_train[:500]
    loss = clear.SoftmaxCrossEntropy()
    history = clear.fit(model, loss, clear.SGD(0.2), x, y, epochs=15, rng=0)
    names = [("loss", history["loss"]), ("accuracy", history["accuracy"])]
    return lines(range(1, 16), names, "epoch")


def network() -> Figure:
    """The loss of one small convolutional network with three optimizers."""
    digits = load_digits()
    x, y = digits.x_train[:300], digits.y_train[:300]
    curves = []
    for label, optimizer in (
        ("SGD(0.1)", clear.SGD(0.1)),
        ("SGD(0.1, momentum=0.9)", clear.SGD(0.1, momentum=0.9)),
        ("Adam(0.01)", clear.Adam(0.01)),
    ):
        layers = [
            clear.Conv2D(1, 4, 3, rng=0),
            clear.ReLU(),
            clear.MaxPool2D(2),
            clear.Flatten(),
            clear.Dense(36, 10, rng=1),
        ]
        history = clear.fit(
            clear.Sequential(layers), clear.SoftmaxCrossEntropy(), optimizer, x, y, epochs=12, rng=0
        )
        curves.append((label, history["loss"]))
    return lines(range(1, 13), curves, "epoch")


def residual() -> Figure:
    """How much gradient arrives at each of 20 layers, plain and with a way past."""
    figure, axes = svg.figure(6.0, 2.8)
    rng = np.random.default_rng(0)
    for label, colour in (("plain", svg.ORANGE), ("residual", svg.BLUE)):
        sizes = []
        layers: list[Any] = [
            clear.Sequential([clear.Dense(16, 16, rng=rng), clear.Tanh()]) for _ in range(20)
        ]
        for branch in layers:
            branch.layers[0].params["weight"][:] *= 0.4
        if label == "residual":
            layers = [clear.Residual(branch) for branch in layers]
        x = rng.standard_normal((32, 16))
        for layer in layers:
            x = layer.forward(x)
        dout = np.ones_like(x)
        for layer in reversed(layers):
            dout = layer.backward(dout)
            sizes.append(float(np.sqrt((dout**2).mean())))
        axes.semilogy(range(20, 0, -1), sizes, color=colour, marker=".", label=label)
    axes.set(xlabel="layer", ylabel="size of its dx")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend()
    return figure


def repeat() -> Figure:
    """One layer, tanh of 2x, used once, twice and five times: the same weight makes it steeper."""
    layer = clear.Sequential([clear.Dense(1, 1, bias=False), clear.Tanh()])
    layer.params["0.weight"][:] = 2
    x = np.linspace(-1.5, 1.5, 121)
    curves = [
        (f"times={times}", clear.Repeat(layer, times).forward(x[:, None])[:, 0])
        for times in (1, 2, 5)
    ]
    return lines(x, curves, "x")


def sgd() -> Figure:
    """Forty steps in a valley that is 12 times as steep across as along."""
    return _paths(
        [
            ("lr=0.15", "SGD", {"lr": 0.15}),
            ("lr=0.03, momentum=0.9", "SGD", {"lr": 0.03, "momentum": 0.9}),
        ]
    )


def adagrad() -> Figure:
    """Forty steps in a valley that is 12 times as steep across as along."""
    return _paths([("lr=0.5", "AdaGrad", {"lr": 0.5}), ("lr=1", "AdaGrad", {"lr": 1.0})])


def rmsprop() -> Figure:
    """Forty steps in a valley that is 12 times as steep across as along."""
    return _paths(
        [("lr=0.1", "RMSprop", {"lr": 0.1}), ("alpha=0.9", "RMSprop", {"lr": 0.1, "alpha": 0.9})]
    )


def adam() -> Figure:
    """Forty steps in a valley that is 12 times as steep across as along."""
    return _paths(
        [
            ("lr=0.2", "Adam", {"lr": 0.2}),
            ("lr=0.2, β₁=0", "Adam", {"lr": 0.2, "betas": (0.0, 0.999)}),
        ]
    )


def adamw() -> Figure:
    """Forty steps in a valley that is 12 times as steep across as along. Adam divides the decay
    by the size of the gradients, AdamW does not.
    """
    return _paths(
        [
            ("Adam, weight_decay=0.5", "Adam", {"lr": 0.2, "weight_decay": 0.5}),
            ("AdamW, weight_decay=0.5", "AdamW", {"lr": 0.2, "weight_decay": 0.5}),
        ]
    )
