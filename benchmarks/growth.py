"""How the time of the reference grows: the slope in a log-log plot over two decades.

A slope of 1 is twice the time for twice the images, pixels or input channels. Forward and backward
together, float32. Each round over all sizes gives a slope; reported is their median. The slope of
the limit stands beside it: it is more than 1 where the larger arrays no longer fit into the cache.
"""

from contextlib import ExitStack
from itertools import product
from typing import Any

import numpy as np

from .contestants import Contestant
from .group import OURS, Burst
from .plan import Plan
from .process import Failed, Process
from .record import Record
from .turns import median, summary, take_turns
from .workloads import Conv, MaxPool, Task, to_json


def task(curve: str, size: int) -> Task:
    """Return the task of a size: images, pixels of a side, or input channels."""
    kind, _, axis = curve.partition(", ")
    if kind == "conv":
        N, C, H = {"batch": (size, 16, 28), "area": (8, 16, size), "channels": (8, size, 28)}[axis]
        return Conv((N, C, H, H), filters=32, kernel=3, padding=1)
    N, H = {"batch": (size, 28), "area": (8, size)}[axis]
    return MaxPool((N, 16, H, H), 2, stride=2)


SIZES = {  # the smallest and the largest: 100 times as many elements
    "conv, batch": (4, 400),
    "conv, area": (16, 160),
    "conv, channels": (3, 300),
    "pool, batch": (8, 800),
    "pool, area": (32, 320),
}


def steps(plan: Plan) -> int:
    """Return how many steps the section has."""
    return len(plan.curves)


def measure(plan: Plan, contestants: list[Contestant], record: Record) -> None:
    """Fill `results["growth"]`, by curve: times of the reference, slopes of it and of the limit."""
    for curve in plan.curves:
        record.step(f"growth: {curve}")
        try:
            record.results["growth"][curve] = _curve(curve, plan, contestants)
        except Failed as failure:
            record.missing(OURS, f"growth: {curve}", str(failure))


def _curve(curve: str, plan: Plan, contestants: list[Contestant]) -> dict[str, Any]:
    low, high = SIZES[curve]
    sizes = np.geomspace(low, high, plan.points).round().astype(int).tolist()
    if curve.endswith("area"):
        sizes = [size + size % 2 for size in sizes]
    with ExitStack() as stack:
        bursts = {}
        for who, size in product((c for c in contestants if c.name in (OURS, "limit")), sizes):
            process = stack.enter_context(Process(who))
            process.ask("prepare", task=to_json(task(curve, size)), dtype="float32")
            first = process.ask("burst", part="both", calls=1)
            bursts[f"{who.name} {size}"] = Burst(process, "both", plan.burst, first)
        times = take_turns(bursts, plan.growth_rounds, {}, _give_up)
    elements = [size**2 if curve.endswith("area") else size for size in sizes]

    def slope(who: str) -> dict[str, Any]:
        rounds = zip(*(times[f"{who} {size}"] for size in sizes), strict=True)
        logs = (np.log(np.array(row, dtype=float)) for row in rounds)
        return summary([float(np.polyfit(np.log(elements), row, 1)[0]) for row in logs])

    return {
        "elements": elements,
        "ms": [1000 * (median(times[f"{OURS} {size}"]) or 0) for size in sizes],
        "slope": slope(OURS),
        "limit": slope("limit"),
    }


def _give_up(name: str, failure: Failed) -> None:
    raise failure
