"""Peak extra memory of forward and backward, as a multiple of the bytes of input and output.

Counted is all that a call needs at its highest beyond what was in use before it: its result, what
it keeps for `backward`, and what it frees again. Each is the first call of a new layer in a new
process, with float32.
"""

import numpy as np

from .contestants import Contestant
from .plan import Plan
from .process import Failed, Process
from .record import Record
from .workloads import WORKLOADS, Conv, to_json

DTYPE = "float32"
SMALL = Conv((1, 1, 8, 8), filters=1, kernel=3)


def steps(plan: Plan, contestants: list[Contestant]) -> int:
    """Return how many steps the section has."""
    return len(plan.memory) * len(contestants)


def measure(plan: Plan, contestants: list[Contestant], record: Record) -> None:
    """Fill `results["memory"]`, by workload and part."""
    for name in plan.memory:
        task = WORKLOADS[name].task
        assert isinstance(task, Conv)
        arrays = np.dtype(DTYPE).itemsize * int(np.prod(task.images) + np.prod(task.output))
        for contestant in contestants:
            record.step(f"memory {name}, {contestant.name}")
            try:
                with Process(contestant.but(allocator="returning")) as process:
                    peaks = process.ask(
                        "peak", task=to_json(task), small=to_json(SMALL), dtype=DTYPE
                    )
            except Failed as failure:
                record.missing(contestant.name, f"memory {name}", str(failure))
                continue
            for part, peak in peaks.items():
                cell = record.results["memory"].setdefault(f"{name} {part}", {})
                cell[contestant.name] = peak / arrays
