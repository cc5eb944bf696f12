"""A worker and everything that it has started: kept within reach, measured and ended together.

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
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LONG_ENOUGH = 2.0
MEMORY_FIELDS = ("Pss_Anon:", "Pss_Shmem:")


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


def below(process: int) -> list[int]:
    """Return the numbers of all processes below one that have not ended."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            state, parent = (place / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                children.setdefault(int(parent), []).append(int(place.name))
    found = list(children.get(process, ()))
    for number in found:  # which grows meanwhile
        found += children.get(number, ())
    return found


def end(process: int) -> None:
    """Kill all processes below one, until there are none; a fork bomb is given some time."""
    deadline = time.monotonic() + LONG_ENOUGH
    while (found := below(process)) and time.monotonic() < deadline:
        for number in found:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        time.sleep(1e-3)


def memory(process: int) -> int:
    """Return the bytes of memory of all processes below one, what they share counted once."""
    total = 0
    for number in below(process):
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
                if line.startswith(MEMORY_FIELDS):
                    total += int(line.split()[1]) << 10
    return total
