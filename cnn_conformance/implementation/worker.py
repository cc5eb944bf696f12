"""The process in which the implementation runs: limits first, then one request after another."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys

from cnn_conformance.implementation import limits, rlimits, wire
from cnn_conformance.implementation.host import Host

READY = "ready"


def main(descriptor: int, memory_limit: int, cpu_seconds: int, search_path: list[str]) -> None:
    """Say that it is ready, and serve requests on a socket until that is closed.

    Up to then nothing of the implementation is loaded: what goes wrong is no fault of its own.

    Parameters
    ----------
    descriptor : int
        The inherited socket.
    memory_limit : int
        Bytes of memory that the process may have.
    cpu_seconds : int
        Seconds of computing that the process may have.
    search_path : list of str
        Where dotted names are looked for, after what Python has anyway.
    """
    rlimits.lower(resource.RLIMIT_DATA, memory_limit)
    rlimits.lower(resource.RLIMIT_CPU, cpu_seconds, margin=limits.SECONDS_TO_OBEY)
    rlimits.lower(resource.RLIMIT_CORE, 0)
    rlimits.lower(resource.RLIMIT_FSIZE, limits.FILE_BYTES)
    sys.path.extend(entry for entry in search_path if entry not in sys.path)
    connection = socket.socket(fileno=descriptor)
    connection.set_inheritable(False)
    host = Host()
    connection.sendall(host.frame({"value": READY}))
    while (request := _receive(connection)) is not None:
        reply = host.answer(request)
        _flush_prints()
        connection.sendall(reply)
    os._exit(0)  # whatever the implementation registered for the end of its process is not run


def _receive(connection: socket.socket) -> dict[str, object] | None:
    head = connection.recv(wire.LENGTHS.size, socket.MSG_WAITALL)
    if len(head) < wire.LENGTHS.size:
        return None
    length, json_length = wire.LENGTHS.unpack(head)
    body = connection.recv(length, socket.MSG_WAITALL)
    message: dict[str, object] = wire.decode(body, json_length, trusted=True)
    return message


def _flush_prints() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the implementation may have closed or replaced them
            stream.flush()
