"""Tries, from the inside, what a level of isolation is there to prevent.

It runs where the code under test would run, confined in the same way, and tells what it could do.
A level counts as available if that is nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

READ, WRITE, CONNECT, SEE, SIGNAL = "read", "write", "connect", "see", "signal"


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
        `started`.
    """
    asked = json.loads(question)
    tries: dict[str, Callable[[], object]] = {
        READ: lambda: _read_any(asked["files"]),
        WRITE: lambda: Path(asked["folder"], "canary").write_text("was here", "utf-8"),
        CONNECT: lambda: socket.create_connection(("127.0.0.1", asked["port"]), 1.0),
        SEE: lambda: _same(asked["process"], asked["started"]),
        SIGNAL: lambda: _signal(asked["process"], asked["started"]),
    }
    done = []
    for name, attempt in tries.items():
        try:
            attempt()
        except OSError:  # refused, or there is no such thing
            continue
        done.append(name)
    json.dump(done, sys.stdout)


def _same(process: int, when: str) -> None:
    if started(process) != when:
        raise ProcessLookupError


def _signal(process: int, when: str) -> None:
    os.kill(process, 0)
    with contextlib.suppress(PermissionError):  # then nothing tells it from another of its number
        _same(process, when)


def _read_any(files: list[str]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            Path(file).read_bytes()
            return
    raise PermissionError
