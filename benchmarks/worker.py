"""One contestant in a process of its own.

It reads commands, a line of JSON each, and answers each with a line of JSON: {"value": ...}, or
{"error": text}. What an adapter prints goes to standard error.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from . import machine, peaks
from .contestants import FUNCTIONS, load
from .inputs import inputs
from .workloads import Task, from_json

Calls = dict[str, Callable[[], Any]]


class Worker:
    """The commands; `calls` are those of the task that was prepared last."""

    def __init__(self, adapter: str, checkout: str) -> None:
        self.module = load(Path(adapter), checkout)
        self.calls: Calls = {}
        # With one thread, seconds of the processor: a neighbour that takes it costs nothing.
        one = os.environ["OMP_NUM_THREADS"] == "1"
        self.clock = time.process_time if one else time.perf_counter

    def describe(self) -> dict[str, Any]:
        """Return versions and threads."""
        own = getattr(self.module, "describe", None)
        return own() if own else machine.numpy_and_blas()

    def prepare(self, task: dict[str, Any], dtype: str) -> None:
        """Get a task ready."""
        self.calls = self._calls(from_json(task), dtype)

    def _calls(self, task: Task, dtype: str) -> Calls:
        name = FUNCTIONS[type(task)]
        if not hasattr(self.module, name):
            raise NotImplementedError(f"the adapter has no {name}")
        calls: Calls = getattr(self.module, name)(task, **inputs(task, dtype))
        if "backward" in calls:
            calls.setdefault("both", lambda: (calls["forward"](), calls["backward"]())[1])
        return calls

    def first(self, part: str) -> dict[str, Any]:
        """Do a part once, and return its seconds and a print of its numbers."""
        start = self.clock()
        result = self.calls[part]()
        return {"seconds": self.clock() - start, "print": fingerprint(result)}

    def burst(self, part: str, calls: int) -> float:
        """Do a part some times, and return the seconds that it took."""
        call = self.calls[part]
        start = self.clock()
        for _ in range(calls):
            call()
        return self.clock() - start

    def peak(self, task: dict[str, Any], small: dict[str, Any], dtype: str) -> dict[str, int]:
        """Return the bytes that forward and backward of a task need, each with a new layer.

        `small` is a task of the same kind that brings in what is loaded late.
        """
        for warm in self._calls(from_json(small), dtype).values():
            warm()
        measure = peaks.WAYS[getattr(self.module, "MEMORY", "traced")]
        found = {"forward": measure(self._calls(from_json(task), dtype)["forward"])}
        calls = self._calls(from_json(task), dtype)
        calls["forward"]()
        return found | {"backward": measure(calls["backward"])}


def fingerprint(result: Any) -> list[tuple[float, float]]:
    """Return, for each array of a result, its projection on random numbers, and its norm."""
    prints = []
    for array in result if isinstance(result, list | tuple) else [result]:
        if array is not None:
            values = np.asarray(array, dtype=np.float64).ravel()
            direction = np.random.default_rng(7).standard_normal(values.size)
            prints.append((float(values @ direction), float(np.linalg.norm(values))))
    return prints


def main(adapter: str, checkout: str) -> None:
    """Answer commands until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker: Worker | None = None
    for line in sys.stdin:
        command, arguments = json.loads(line)
        try:
            worker = worker or Worker(adapter, checkout)
            answer = {"value": getattr(worker, command)(**arguments)}
        except NotImplementedError as error:
            answer = {"error": str(error)}
        except Exception as error:  # an adapter calls code that is not ours
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
