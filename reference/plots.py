"""Plots of a training run; needs matplotlib."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .interfaces import Array
from .npz import StrPath


def plot_history(path: StrPath, history: dict[str, list[float]]) -> None:
    """Draw loss and accuracy over the epochs, for training and validation.

    Parameters
    ----------
    path : str or Path
        The picture; its suffix decides the format.
    history : dict of str to list of float
        What `Model.fit` or `fit` returns: `loss` and where there are any `accuracy`, `val_loss` and
        `val_accuracy`, one entry an epoch.
    """
    names = [name for name in history if not name.startswith("val_")]
    figure = Figure(figsize=(4.5 * len(names), 3.5), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], marker=".", label="training")
        if f"val_{name}" in history:
            axes.plot(epochs, history[f"val_{name}"], marker=".", label="validation")
        axes.set(title=name, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)


def plot_confusion(path: StrPath, labels: Array, predictions: Array, classes: int) -> None:
    """Draw the confusion matrix: how often each class was predicted as each class.

    Parameters
    ----------
    path : str or Path
        The picture; its suffix decides the format.
    labels, predictions : ndarrays of int of shape (N,)
        The right classes and those that the model chose.
    classes : int
        Their number.
    """
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predictions), 1)
    side = max(4.5, 0.5 * classes)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.log1p(counts), cmap="Blues")  # so that single mistakes can be seen
    axes.set(title="confusion matrix", xlabel="prediction", ylabel="label")
    axes.set_xticks(range(classes))
    axes.set_yticks(range(classes))
    for (label, prediction), count in np.ndenumerate(counts):
        if count:
            color = "white" if np.log1p(count) > np.log1p(counts.max()) / 2 else "black"
            axes.text(prediction, label, str(count), ha="center", va="center", color=color)
    figure.savefig(path, dpi=120)
