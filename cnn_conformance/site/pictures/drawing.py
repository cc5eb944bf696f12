"""What the pictures of several units have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from cnn_conformance.site import svg

MOST_LABELLED = 64
"""Cells up to which each shows its number."""
CELL = 0.34
"""Inches."""


def grid(axes: Axes, values: ArrayLike, title: str, limit: float | None = None) -> None:
    """Draw a matrix as a grid of colours, with its numbers where there are few."""
    cells = np.atleast_2d(np.asarray(values, float))
    top = limit or max(float(np.abs(cells[np.isfinite(cells)]).max(initial=0)), 1e-9)
    axes.pcolormesh(cells, cmap="RdBu_r", vmin=-top, vmax=top, edgecolors="#8888", linewidth=0.5)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)
    if cells.size > MOST_LABELLED:
        return
    for (i, j), value in np.ndenumerate(cells):
        colour = "white" if abs(value) > 0.65 * top else "#222222"
        text = f"{value + 0.0:.2f}".rstrip("0").rstrip(".")
        axes.text(j + 0.5, i + 0.5, text, color=colour, ha="center", va="center", fontsize=8)


def grids(named: Sequence[tuple[str, ArrayLike]], *, shared: bool = False) -> Figure:
    """Return matrices side by side, each with its title; `shared` colours them by one scale."""
    shapes = [np.atleast_2d(np.asarray(values)).shape for _, values in named]
    width = sum(max(shape[1] * CELL, 1.2) + 0.35 for shape in shapes)
    height = max(shape[0] for shape in shapes) * CELL + 0.6
    widths = [max(shape[1] * CELL, 1.2) for shape in shapes]
    figure, axes = svg.row(len(named), width, height, width_ratios=widths)
    limit = max(np.abs(values).max() for _, values in named) if shared else None
    for each, (title, values) in zip(axes, named, strict=True):
        grid(each, values, title, limit)
    return figure


def lines(
    x: ArrayLike, curves: Sequence[tuple[str, ArrayLike]], xlabel: str, *, step: bool = False
) -> Figure:
    """Return curves over one axis, each with its name."""
    figure, axes = svg.figure(6.0, 2.8)
    colours = (svg.BLUE, svg.ORANGE, svg.GREEN, "#8a5fb5")
    for (label, y), colour in zip(curves, colours, strict=False):
        axes.plot(x, y, label=label, color=colour, drawstyle="steps-post" if step else "default")
    axes.axhline(0, color="#8888", linewidth=0.8)
    axes.set_xlabel(xlabel)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend()
    return figure
