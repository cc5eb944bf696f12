"""Pictures of units that are curves: activations, losses, learning rates, initial weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cnn_conformance.reference import clear
from cnn_conformance.site import svg
from cnn_conformance.site.pictures.drawing import lines

X = np.linspace(-4, 4, 161)


def _activation(name: str, *arguments: Any) -> Figure:
    layer = getattr(clear, name)(*arguments)
    y = layer.forward(X[None])[0]
    return lines(X, [("y", y), ("dy/dx", layer.backward(np.ones((1, X.size)))[0])], "x")


def gelu() -> Figure:
    """The exact function, its derivative, and 1000 times the error of the approximation."""
    exact, near = clear.GELU(), clear.GELU("tanh")
    y = exact.forward(X[None])[0]
    gap = 1000 * (near.forward(X[None])[0] - y)
    dy = exact.backward(np.ones((1, X.size)))[0]
    return lines(X, [("y", y), ("dy/dx", dy), ("1000 × (tanh − none)", gap)], "x")


def _pair_loss(name: str, target: float, low: float, high: float, **arguments: Any) -> Figure:
    at = np.linspace(low, high, 161)
    loss = getattr(clear, name)("sum", **arguments)
    value, slope = [], []
    for each in at:
        value.append(loss.forward(np.array([each]), np.array([target])))
        slope.append(loss.backward()[0])
    return lines(at, [("loss", value), ("gradient", slope)], f"prediction (target {target:g})")


def _class_loss(name: str, label: str) -> Figure:
    """Draw a loss while the score of the right class goes up, with the others at 0."""
    loss = getattr(clear, name)("sum")
    value, right, other = [], [], []
    for score in X:
        value.append(loss.forward(np.array([[score, 0.0, 0.0]]), np.array([0])))
        gradient = loss.backward()[0]
        right.append(gradient[0])
        other.append(gradient[1])
    named = [("loss", value), ("gradient, right class", right), ("gradient, another", other)]
    return lines(X, named, label)


def _softmax(name: str) -> Figure:
    x = np.zeros((X.size, 3))
    x[:, 0], x[:, 1] = X, 1
    y = getattr(clear, name)().forward(x)
    return lines(X, [(f"y[{k}]", y[:, k]) for k in range(3)], "x[0], with x[1] = 1 and x[2] = 0")


class _Rate:
    """An optimizer of which only the rate is used."""

    lr = 1.0


def _schedule(name: str, arguments: list[dict[str, Any]]) -> Figure:
    curves = []
    for given in arguments:
        optimizer = _Rate()
        schedule = getattr(clear, name)(optimizer, **given)
        rates = [optimizer.lr]
        for _ in range(30):
            schedule.step()
            rates.append(optimizer.lr)
        curves.append((", ".join(f"{k}={v:g}" for k, v in given.items()), rates))
    return lines(range(31), curves, "calls of step", step=True)


def _initial(name: str) -> Figure:
    """Draw the weights, and how large signals stay through ten layers of ReLU."""
    rng = np.random.default_rng(0)
    draw = getattr(clear, name)
    figure, (left, right) = svg.row(2, 7.0, 2.6)
    for width, colour in ((50, svg.BLUE), (200, svg.ORANGE)):
        weights = draw((width, width), rng).ravel()
        left.hist(
            weights,
            bins=60,
            density=True,
            histtype="step",
            color=colour,
            label=f"{width} to {width}",
        )
        signal = rng.standard_normal((200, width))
        sizes = [1.0]
        for _ in range(10):
            signal = np.maximum(signal @ draw((width, width), rng).T, 0)
            sizes.append(float(np.sqrt((signal**2).mean())))
        right.semilogy(sizes, color=colour, label=f"{width} to {width}")
    left.set(xlabel="weight", yticks=[], title="density of the weights")
    right.set(xlabel="layers of weights and ReLU", title="root mean square of the signal")
    right.set_ylim(1e-3, 10)
    right.legend()
    return figure


def numerical_gradient() -> Figure:
    """The error for exp at 1: too large a step is inexact, too small a step is all rounding."""
    steps = np.logspace(-13, -0.5, 76)
    figure, axes = svg.figure(6.0, 2.8)
    x, true = 1.0, np.exp(1.0)
    central = [
        clear.numerical_gradient(lambda a: float(np.exp(a[0])), np.array([x]), h)[0] for h in steps
    ]
    forward = (np.exp(x + steps) - np.exp(x)) / steps
    axes.loglog(steps, np.abs(forward - true) / true, color=svg.ORANGE, label="(f(x+h) − f(x)) / h")
    axes.loglog(
        steps,
        np.abs(np.array(central) - true) / true,
        color=svg.BLUE,
        label="(f(x+h) − f(x−h)) / 2h",
    )
    axes.set(xlabel="h", ylabel="relative error")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend()
    return figure


def relu() -> Figure:
    """The function, and its derivative: what backward multiplies dout with."""
    return _activation("ReLU")


def leakyrelu() -> Figure:
    """The function and its derivative, with a negative slope of 0.2 to make it visible."""
    return _activation("LeakyReLU", 0.2)


def elu() -> Figure:
    """The function, and its derivative: what backward multiplies dout with."""
    return _activation("ELU")


def sigmoid() -> Figure:
    """The function, and its derivative: what backward multiplies dout with."""
    return _activation("Sigmoid")


def tanh() -> Figure:
    """The function, and its derivative: what backward multiplies dout with."""
    return _activation("Tanh")


def silu() -> Figure:
    """The function, and its derivative: what backward multiplies dout with."""
    return _activation("SiLU")


def identity() -> Figure:
    """The function, and its derivative: what backward multiplies dout with."""
    return _activation("Identity")


def softmax() -> Figure:
    """One row of three: as one score rises, it takes from both others."""
    return _softmax("Softmax")


def logsoftmax() -> Figure:
    """The logarithms of three probabilities while one score rises."""
    return _softmax("LogSoftmax")


def mse() -> Figure:
    """The loss of one element, and its gradient with respect to the prediction."""
    return _pair_loss("MSE", 1, -1, 3)


def l1() -> Figure:
    """The loss of one element, and its gradient with respect to the prediction."""
    return _pair_loss("L1", 1, -1, 3)


def huber() -> Figure:
    """The loss of one element, and its gradient with respect to the prediction. delta is 1."""
    return _pair_loss("Huber", 1, -2, 4)


def bcewithlogits() -> Figure:
    """The loss of one element, and its gradient with respect to the prediction."""
    return _pair_loss("BCEWithLogits", 1, -4, 4)


def bce() -> Figure:
    """The loss of one element, and its gradient with respect to the prediction."""
    return _pair_loss("BCE", 1, 0.1, 0.99)


def softmaxcrossentropy() -> Figure:
    """Three classes: the loss while the score of the right class rises, and the gradients."""
    return _class_loss("SoftmaxCrossEntropy", "logit of the right class, others 0")


def hinge() -> Figure:
    """Three classes: the loss while the score of the right class rises, and the gradients."""
    return _class_loss("Hinge", "score of the right class, others 0")


def nll() -> Figure:
    """The loss is a straight line in the log-probability of the right class."""
    return _class_loss("NLL", "log-probability of the right class (only 0 and below occur)")


def steplr() -> Figure:
    """The rate over 30 calls, starting with 1."""
    return _schedule("StepLR", [{"step_size": 10, "gamma": 0.5}, {"step_size": 5, "gamma": 0.5}])


def exponentiallr() -> Figure:
    """The rate over 30 calls, starting with 1."""
    return _schedule("ExponentialLR", [{"gamma": 0.95}, {"gamma": 0.8}])


def cosineannealinglr() -> Figure:
    """The rate over 30 calls, starting with 1."""
    return _schedule("CosineAnnealingLR", [{"T_max": 30}, {"T_max": 20, "eta_min": 0.1}])


def warmup() -> Figure:
    """The rate over 30 calls, for an optimizer whose own rate is 1."""
    return _schedule("WarmUp", [{"total_iters": 5}, {"total_iters": 20, "start_factor": 0.1}])


def xavier_uniform() -> Figure:
    """Weights of two widths, and what ten layers of them with ReLU make of a signal."""
    return _initial("xavier_uniform")


def xavier_normal() -> Figure:
    """Weights of two widths, and what ten layers of them with ReLU make of a signal."""
    return _initial("xavier_normal")


def he_uniform() -> Figure:
    """Weights of two widths, and what ten layers of them with ReLU make of a signal."""
    return _initial("he_uniform")


def he_normal() -> Figure:
    """Weights of two widths, and what ten layers of them with ReLU make of a signal."""
    return _initial("he_normal")
