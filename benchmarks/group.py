"""Contestants with the same task, side by side, each in a process of its own."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from .contestants import Contestant
from .plan import Plan
from .process import Failed, Process, TooSlow
from .record import Record
from .turns import Times, take_turns
from .workloads import Task, to_json

OURS = "reference"
ONCE_SECONDS = 2.0  # a peer's call that takes longer is not repeated: its first one counts
PRECISION = 1e-3  # of the norm: what computes something else is off by far more


class Burst:
    """One contestant's bursts of a part: calling it gives the seconds of one call."""

    def __init__(self, process: Process, part: str, seconds: float, first: float) -> None:
        self.process, self.part = process, part
        self.calls = max(1, round(seconds / first))
        self.calls = max(1, round(seconds / self()))  # warm by now

    def __call__(self) -> float:
        """Return the seconds of one call, as the mean of a burst."""
        seconds: float = self.process.ask("burst", part=self.part, calls=self.calls)
        return seconds / self.calls


class Group:
    """The processes of some contestants, ready for a task.

    Who cannot do it, does it wrong or is too slow is noted in the record and leaves the group.
    """

    def __init__(
        self, contestants: list[Contestant], task: Task, dtype: str, plan: Plan, record: Record
    ) -> None:
        self.contestants, self.task, self.dtype = contestants, task, dtype
        self.plan, self.record = plan, record
        self.what = ""
        self.too_slow: set[str] = set()
        self.stack = ExitStack()
        self.running: dict[str, Process] = {}

    def __enter__(self) -> Self:
        for c in self.contestants:
            self.running[c.name] = self.stack.enter_context(Process(c))
        for process in self.running.values():  # they get ready side by side
            process.send("prepare", task=to_json(self.task), dtype=self.dtype)
        for name, process in list(self.running.items()):
            try:
                process.receive()
            except Failed as failure:
                self.drop(name, failure)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stack.close()

    def drop(self, name: str, failure: Failed) -> None:
        """Go on without someone."""
        self.record.missing(name, self.what, str(failure))
        self.running.pop(name, None)
        if isinstance(failure, TooSlow):
            self.too_slow.add(name)

    def measure(self, part: str, what: str, rounds: int) -> Times:
        """Return the times of all who can do a part, `what` for the record."""
        self.what = what
        bursts, alone, expected = {}, {}, None
        for name, process in list(self.running.items()):
            try:
                first = process.ask("first", self.plan.patience, part=part)
                expected = first["print"] if name == OURS else expected
                compare(first["print"], expected)
                if process.contestant.peer and first["seconds"] > ONCE_SECONDS:
                    alone[name] = first["seconds"]
                else:
                    bursts[name] = Burst(process, part, self.plan.burst, first["seconds"])
            except Failed as failure:
                self.drop(name, failure)
        budgets = {c.name: self.plan.budget for c in self.contestants if c.peer}
        times = take_turns(bursts, rounds, budgets, self.drop)
        return times | {name: [seconds] for name, seconds in alone.items()}


def compare(found: list[list[float]], expected: list[list[float]] | None) -> None:
    """Raise `Failed` if someone's numbers are not those of the reference.

    Both are lists of projection and norm; who returns nothing (the limit) has none.
    """
    for index, ((a, _), (b, norm)) in enumerate(zip(found, expected or [], strict=False)):
        if not abs(a - b) <= PRECISION * norm:
            raise Failed(f"array {index} of its result is not the reference's")
