"""How often each kind of mistake occurs in public code, as a chart from `docs/data`."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from cnn_conformance.locations import PACKAGE
from cnn_conformance.site import html, svg

DATA = PACKAGE / "docs" / "data" / "frequencies.toml"
ROW, WIDTH = 0.42, 4.6
"""Inches that a bar takes with its name above it, and that a chart is wide: as a telephone is."""


def frequencies(file: Path = DATA) -> str:
    """Return a chart for each group of kinds, as Markdown."""
    content = tomllib.loads(file.read_text("utf-8"))
    most = max(kind["count"] for group in content["group"] for kind in group["kind"])
    return "\n".join(_group(group, most) for group in content["group"])


def _group(group: dict[str, Any], most: int) -> str:
    kinds = sorted(group["kind"], key=lambda kind: -kind["count"])
    said = ", ".join(f"{kind['name']} {kind['count']}" for kind in kinds)
    drawn = svg.drawn(partial(_bars, kinds, most), f"{group['title']}: {said}")
    return f"\n## {group['title']}\n" + html.raw(f'<figure class="chart">{drawn}</figure>')


def _bars(kinds: list[dict[str, Any]], most: int) -> Figure:
    figure, axes = svg.figure(WIDTH, ROW * len(kinds) + 0.3)
    places = range(len(kinds))
    bars = axes.barh(places, [kind["count"] for kind in kinds], height=0.4, color=svg.BLUE)
    axes.bar_label(bars, padding=3)
    for place, kind in zip(places, kinds, strict=True):
        axes.text(0, place - 0.25, kind["name"], verticalalignment="bottom")
    axes.set_xlim(0, most * 1.08)
    axes.set_ylim(len(kinds) - 0.7, -0.9)
    axes.set_axis_off()
    return figure
