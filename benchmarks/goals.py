"""The goals, as data: each a ratio that is to stay below a number, or within two."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FLOAT32, FLOAT64 = ("float32",), ("float64",)
BOTH = FLOAT32 + FLOAT64

SPEED = (  # part of a workload, dtypes, the time of whom, at most so many times
    ("W2 step", BOTH, "torch", 0.65),
    ("W2 step", BOTH, "limit", 1.8),
    ("W1 forward", BOTH, "limit", 1.15),
    ("W1 backward", BOTH, "limit", 1.5),
    ("W3 forward", BOTH, "limit", 1.10),
    ("W3 backward", BOTH, "limit", 1.20),
    ("W4 forward", BOTH, "limit", 1.35),
    ("W4 backward", BOTH, "limit", 1.7),
    ("W1 forward", FLOAT64, "torch", 0.9),
    ("W1 backward", FLOAT64, "torch", 0.9),
    ("W3 forward", FLOAT64, "torch", 0.9),
    ("W3 backward", FLOAT64, "torch", 0.9),
    ("W4 forward", FLOAT64, "torch", 0.9),
    ("W4 backward", FLOAT64, "torch", 0.9),
    ("W5a both", FLOAT32, "torch", 0.33),
    ("W5a both", FLOAT64, "torch", 0.4),
    ("W5b both", FLOAT32, "torch", 0.33),
    ("W5b both", FLOAT64, "torch", 0.4),
    ("W6 both", BOTH, "torch", 0.8),
)
MEMORY = {"forward": 1.25, "backward": 1.5}  # times input plus output
MEASURED_MEMORY = ("W1", "W3", "W4")
SLOPE = (0.95, 1.05)
SLOPES = ("conv, batch", "conv, area", "pool, batch", "pool, area")
CORE_RUN_TO_FLOOR = 2.5
LOOPS_SECONDS = 15.0


@dataclass(frozen=True)
class Goal:
    """A figure of the results, and where it is to be.

    Attributes
    ----------
    what, unit : str
        What is measured, and as a multiple of what.
    path : tuple of str
        Where `results` has it: a number, or a ratio with its spread.
    low, high : float
        The figure is to be in between.
    """

    what: str
    unit: str
    path: tuple[str, ...]
    high: float
    low: float = 0.0

    def figure(self, results: dict[str, Any]) -> dict[str, float] | None:
        """Return median, low and high quartile; None if it was not measured."""
        value: Any = results
        for key in self.path:
            value = value.get(key) if isinstance(value, dict) else None
        return (
            dict.fromkeys(("median", "low", "high"), value) if isinstance(value, float) else value
        )

    def met(self, results: dict[str, Any]) -> bool | None:
        """Return whether the median is where it is to be; None if it was not measured."""
        figure = self.figure(results)
        return None if figure is None else self.low <= figure["median"] <= self.high


def goals() -> Iterator[Goal]:
    """Yield all goals, in the order of the table."""
    for part, dtypes, whom, most in SPEED:
        for dtype in dtypes:
            cell = f"{part} {dtype}"
            yield Goal(cell, f"time of {whom}", ("speed", cell, "ratio", whom), most)
    for name in MEASURED_MEMORY:
        for part, most in MEMORY.items():
            cell = f"{name} {part}"
            unit = "input plus output"
            yield Goal(f"{cell}, extra memory", unit, ("memory", cell, "reference"), most)
    for curve in SLOPES:
        yield Goal(f"growth: {curve}", "slope", ("growth", curve, "slope"), SLOPE[1], SLOPE[0])
    core = ("grading", "reference", "ratio")
    yield Goal("core grading run, reference", "floor", core, CORE_RUN_TO_FLOOR)
    loops = ("grading", "loops", "seconds")
    yield Goal("core grading run, pure-Python loops", "seconds", loops, LOOPS_SECONDS)
