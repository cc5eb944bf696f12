"""A control group for a worker: the kernel itself counts its memory, and all processes in it.

That counts what no process has mapped too, and leaves no moment in which more can be had. A group
needs cgroup v2 with its memory controller, and a place that this account may write to: root's, or
the part of the tree that systemd leaves to a user. Without one, `usage` counts from outside.

References
----------
https://docs.kernel.org/admin-guide/cgroup-v2.html
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterable
from pathlib import Path

MOUNTS, OWN = Path("/proc/self/mountinfo"), Path("/proc/self/cgroup")
SECONDS_TO_EMPTY = 2.0
_numbers = itertools.count()


class Group:
    """A control group.

    Parameters
    ----------
    folder : Path
        Where it is in the kernel's tree.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, memory: int, tasks: int) -> Group | None:
        """Return a new group, None where none can be had.

        Parameters
        ----------
        memory : int
            The bytes of memory that all in it may have together.
        tasks : int
            How many threads there may be in it.
        """
        for parent in _parents():
            folder = parent / f"conformance-{os.getpid()}-{next(_numbers)}"
            group = cls(folder)
            try:
                folder.mkdir()
            except OSError:  # not ours
                continue
            try:
                (folder / "memory.max").write_text(str(memory))
                for file, value in (
                    ("memory.swap.max", 0),
                    ("memory.oom.group", 1),
                    ("pids.max", tasks),
                ):
                    if (folder / file).exists():  # not of every kernel
                        (folder / file).write_text(str(value))
            except OSError:  # its parent does not hand the controller on
                group.remove()
                continue
            return group
        return None

    def add(self, processes: Iterable[int]) -> None:
        """Move processes into it, those that may be moved."""
        for number in processes:
            with contextlib.suppress(OSError):
                (self.folder / "cgroup.procs").write_text(str(number))

    def is_out_of_memory(self) -> bool:
        """Tell whether something in it was ended because it had used up its memory."""
        with contextlib.suppress(OSError, ValueError):
            for line in (self.folder / "memory.events").read_text().splitlines():
                name, count = line.split()
                if name == "oom_kill":
                    return int(count) > 0
        return False

    def remove(self) -> None:
        """Kill what is left in it and remove it."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + SECONDS_TO_EMPTY
        while time.monotonic() < deadline:
            try:
                self.folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:  # something is in it still
                time.sleep(1e-3)
            else:
                return


def _parents() -> list[Path]:
    """Return where a group may be made: below this process's own, and beside it.

    Only the first of them in the tree has room below: a group with processes hands nothing on.
    """
    root, own = _mount(), _own()
    if root is None or own is None:
        return []
    here = root / own.lstrip("/")
    found = [here] if here == root else [here, here.parent]
    return [p for p in found if "memory" in _words(p / "cgroup.subtree_control")]


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _mount() -> Path | None:
    """Return where the tree of control groups of version 2 is mounted."""
    with contextlib.suppress(OSError):
        for line in MOUNTS.read_text().splitlines():
            fields, _, kind = line.partition(" - ")
            if kind.startswith("cgroup2 "):
                return Path(fields.split()[4])
    return None


def _own() -> str | None:
    """Return the name of the group that this process is in."""
    with contextlib.suppress(OSError):
        for line in OWN.read_text().splitlines():
            if line.startswith("0::/"):
                return line.removeprefix("0::")
    return None
