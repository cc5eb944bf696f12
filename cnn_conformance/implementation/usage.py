"""What a process and all below it use: computing, sleep and memory.

A grade must not depend on what else a machine has to do. So time is not what a clock on the wall
shows: it is the seconds of computing of all processes together, which a busy machine only spreads
over more time. What sleeps computes nothing, and is given a longer time, of which only the moments
count in which no thread would have used a core.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from cnn_conformance.findings import Finding
from cnn_conformance.implementation import process_tree
from cnn_conformance.implementation.limits import SLEEP_FACTOR
from cnn_conformance.phrases import say

LOOK_EVERY = 0.1
"""Seconds from one look at all processes to the next."""
SHARE_OF_LOOKING = 0.05
"""The share of time that looking takes at most, where there are many processes on the machine."""
NEARLY = 0.9
"""The share of a limit below which the kernel's quick count of memory is taken as it is."""
RESIDENT_FIELDS = ("Pss_Anon:", "Pss_Shmem:")
TMPFS = ("tmp", "dev/shm")


class OutOfTime(TimeoutError):
    """There was no answer in time: `finding` says what has run out."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(say(finding))
        self.finding = finding


class Meter:
    """Counts what a process and all below it use.

    Parameters
    ----------
    process : int
        The uppermost.
    every : float, optional
        Seconds from one look to the next.

    Attributes
    ----------
    cpu : float
        Seconds of computing so far, of all processes together.
    asleep : float
        Seconds, of those within turns, in which no thread was runnable.
    processes : list of process_tree.Seen
        What was there at the last look.
    """

    def __init__(self, process: int, every: float = LOOK_EVERY) -> None:
        self._root = process
        self._every = self.pause = every
        self.cpu = self.asleep = 0.0
        self.processes: list[process_tree.Seen] = []
        self._clocks: dict[int, float] = {process: 0.0}
        self._reaped = self._credit = 0.0
        self._looked = self._since = time.monotonic()

    def turn(self, cpu: float, asleep: float | None = None) -> Turn:
        """Begin a call that may take some seconds.

        Parameters
        ----------
        cpu : float
            Seconds of computing.
        asleep : float, optional
            Seconds of sleep, SLEEP_FACTOR times as many as of computing unless given.
        """
        self._since = time.monotonic()
        self.update()
        return Turn(self, cpu, SLEEP_FACTOR * cpu if asleep is None else asleep)

    def update(self) -> None:
        """Count the computing of the processes that are known: that takes microseconds."""
        for number, before in self._clocks.items():
            if (now := _clock(number)) > before:
                self._clocks[number] = now
                self.cpu += now - before

    def is_due(self) -> bool:
        """Tell whether it is time to look again."""
        return time.monotonic() - self._looked >= self.pause

    def look(self, counts_sleep: bool = True) -> None:
        """See which processes there are, and what they have used.

        Parameters
        ----------
        counts_sleep : bool
            Whether time without computing since the last look is sleep. It is not where an answer
            is there: it may have waited for whoever looks.
        """
        now, before = time.monotonic(), self.cpu
        known = set(self._clocks)
        self.processes = process_tree.processes(self._root)
        self.update()
        self._count_new(self.processes)
        # A process that is new may hide others, which have gone: it excuses no lack of computing.
        old = (seen for seen in self.processes if seen.number in known)
        if counts_sleep and not any(map(process_tree.is_runnable, old)):
            self.asleep += max(0.0, now - self._since - (self.cpu - before))
        self._since = now
        self._looked = time.monotonic()
        self.pause = max(self._every, (self._looked - now) / SHARE_OF_LOOKING)

    def _count_new(self, processes: Sequence[process_tree.Seen]) -> None:
        """Count the computing of processes that are new, and of those that have gone unseen.

        The latter is told by their parents, if these ask for it. What was counted while they were
        there is not counted again, also where the parent comes to tell only at the next look.
        """
        there = {seen.number for seen in processes} or {self._root}
        self._credit += sum(self._clocks.pop(number) for number in set(self._clocks) - there)
        for number in there - set(self._clocks):
            self._clocks[number] = _clock(number)
            self.cpu += self._clocks[number]
        reaped = sum(seen.reaped for seen in processes)
        told = reaped - self._reaped
        counted = min(self._credit, told)  # less than 0 where a parent has gone that was told
        self.cpu += told - counted
        self._credit -= counted
        self._reaped = reaped

    def exceeds(self, limit: int) -> bool:
        """Tell whether the processes of the last look have more than some bytes of memory."""
        files = _in_files(self.processes)
        if sum(seen.resident for seen in self.processes) + files < NEARLY * limit:
            return False
        return _resident(self.processes) + files > limit


class Turn:
    """The time of one call.

    Parameters
    ----------
    meter : Meter
        What counts it.
    cpu, asleep : float
        How many seconds it may compute and sleep.
    """

    def __init__(self, meter: Meter, cpu: float, asleep: float) -> None:
        self._meter = meter
        self._cpu, self._asleep = cpu, asleep
        self._began = meter.cpu, meter.asleep

    def check(self) -> None:
        """See whether there is time left.

        Raises
        ------
        OutOfTime
            With what has run out.
        """
        if self._meter.cpu - self._began[0] > self._cpu:
            raise OutOfTime(Finding("no answer", seconds=self._cpu))
        if self._meter.asleep - self._began[1] > self._asleep:
            raise OutOfTime(Finding("no answer asleep", seconds=self._asleep))


def _clock(process: int) -> float:
    """Return the seconds that the threads of a process have computed; 0 for one that has gone.

    The number is the one that clock_getcpuclockid gives, which Python does not offer.
    """
    try:
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0


def _resident(processes: Sequence[process_tree.Seen]) -> int:
    """Return the bytes of memory of processes, what they share counted once."""
    total = 0
    for seen in processes:
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{seen.number}/smaps_rollup").read_text().splitlines():
                if line.startswith(RESIDENT_FIELDS):
                    total += int(line.split()[1]) << 10
    return total


def _in_files(processes: Sequence[process_tree.Seen]) -> int:
    """Return the bytes of memory that processes hold as files: of their own /tmp, or without names.

    Such memory need not be mapped by any of them, so that it is in no process's count. What is
    mapped too is counted twice: no honest code has much of it.
    """
    found: dict[tuple[int, int], int] = {}
    here = {os.stat(f"/{place}").st_dev for place in TMPFS if os.path.isdir(f"/{place}")}
    for seen in processes:
        for place in TMPFS:
            with contextlib.suppress(OSError):
                root = f"/proc/{seen.number}/root/{place}"
                if (device := os.stat(root).st_dev) not in here and (device, 0) not in found:
                    system = os.statvfs(root)
                    found[device, 0] = (system.f_blocks - system.f_bfree) * system.f_frsize
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{seen.number}/fd"):
                with contextlib.suppress(OSError):
                    if os.readlink(entry.path).startswith("/memfd:"):
                        held = os.stat(entry.path)
                        found[held.st_dev, held.st_ino] = held.st_blocks * 512
    return sum(found.values())
