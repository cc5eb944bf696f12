"""The results as pictures: one file for each section, of names that stay the same."""

from itertools import product
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from .goals import CORE_RUN_TO_FLOOR, LOOPS_SECONDS, MEMORY, SPEED
from .workloads import WORKLOADS

Results = dict[str, Any]
COLORS = {"float32": "#3b6ea8", "float64": "#e08f3c"}
SHIFTS = {"float32": -0.2, "float64": 0.2}
OTHERS = ("#3b6ea8", "#e08f3c", "#5a9e6f", "#a8557f", "#7a7a7a", "#b5a642")
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "savefig.dpi": 110,
    "figure.titlesize": 10,
}


def draw(results: Results, folder: Path) -> list[Path]:
    """Write a picture of each section that was measured; return the files."""
    written = []
    with matplotlib.rc_context(STYLE):
        for name, function in PICTURES.items():
            if results[name]:
                figure = function(results)
                path = folder / f"{name}.png"
                figure.savefig(path)
                written.append(path)
    return written


def speed(results: Results) -> Figure:
    """Return bars of the reference's time as a multiple of others': to the left of 1 it is faster.

    Of pooling, forward and backward together stand for both.
    """
    cells = {k: c for k, c in results["speed"].items() if "ratio" in c}
    works = [
        f"{w.name} {part}"
        for w in WORKLOADS.values()
        for part in (w.parts if "both" not in w.parts else ("both",))
        if any(key.startswith(f"{w.name} {part} ") for key in cells)
    ]
    others = list(dict.fromkeys(who for c in cells.values() for who in c["ratio"]))
    figure = Figure(figsize=(2.6 * len(others) + 1.6, 0.4 * len(works) + 1.5), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(others), sharey=True))
    there = [d for d in COLORS if any(key.endswith(d) for key in cells)]
    shifts = SHIFTS if len(there) > 1 else dict.fromkeys(there, 0.0)
    for ax, who in zip(axes, others, strict=True):
        drawn = []
        for (y, work), dtype in product(enumerate(works), there):
            ratio = cells.get(f"{work} {dtype}", {}).get("ratio", {}).get(who)
            most = next((m for w, d, o, m in SPEED if (w, o) == (work, who) and dtype in d), None)
            if ratio:
                drawn.append(_bar(ax, y + shifts[dtype], ratio, COLORS[dtype], 1, most))
        ax.axvline(1, color="black", lw=0.8)
        ax.set_xscale("log")
        span = max([2, *drawn]) / min([1, *drawn])
        room = span**0.25  # for the numbers
        ax.set_xlim(min([1, *drawn]) / room / 1.2, max([1, *drawn]) * room * 1.2)
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if span < 100 else (1,)))
        _plain_numbers(ax.xaxis)
        ax.set_title(f"to {who}", fontweight="bold")
    axes[0].set_yticks(range(len(works)), [_label(work) for work in works])
    axes[0].invert_yaxis()
    handles: list[Artist] = [Patch(color=COLORS[d], label=d) for d in there]
    handles.append(Line2D([], [], color="black", lw=2.2, label="goal: at most"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    figure.suptitle(
        "Time of the reference as a multiple of others', one thread: left of 1 it is the faster one"
    )
    return figure


def _label(work: str) -> str:
    name, part = work.split()
    return WORKLOADS[name].short + {"step": " step", "both": ""}.get(part, f", {part}")


def _bar(
    ax: Axes,
    y: float,
    ratio: dict[str, float],
    color: str,
    start: float = 0,
    goal: float | None = None,
) -> float:
    """Draw a bar with its quartiles, its goal and its number, which is returned."""
    value = ratio["median"]
    if goal is not None:
        ax.plot([goal, goal], [y - 0.2, y + 0.2], color="black", lw=2.2, solid_capstyle="butt")
    ends = [value, ratio["low"], ratio["high"]]
    ends += [goal] if goal is not None and 1 / 1.7 < goal / value < 1.7 else []
    ax.barh(y, value - start, left=start, height=0.38, color=color)
    ax.plot([ratio["low"], ratio["high"]], [y, y], color="#222222", lw=0.9)
    left = value < start
    ax.annotate(
        f"{value:.2g}",
        (min(ends) if left else max(ends), y),
        xytext=(-3 if left else 3, 0),
        textcoords="offset points",
        va="center",
        ha="right" if left else "left",
        fontsize=7,
    )
    return value


def _plain_numbers(axis: Axis) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def memory(results: Results) -> Figure:
    """Return bars of peak extra memory, by work and contestant."""
    cells = results["memory"]
    whom = list(dict.fromkeys(who for c in cells.values() for who in c))
    figure = Figure(figsize=(1.3 * len(cells) + 1.5, 3.2), layout="constrained")
    ax = figure.subplots()
    width = 0.8 / max(1, len(whom))
    for index, who in enumerate(whom):
        xs = [x + (index - (len(whom) - 1) / 2) * width for x in range(len(cells))]
        ys = [c.get(who, np.nan) for c in cells.values()]
        bars = ax.bar(xs, ys, width * 0.92, color=OTHERS[index % len(OTHERS)], label=who)
        ax.bar_label(bars, fmt="%.2g", fontsize=7, padding=4 if who == "reference" else 0)
    for x, name in enumerate(cells):
        goal = MEMORY[name.split()[1]]
        ends = [x - 0.44, x - 0.36 + width]  # of the bar of the reference, the first
        ax.plot(ends, [goal, goal], color="black", lw=1.6)
    ax.plot([], [], color="black", lw=1.6, label="goal: at most")
    ax.set_xticks(range(len(cells)), [_label(name).replace(", ", ",\n") for name in cells])
    ax.set_ylabel("times input plus output")
    ax.set_title("Peak extra memory of a convolution")
    figure.legend(ncols=3, loc="outside lower center")
    return figure


def growth(results: Results) -> Figure:
    """Return the time over the number of images, pixels or channels."""
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    ax = figure.subplots()
    for color, (name, c) in zip(OTHERS * 2, results["growth"].items(), strict=False):
        label = f"{name}: slope {c['slope']['median']:.2f} (limit {c['limit']['median']:.2f})"
        relative = np.array(c["elements"]) / c["elements"][0]
        ax.plot(relative, np.array(c["ms"]) / c["ms"][0], "o-", ms=3, color=color, label=label)
    ax.plot([1, 100], [1, 100], color="gray", ls=":", label="slope 1")
    ax.set_xscale("log")
    ax.set_yscale("log")
    _plain_numbers(ax.xaxis)
    _plain_numbers(ax.yaxis)
    ax.set_xlabel("images, pixels or channels, times the smallest")
    ax.set_ylabel("time, times the smallest")
    ax.set_title("How the reference's time grows (forward and backward, float32)")
    ax.legend()
    return figure


def grading(results: Results) -> Figure:
    """Return bars of the seconds of grading runs."""
    runs = {name: c["seconds"] for name, c in results["grading"].items()}
    goals = {"loops": LOOPS_SECONDS}
    if "floor" in runs:
        goals["reference"] = CORE_RUN_TO_FLOOR * runs["floor"]["median"]
    figure = Figure(figsize=(6.5, 0.4 * len(runs) + 1), layout="constrained")
    ax = figure.subplots()
    for y, (name, seconds) in enumerate(runs.items()):
        color = "#7a7a7a" if name == "floor" else COLORS["float32"]
        _bar(ax, y, seconds, color, goal=goals.get(name))
    ax.plot([], [], color="black", lw=2.2, label="goal: at most")
    figure.legend(loc="outside lower center")
    ax.set_yticks(range(len(runs)), list(runs))
    ax.invert_yaxis()
    ax.set_xlabel("seconds")
    ax.set_title("A grading run, against an empty one with the same imports (floor)")
    return figure


PICTURES = {"speed": speed, "memory": memory, "growth": growth, "grading": grading}
