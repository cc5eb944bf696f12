"""A worker and everything that it has started: kept within reach, looked at and ended together.

A process that its parent has left belongs to nobody any more, unless an ancestor has declared
itself its keeper. `keep` puts such an ancestor above the worker. Linux alone has that; elsewhere
the worker's process group is all there is.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
SECONDS_TO_END = 10.0
ZOMBIE, RUNNABLE = b"Z", b"R"


@dataclass(frozen=True)
class Seen:
    """What the kernel says of a process.

    Parameters
    ----------
    number, parent : int
        The process, and what has started it.
    state : bytes
        What its first thread does, in the kernel's letters: R where it computes or waits for a
        core, Z where it has ended and its parent has not asked how.
    threads : int
        How many it has.
    reaped : float
        Seconds of computing of its children that have ended.
    resident : int
        Bytes of memory, what it shares with others included.
    """

    number: int
    parent: int
    state: bytes
    threads: int
    reaped: float
    resident: int


def keep(parent: int) -> None:
    """Go on as a child of this process, which stays above whatever that child starts.

    It ends when the child has ended or its own parent has gone, and everything below it with it;
    then its status is the child's.

    Parameters
    ----------
    parent : int
        The process that has started this one, which may have gone already.
    """
    if not sys.platform.startswith("linux"):
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    child = os.fork()
    if child == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.setpgid(0, 0)  # so that it does not reach its keeper by its group
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return
    os.closerange(3, 1024)  # the connection is the child's: it is closed when the child has gone
    status = None
    while status is None and os.getppid() == parent:
        signal.sigtimedwait({signal.SIGCHLD}, 1.0)
        status = _reaped(child)
    end(os.getpid())
    if status is not None and os.WIFSIGNALED(status):
        with contextlib.suppress(OSError):  # SIGKILL has no other handling than this
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status or 0) & 0xFF)


def _reaped(child: int) -> int | None:
    """Take leave of all children that have ended; return the status of one, if it is among them."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            status = ended[1] if ended[0] == child else status
    return status


def processes(root: int) -> list[Seen]:
    """Return a process and all processes below it, those that have ended and wait included."""
    by_parent: dict[int, list[Seen]] = {}
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdecimal() and (seen := _look_at(name)) is not None:
            by_parent.setdefault(seen.parent, []).append(seen)
            if seen.number == root:
                found.append(seen)
    found += by_parent.get(root, ()) if not found else ()  # the root itself may have gone
    for seen in found:  # which grows meanwhile
        found += by_parent.get(seen.number, ())
    return found


def _look_at(number: str) -> Seen | None:
    try:
        text = Path("/proc", number, "stat").read_bytes()
    except OSError:  # it has gone
        return None
    fields = text.rpartition(b")")[2].split()
    return Seen(
        number=int(number),
        parent=int(fields[1]),
        state=fields[0],
        threads=int(fields[17]),
        reaped=(int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK"),
        resident=int(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
    )


def is_runnable(seen: Seen) -> bool:
    """Tell whether a thread of a process computes, or would if it were given a core."""
    if seen.state == RUNNABLE or seen.threads < 2:
        return seen.state == RUNNABLE
    tasks = Path("/proc", str(seen.number), "task")
    for thread in _names(tasks):
        with contextlib.suppress(OSError):  # it has ended
            text = (tasks / thread / "stat").read_bytes()
            if text.rpartition(b")")[2].split()[0] == RUNNABLE:
                return True
    return False


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:  # the process has gone, or is none of this account
        return []


def below(process: int) -> list[int]:
    """Return the numbers of all processes below one that have not ended."""
    found = processes(process)
    return [seen.number for seen in found if seen.number != process and seen.state != ZOMBIE]


def end(process: int) -> None:
    """Kill all processes below one, until there are none; a fork bomb is given some time."""
    deadline = time.monotonic() + SECONDS_TO_END
    while (found := below(process)) and time.monotonic() < deadline:
        for number in found:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        time.sleep(1e-3)
