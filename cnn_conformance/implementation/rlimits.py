"""Limits that the kernel enforces for a process: those to be set, and those that are inherited.

Windows has none; no other module that is imported at level `none` needs this one.
"""

from __future__ import annotations

import resource


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
