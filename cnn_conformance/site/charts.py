"""How often each kind of mistake occurs in public code, as a chart from `docs/data`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from cnn_conformance.locations import PACKAGE
from cnn_conformance.site import html, svg

DATA = PACKAGE / "docs" / "data" / "frequencies.toml"
ROW = 0.3
"""Inches that a bar takes."""


def frequencies(file: Path = DATA) -> str:
    """Return a chart and a table for each group of kinds, as Markdown."""
    content = tomllib.loads(file.read_text("utf-8"))
    most = max(kind["count"] for group in content["group"] for kind in group["kind"])
    return "\n".join(_group(group, most) for group in content["group"])


def _group(group: dict[str, Any], most: int) -> str:
    kinds = sorted(group["kind"], key=lambda kind: -kind["count"])
    names, counts = [kind["name"] for kind in kinds], [kind["count"] for kind in kinds]
    figure, axes = svg.figure(7.5, ROW * len(kinds) + 0.4)
    bars = axes.barh(names, counts, color=svg.BLUE)
    axes.bar_label(bars, padding=3)
    axes.set_xlim(0, most * 1.08)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="y", length=0)
    said = f"{group['title']}: " + ", ".join(f"{n} {c}" for n, c in zip(names, counts, strict=True))
    drawn = svg.drawn(figure, said)
    return f"\n## {group['title']}\n" + html.raw(f'<figure class="chart">{drawn}</figure>')
