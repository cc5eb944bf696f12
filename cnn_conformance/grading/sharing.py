"""The checks of a run, shared out between processes that grade: a core that idles grades, too.

Each process has the units that it grades to itself, and a worker of its own to grade them with.
A network's checks wait for all others, whose results explain its own.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from cnn_conformance import units
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading.session import Session
from cnn_conformance.oracle import specification

START = 250
"""How many checks could be run in the time that a further process takes to start."""
MOST = 4
"""How many processes share a run, unless it is said: each has the memory of a whole one."""


def usual() -> int:
    """Return how many processes may share a run here: one, where they cannot share memory."""
    return min(MOST, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1


def run(session: Session, keys: Sequence[str], processes: int) -> Iterator[CaseResult]:
    """Run checks and yield their results, those of other processes where they come.

    Parameters
    ----------
    session : Session
        Which keeps all results.
    keys : sequence of str
        The checks, in their order.
    processes : int
        How many may grade at a time, this one included.
    """
    requirements = specification.requirements()
    units_of = {key: requirements[manifest()[key].requirement].unit for key in keys}
    last = [key for key in keys if units_of[key] == units.NETWORK]
    rest = [key for key in keys if units_of[key] != units.NETWORK]
    implementation = session.implementation
    can_share = implementation.objects is None and implementation.isolation != "none"
    mine, *others = shares(rest, processes if can_share else 1)
    helpers = [_Helper(session, share) for share in others]
    try:
        yield from map(session.run, mine)
        for helper in helpers:
            yield from helper.results()
        yield from map(session.run, last)
    finally:
        for helper in helpers:
            helper.end()


def shares(keys: Sequence[str], processes: int) -> list[list[str]]:
    """Return what each process grades: whole files of checks, the largest first, evenly.

    Parameters
    ----------
    keys : sequence of str
        The checks, in their order, which each share keeps.
    processes : int
        How many there may be. A process that would save no time has no share.
    """
    stems = [manifest()[key].stem for key in keys]
    load = [0, *[START] * (processes - 1)]
    made: list[list[str]] = [[] for _ in load]
    share_of = {}
    for stem, count in Counter(stems).most_common():
        least = load.index(min(load))
        load[least] += count
        share_of[stem] = made[least]
    for key, stem in zip(keys, stems, strict=True):
        share_of[stem].append(key)
    return [made[0], *filter(None, made[1:])]


class _Helper:
    """A process that grades a share: a copy of this one, as it is now."""

    def __init__(self, session: Session, keys: list[str]) -> None:
        self._session = session
        self._keys = keys
        context: Any = multiprocessing.get_context("fork")
        self._told, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_grade, args=(session, keys, theirs), daemon=True)
        with warnings.catch_warnings():  # of threads: those of numpy's BLAS stop for a fork
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()

    def results(self) -> Iterator[CaseResult]:
        """Yield the results; whatever has become of the process, every check has one."""
        with suppress(EOFError, OSError):
            results, seen = self._told.recv()
            self._session.implementation.add(seen)
            self._session.results.update({result.key: result for result in results})
            yield from results
        yield from (self._session.run(k) for k in self._keys if k not in self._session.results)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.terminate()
        self._process.join()
        self._told.close()


def _grade(session: Session, keys: list[str], tell: Connection) -> None:
    """Grade a share with a worker of its own, and tell what came of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who has started this one ends it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    implementation = session.implementation.twin()
    try:
        mine = Session(implementation, session.grader.fixtures, session.worth, session.only)
        results = [mine.run(key) for key in keys]
        implementation.end()
        if not implementation.grader_problem:  # whoever can grade tries again
            tell.send((results, implementation.seen()))
    finally:
        implementation.end()
