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
CELL, LETTER = 0.34, 0.09
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
    """Return matrices side by side, each with its title; `shared` colours them by one scale.

    All cells are of one size: the axes of each reach as far as its title and the highest grid do.
    """
    shapes = [np.atleast_2d(np.asarray(values)).shape for _, values in named]
    titles = [title for title, _ in named]
    columns = [
        max(shape[1], len(title) * LETTER / CELL) + 0.5
        for shape, title in zip(shapes, titles, strict=True)
    ]
    rows = max(shape[0] for shape in shapes)
    size = CELL * (sum(columns) + 1), CELL * (rows + 1.5)
    figure, axes = svg.row(len(named), *size, width_ratios=columns)
    limit = max(np.abs(values).max() for _, values in named) if shared else None
    for each, (title, values), shape, wide in zip(axes, named, shapes, columns, strict=True):
        grid(each, values, "", limit)
        middle, top = shape[1] / 2, (shape[0] - rows) / 2
        each.set(xlim=(middle - wide / 2, middle + wide / 2), ylim=(top + rows, top - 0.9))
        each.text(middle, -0.25, title, ha="center", va="bottom")
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
