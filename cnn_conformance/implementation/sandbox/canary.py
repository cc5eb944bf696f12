"""Tries, from the inside, what a level of isolation is there to prevent.

It runs where the code under test would run, confined in the same way, and tells what it could do.
A level counts as available if that is nothing, and if nothing of it is left behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

READ, WRITE, CONNECT, SEE, SIGNAL = "read", "write", "connect", "see", "signal"
LIMIT, RANK, PLACE = "limit others", "rank others", "move others"
NAME, WATCH = "name the machine", "watch all files"
LEAVE = "leave memory behind"
IPC_CREATE, IPC_REMOVE, NOBODY_ELSE = 0o1000, 0, 0o600
SYSTEM_V = ("shm", "sem", "msg")


def started(process: int) -> str:
    """Return what tells a process from others that had or will have its number."""
    text = Path(f"/proc/{process}/stat").read_text("utf-8", errors="replace")
    return text.rpartition(")")[2].split()[19]


def main(question: str) -> None:
    """Print what could be done, as JSON.

    Parameters
    ----------
    question : str
        JSON: `files` to read, `folder` to write to, `port` to connect to, `process` to see and its
        `started`, and a `mark` for what may be left behind.
    """
    asked = json.loads(question)
    process, when = asked["process"], asked["started"]
    tries: dict[str, Callable[[], object]] = {
        READ: lambda: _read_any(asked["files"]),
        WRITE: lambda: Path(asked["folder"], "canary").write_text("was here", "utf-8"),
        CONNECT: lambda: socket.create_connection(("127.0.0.1", asked["port"]), 1.0),
        SEE: lambda: _same(process, when),
        SIGNAL: lambda: _signal(process, when),
        LIMIT: lambda: _limit(process, when),
        RANK: lambda: _rank(process, when),
        PLACE: lambda: _place(process, when),
        NAME: _name,
        WATCH: lambda: _called("fanotify_init", 0, 0),
    }
    done = [name for name, attempt in tries.items() if _succeeds(attempt)]
    _leave(asked["mark"])
    json.dump(done, sys.stdout)


def left(mark: int) -> Iterator[str]:
    """Yield what has been left behind, and remove it. Runs outside.

    Parameters
    ----------
    mark : int
        The one of the question.
    """
    for kind in SYSTEM_V:
        with contextlib.suppress(OSError, AttributeError):
            number = _called(f"{kind}get", mark, *([0] if kind == "msg" else [0, 0]))
            arguments = [0, IPC_REMOVE] if kind == "sem" else [IPC_REMOVE, None]
            _called(f"{kind}ctl", number, *arguments)
            yield f"{LEAVE} ({kind})"
    with contextlib.suppress(OSError):
        _shared(mark).unlink()
        yield f"{LEAVE} (/dev/shm)"
    with contextlib.suppress(OSError, AttributeError):
        _called("mq_unlink", f"/conformance-{mark}".encode())
        yield f"{LEAVE} (message queue)"


def _leave(mark: int) -> None:
    """Make, one by one, what the kernel keeps when its maker has gone."""
    mode = IPC_CREATE | NOBODY_ELSE
    create = os.O_CREAT | os.O_RDWR
    for attempt in (
        lambda: _called("shmget", mark, 1 << 12, mode),
        lambda: _called("semget", mark, 1, mode),
        lambda: _called("msgget", mark, mode),
        lambda: _called("mq_open", f"/conformance-{mark}".encode(), create, NOBODY_ELSE, None),
        lambda: _shared(mark).touch(),
    ):
        _succeeds(attempt)


def _shared(mark: int) -> Path:
    return Path("/dev/shm", f"conformance-{mark}")


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, AttributeError):  # refused, or there is no such thing here
        return False
    return True


def _called(name: str, *arguments: int | bytes | None) -> int:
    """Call a function of the C library that returns -1 where it fails."""
    result = int(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def _same(process: int, when: str) -> None:
    if started(process) != when:
        raise ProcessLookupError


def _is_another(process: int, when: str) -> None:
    """Raise where a number is seen to be another process's; one that is not seen may be the one."""
    with contextlib.suppress(PermissionError):
        _same(process, when)


def _signal(process: int, when: str) -> None:
    os.kill(process, 0)
    _is_another(process, when)


def _limit(process: int, when: str) -> None:
    """Set a limit of another process to what it is."""
    limits = resource.prlimit(process, resource.RLIMIT_CPU)
    _is_another(process, when)
    resource.prlimit(process, resource.RLIMIT_CPU, limits)


def _rank(process: int, when: str) -> None:
    """Set the priority of another process to what it is."""
    priority = os.getpriority(os.PRIO_PROCESS, process)
    _is_another(process, when)
    os.setpriority(os.PRIO_PROCESS, process, priority)


def _place(process: int, when: str) -> None:
    """Let another process run on the cores that it may run on."""
    cores = os.sched_getaffinity(process)
    _is_another(process, when)
    os.sched_setaffinity(process, cores)


def _name() -> None:
    """Name the machine what it is called."""
    name = os.uname().nodename
    socket.sethostname(name)


def _read_any(files: list[str]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            Path(file).read_bytes()
            return
    raise PermissionError
