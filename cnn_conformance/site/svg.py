"""Figures of matplotlib as SVG in a page: the text has the page's colour, by day and by night."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#010203"
"""Stands for the colour of the page's text, which is another by night."""
BLUE, ORANGE, GREEN = "#3f7fc4", "#d9722b", "#2f9468"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cnn-conformance",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.grid": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
} | dict.fromkeys(
    (
        "text.color",
        "axes.edgecolor",
        "axes.labelcolor",
        "axes.titlecolor",
        "xtick.color",
        "ytick.color",
    ),
    INK,
)


def figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure with one pair of axes, its size in inches."""
    made, axes = row(1, width, height)
    return made, axes[0]


def row(count: int, width: float, height: float, **more: Any) -> tuple[Figure, list[Axes]]:
    """Return a figure with axes side by side, its size in inches."""
    made = Figure(figsize=(width, height), layout="constrained")
    found = made.subplots(1, count, squeeze=False, **more)
    return made, list(found[0])


def drawn(draw: Callable[[], Figure], said: str) -> str:
    """Return the figure that is drawn as SVG, with what it shows for those who do not see it."""
    stream = StringIO()
    with mpl.rc_context(STYLE):
        draw().savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"font-family: [^;\"]*; ", "", text)  # the page's own
    text = re.sub(r"\n\s*", "\n", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(said)}"', 1)
