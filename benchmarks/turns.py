"""Times taken in turns, and ratios of them.

A machine that is shared slows everything down for a while, so a time means little, and a ratio of
two times taken one after the other means much. The median of many such ratios is reported, with
its quartiles as its spread.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from .process import Failed

Times = dict[str, list[float | None]]
Ratio = dict[str, Any]


def take_turns(
    contestants: Mapping[str, Callable[[], float]],
    rounds: int,
    budgets: Mapping[str, float],
    failed: Callable[[str, Failed], None],
) -> Times:
    """Let everyone measure once a round, every other round in the opposite order.

    Parameters
    ----------
    contestants : dict
        By name, what returns the seconds of one measurement, per call, or raises `Failed`.
    rounds : int
    budgets : dict
        By name: who has used up so many seconds sits out the rounds that are left.
    failed : callable
        Told the name of who failed, and how; the others go on.

    Returns
    -------
    dict
        By name, the seconds of each round, None where there was no measurement.
    """
    times: Times = {name: [] for name in contestants}
    spent, out = dict.fromkeys(contestants, 0.0), set[str]()
    for turn in range(rounds):
        for name in list(contestants)[:: -1 if turn % 2 else 1]:
            value = None
            if spent[name] < budgets.get(name, float("inf")) and name not in out:
                try:
                    value, seconds = _timed(contestants[name])
                    spent[name] += seconds
                except Failed as failure:
                    failed(name, failure)
                    out.add(name)
            times[name].append(value)
    return times


def _timed(measure: Callable[[], float]) -> tuple[float, float]:
    start = time.perf_counter()
    value = measure()
    return value, time.perf_counter() - start


def summary(values: list[float]) -> Ratio:
    """Return median, quartiles and number of some ratios."""
    if len(values) < 2:
        low = median = high = values[0]
    else:
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "low": low, "high": high, "bursts": len(values)}


def ratio(times: Times, name: str, other: str) -> Ratio | None:
    """Return how long one took as a multiple of another, of the same rounds; None without any."""
    pairs = zip(times.get(name, []), times.get(other, []), strict=False)
    values = [a / b for a, b in pairs if a is not None and b is not None]
    return summary(values) if values else None


def median(values: list[float | None]) -> float | None:
    """Return the median of what was measured; None if nothing was."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
