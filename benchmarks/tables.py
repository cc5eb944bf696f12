"""The results as tables of at most 100 columns."""

import math
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from tabulate import tabulate

from .goals import goals
from .workloads import WORKLOADS

Results = dict[str, Any]
UNKNOWN = "-"


def render(results: Results) -> str:
    """Return all tables of what was measured, and below them what was not."""
    return "\n\n".join(
        part
        for function in (machine, speed, variants, memory, growth, grading, met, missing)
        for part in function(results)
    )


def cell(ratio: dict[str, float] | None, digits: int = 2) -> str:
    """Return a median with its quartiles, such as `0.65 (0.63-0.70)`."""
    if ratio is None:
        return UNKNOWN
    size = abs(ratio["median"])
    if 0 < size < 0.095:
        digits = 1 - math.floor(math.log10(size))  # two that mean something
    elif size >= 9.95:
        digits = 1
    median, low, high = (f"{ratio[key]:.{digits}f}" for key in ("median", "low", "high"))
    return f"{median} ({low}-{high})" if ratio.get("bursts", 1) > 1 else median


def table(title: str, rows: list[list[str]], headers: list[str]) -> Iterator[str]:
    """Yield a table under its title, if it has rows."""
    if rows:
        text = tabulate(rows, headers, disable_numparse=True, maxcolwidths=60)
        yield f"{title}\n{text}"


def machine(results: Results) -> Iterator[str]:
    about = dict(results["machine"])
    versions = about.pop("versions")
    lines = [", ".join(f"{k} {v}" for k, v in about.items())]
    lines += [", ".join(f"{k} {v}" for k, v in versions.items())]
    lines += [f"{name}: {_pairs(what)}" for name, what in results["runtimes"].items()]
    seconds = results["settings"].get("seconds", {})
    lines += ["seconds: " + _pairs(seconds)] if seconds else []
    yield "\n".join(wrapped for line in lines for wrapped in wrap(line, 100))


def _pairs(what: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v}" for k, v in what.items())


def speed(results: Results) -> Iterator[str]:
    """Yield, for each dtype, the time of the reference as a multiple of the others'."""
    cells = results["speed"]
    others = list(dict.fromkeys(who for c in cells.values() for who in c.get("ratio", {})))
    for dtype in ("float32", "float64"):
        rows = [
            [name.removesuffix(f" {dtype}"), _number(c["ms"].get("reference"))]
            + [cell(c["ratio"].get(who)) for who in others]
            for name, c in cells.items()
            if name.endswith(dtype) and "ratio" in c
        ]
        title = (
            f"{dtype}: the reference's time relative to the others' (one thread; below 1, the "
            "reference is faster;\nmedian and quartiles)"
        )
        yield from table(title, rows, ["work", "ms", *others])
    if cells:
        used = {name.split()[0] for name in cells}
        yield "\n".join(f"{w.name}: {w.what}" for w in WORKLOADS.values() if w.name in used)


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3g}"


def variants(results: Results) -> Iterator[str]:
    rows = []
    for name, c in results["speed"].items():
        untouched, two = c.get("untouched", {}), c.get("two threads", {})
        if untouched or two:
            figures = [untouched.get("reference"), untouched.get("torch")]
            figures += [two.get("torch"), two.get("limit")]
            rows.append([name, *map(cell, figures)])
    yield from table(
        "The reference where the allocator is left as it is (to itself with raised thresholds; to "
        "torch, left\nas well), and with two threads (to torch and the limit with two; never a "
        "goal)",
        rows,
        ["work", "left: itself", "left: torch", "two: torch", "two: limit"],
    )


def memory(results: Results) -> Iterator[str]:
    cells = results["memory"]
    whom = list(dict.fromkeys(who for c in cells.values() for who in c))
    rows = [
        [name, *(f"{c[who]:.2f}" if who in c else UNKNOWN for who in whom)]
        for name, c in cells.items()
    ]
    yield from table("Peak extra memory, as a multiple of input plus output", rows, ["work", *whom])


def growth(results: Results) -> Iterator[str]:
    rows = [
        [
            name,
            f"{c['elements'][0]} to {c['elements'][-1]}",
            f"{c['ms'][0]:.3g} to {c['ms'][-1]:.3g}",
            cell(c["slope"]),
            cell(c["limit"]),
        ]
        for name, c in results["growth"].items()
    ]
    yield from table(
        "Growth of the reference's time, forward and backward, float32",
        rows,
        ["what grows", "elements", "ms", "slope", "the limit's"],
    )


def grading(results: Results) -> Iterator[str]:
    rows = [[name, cell(c["seconds"]), cell(c["ratio"])] for name, c in results["grading"].items()]
    batch = results["batch"]
    if batch:
        ratio = cell(batch["ratio"]) + f" of {batch['copies']} single runs"
        rows.append([f"batch of {batch['copies']}", cell(batch["seconds"]["batch"]), ratio])
    yield from table("Grading runs", rows, ["run", "seconds", "to the floor"])


def met(results: Results) -> Iterator[str]:
    rows = []
    for goal in goals():
        verdict = goal.met(results)
        if verdict is not None:
            bound = f"at most {goal.high:g}" if not goal.low else f"{goal.low:g} to {goal.high:g}"
            figure = cell(goal.figure(results))
            rows.append([goal.what, goal.unit, bound, figure, "met" if verdict else "MISSED"])
    yield from table("Goals", rows, ["what", "as a multiple of", "goal", "measured", ""])
    if rows:
        yield f"{sum(row[-1] == 'met' for row in rows)} of {len(rows)} goals met"


def missing(results: Results) -> Iterator[str]:
    rows = [[m["who"], m["what"], m["reason"]] for m in results["missing"]]
    yield from table("Not measured", rows, ["who", "what", "reason"])
