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
ROW = 0.3
"""Inches that a bar takes."""


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
    figure, axes = svg.figure(7.5, ROW * len(kinds) + 0.4)
    bars = axes.barh(
        [kind["name"] for kind in kinds], [kind["count"] for kind in kinds], color=svg.BLUE
    )
    axes.bar_label(bars, padding=3)
    axes.set_xlim(0, most * 1.08)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure
