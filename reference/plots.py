"""Plots of a training run; needs matplotlib."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .interfaces import Array
from .metrics import confusion_matrix
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
        measured = [
            (e, v) for e, v in enumerate(history.get(f"val_{name}", ()), 1) if not math.isnan(v)
        ]
        if measured:
            axes.plot(*zip(*measured, strict=True), marker=".", label="validation")
        axes.set(title=name, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)


def plot_confusion(
    path: StrPath,
    labels: Array,
    predictions: Array,
    classes: int | Sequence[str],
    *,
    normalized: bool = False,
) -> None:
    """Draw the confusion matrix: how often each class was predicted as each class.

    Parameters
    ----------
    path : str or Path
        The picture; its suffix decides the format.
    labels, predictions : ndarrays of int of shape (N,)
        The right classes and those that the model chose.
    classes : int or sequence of str
        Their number, or their names.
    normalized : bool
        Whether to show, of each class, the shares in percent and not the numbers.
    """
    names = [*map(str, range(classes))] if isinstance(classes, int) else [*classes]
    counts = confusion_matrix(labels, predictions, len(names), normalized=normalized)
    shades = counts if normalized else np.log1p(counts)  # so that single mistakes can be seen
    side = max(4.5, 0.5 * len(names))
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shades, cmap="Blues", vmin=0, vmax=1 if normalized else None)
    axes.set(title="confusion matrix", xlabel="prediction", ylabel="label")
    axes.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 3 else 0)
    axes.set_yticks(range(len(names)), names)
    for (label, prediction), count in np.ndenumerate(counts):
        if count:
            color = "white" if shades[label, prediction] > shades.max() / 2 else "black"
            text = f"{100 * count:.0f}" if normalized else str(count)
            axes.text(prediction, label, text, ha="center", va="center", color=color)
    figure.savefig(path, dpi=120)


def plot_predictions(
    path: StrPath,
    images: Array,
    labels: Array,
    predictions: Array,
    names: Sequence[str] | None = None,
    *,
    shown: int = 24,
) -> None:
    """Draw images with what they were taken for, the wrong ones first.

    Parameters
    ----------
    path : str or Path
        The picture; its suffix decides the format.
    images : ndarray of shape (N, C, H, W)
        Grey (C = 1) or in colours (C = 3), with pixels from 0 to 1.
    labels, predictions : ndarrays of int of shape (N,)
        The right classes and those that the model chose.
    names : sequence of str, optional
        What the classes are called: their numbers unless given.
    shown : int
        How many images at most.
    """
    first = np.argsort(labels == predictions, kind="stable")[:shown]
    columns = min(8, len(first))
    rows = math.ceil(len(first) / columns)
    figure = Figure(figsize=(1.5 * columns, 1.9 * rows), layout="constrained")
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, number in zip(places, first, strict=False):
        image = images[np.array([number])][0].transpose(1, 2, 0)  # (H, W, C)
        axes.imshow(image.clip(0, 1) if image.shape[2] == 3 else image[..., 0], cmap="gray")
        said, right = (names[c] if names else str(c) for c in (predictions[number], labels[number]))
        is_right = predictions[number] == labels[number]
        title = said if is_right else f"{said}, not {right}"
        axes.set_title(title, fontsize=9, color="black" if is_right else "firebrick")
    for axes in places:
        axes.set_axis_off()
    figure.savefig(path, dpi=120)
