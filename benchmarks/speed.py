"""The workloads: the reference, PyTorch, the limit and the peers, in turns."""

from typing import Any

from .contestants import Contestant
from .group import OURS, Group
from .plan import Plan
from .record import Record
from .turns import Times, median, ratio
from .workloads import WORKLOADS


def steps(plan: Plan) -> int:
    """Return how many steps the section has."""
    return (3 if plan.variants else 1) * len(plan.workloads) * len(plan.dtypes)


def measure(plan: Plan, contestants: list[Contestant], record: Record) -> None:
    """Fill `results["speed"]`, by workload, part and dtype.

    The first contestant is the reference. The ratios are its time as a multiple of another's: under
    "ratio" in equal conditions, with one thread and raised thresholds; under "untouched" without
    raised thresholds, to itself with them and to PyTorch without; under "two threads" with two.
    """
    cells = record.results["speed"]
    untouched = [
        c.but(name=f"{c.name}, untouched", allocator="untouched")
        for c in contestants
        if c.name in (OURS, "torch")
    ]
    two = [
        c.but(name=f"{c.name}, two threads", threads=2)
        for c in contestants
        if c.name in (OURS, "torch", "limit")
    ]
    for name in plan.workloads:
        slow: set[str] = set()
        for dtype in plan.dtypes:
            record.step(f"{name} {dtype}")
            group = [c for c in contestants if c.name not in slow]
            for cell, times in _group(group, name, dtype, plan.rounds, plan, record, slow):
                cells[cell] = {
                    "ms": {who: _milliseconds(values) for who, values in times.items()},
                    "ratio": _ratios(times, OURS),
                }
            if not plan.variants:
                continue
            for variant, group in (
                ("untouched", [contestants[0], *untouched]),
                ("two threads", two),
            ):
                record.step(f"{name} {dtype}, {variant}")
                for cell, times in _group(group, name, dtype, plan.variants, plan, record, slow):
                    cells.setdefault(cell, {})[variant] = _ratios(times, f"{OURS}, {variant}")


def _group(
    group: list[Contestant],
    name: str,
    dtype: str,
    rounds: int,
    plan: Plan,
    record: Record,
    slow: set[str],
) -> list[tuple[str, Times]]:
    """Measure some contestants side by side; add to `slow` who took too long."""
    found, workload = [], WORKLOADS[name]
    with Group(group, workload.task, dtype, plan, record) as running:
        for part in workload.parts:
            cell = f"{name} {part} {dtype}"
            found.append((cell, running.measure(part, cell, rounds)))
    slow |= running.too_slow
    return found


def _ratios(times: Times, base: str) -> dict[str, Any]:
    found = {who: ratio(times, base, who) for who in times if who != base}
    return {who.split(",")[0]: value for who, value in found.items() if value is not None}


def _milliseconds(values: list[float | None]) -> float | None:
    seconds = median(values)
    return None if seconds is None else 1000 * seconds
