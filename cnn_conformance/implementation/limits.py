"""How much time and memory the code under test may take, and what the grader itself is allowed."""

from __future__ import annotations

import argparse
import resource
from dataclasses import dataclass

SLEEP_FACTOR = 4
"""How many times as long as it may compute, the code under test may sleep."""
PROCESSES = 256
FILE_BYTES = 64 << 20
SECONDS_TO_OBEY = 5
"""Seconds between the signal that ends a process for its computing, and the one that kills it."""


@dataclass(frozen=True)
class Limits:
    """What the code under test may use.

    Parameters
    ----------
    call : float
        Seconds of computing for each call, of all processes together.
    load : float
        Seconds of computing for the import.
    run : float
        Seconds of computing for everything together.
    memory : int
        Bytes.
    """

    call: float = 10.0
    load: float = 30.0
    run: float = 300.0
    memory: int = 2 << 30

    @classmethod
    def given(cls, options: argparse.Namespace) -> Limits:
        """Return the limits that options of a command ask for."""
        return cls(
            options.call_timeout,
            options.import_timeout,
            options.run_timeout,
            int(options.memory_limit * 2**30),
        )


def inherited(kind: int) -> float:
    """Return the limit of a kind that this process has got from what has started it."""
    limits = [float(v) for v in resource.getrlimit(kind) if v != resource.RLIM_INFINITY]
    return min(limits, default=float("inf"))


def lower(kind: int, wanted: int, margin: int = 0) -> None:
    """Set a limit for this process and what it starts, or leave the inherited one if that is lower.

    Parameters
    ----------
    kind : int
        One of `resource.RLIMIT_*`.
    wanted : int
        The limit.
    margin : int
        By how much it may be exceeded after the signal that comes with it.
    """
    allowed = inherited(kind)
    hard = int(min(wanted + margin, allowed))
    resource.setrlimit(kind, (max(0, min(wanted, hard - bool(margin))), hard))


def memory_of_grader() -> float:
    """Return the bytes of memory that a process may have by inherited limits."""
    return min(inherited(resource.RLIMIT_DATA), inherited(resource.RLIMIT_AS))


def cpu_of_grader() -> float:
    """Return the seconds of computing that a process may have by an inherited limit."""
    return inherited(resource.RLIMIT_CPU)
