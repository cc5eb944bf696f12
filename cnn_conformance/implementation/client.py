"""The grader's end of the worker process: start it, ask it, and believe nothing that it says."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

from cnn_conformance.implementation import tree, wire
from cnn_conformance.implementation.sandbox import Sandbox
from cnn_conformance.outcomes import NotPassed, Outcome

MAX_PRINTS = 20_000
MOST_PROCESSES = 256
LOOK_EVERY = 0.1
"""Seconds after which the memory of a process that has not answered yet is looked at."""
SHORTLY = 0.2
"""Seconds after which a process that has closed its connection lives on, rather than ends."""
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


class Process:
    """One worker process.

    Parameters
    ----------
    sandbox : Sandbox
        How it is confined.
    memory_limit : int
        Bytes of memory that it may have.
    cpu_seconds : int
        Seconds of computing, on all cores together, that it may have.
    """

    def __init__(self, sandbox: Sandbox, memory_limit: int, cpu_seconds: int) -> None:
        self._memory_limit = memory_limit
        ours, theirs = socket.socketpair()
        self._connection = ours
        self._prints = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        flags = fcntl.fcntl(self._prints, fcntl.F_GETFL)  # append, so that it can be emptied
        fcntl.fcntl(self._prints, fcntl.F_SETFL, flags | os.O_APPEND)
        self._last_prints = ""
        self._home = tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)
        limits = str(theirs.fileno()), str(memory_limit), str(cpu_seconds)
        search_path = os.getcwd(), *filter(None, sys.path)
        with sandbox.command(self._home.name, "worker", *limits, *search_path) as made:
            self._process = subprocess.Popen(
                made.argv,
                stdin=subprocess.DEVNULL,
                stdout=self._prints,
                stderr=self._prints,
                pass_fds=[theirs.fileno(), *made.files],
                env={**ENVIRONMENT, "HOME": made.home, "TMPDIR": made.home},
                cwd=self._home.name,
                start_new_session=True,
            )
        theirs.close()

    def ask(self, request: dict[str, object], timeout: float) -> dict[str, Any]:
        """Send a request and return the reply.

        Raises
        ------
        NotPassed
            TIMEOUT, CRASHED, or FAILED for a reply that is not one. The process is ended then.
        """
        deadline = time.monotonic() + timeout
        try:
            self._connection.settimeout(timeout)
            self._connection.sendall(wire.encode(request))
            reply = self._reply(deadline)
        except TimeoutError:
            self.end()
            raise NotPassed(Outcome.TIMEOUT, f"no answer within {timeout:g} s") from None
        except (OSError, EOFError):
            raise NotPassed(Outcome.CRASHED, self._how_it_died()) from None
        except wire.BadFrame as error:
            self.end()
            raise NotPassed(Outcome.FAILED, f"the reply cannot be read: {error}") from None
        if not isinstance(reply, dict) or not ({"value"} == set(reply) or "raised" in reply):
            self.end()
            raise NotPassed(Outcome.FAILED, "the reply cannot be read: neither value nor error")
        return reply

    def forget_prints(self) -> None:
        """Forget what has been printed so far."""
        self._prints.truncate(0)

    def prints(self) -> str:
        """Return what the implementation has printed so far (its end, if that is much)."""
        if self._prints.closed:
            return self._last_prints
        end = self._prints.seek(0, os.SEEK_END)
        start = max(0, end - MAX_PRINTS)
        return os.pread(self._prints.fileno(), MAX_PRINTS, start).decode(errors="replace")

    def end(self) -> None:
        """Kill the process and everything it has started."""
        if self._process.poll() is None:
            tree.end(self._process.pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._last_prints = self.prints()
        self._prints.close()
        self._home.cleanup()

    def _reply(self, deadline: float) -> Any:
        """Read one frame, and not a byte more."""
        data = bytearray()
        expected = start = wire.LENGTHS.size
        json_length = 0
        while len(data) < expected:
            data += self._receive(deadline)
            if expected == start and len(data) >= start:
                length, json_length = wire.LENGTHS.unpack(data[:start])
                if length > wire.MAX_FRAME + wire.MAX_JSON:
                    raise wire.BadFrame(f"a reply of {length} bytes")
                expected = start + length
        if len(data) > expected:
            raise wire.BadFrame(f"{len(data) - expected} bytes after its end")
        return wire.decode(bytes(data[start:]), json_length)

    def _receive(self, deadline: float) -> bytes:
        """Return what has arrived, waiting for the first byte of it."""
        while True:
            self._connection.settimeout(max(1e-3, min(LOOK_EVERY, deadline - time.monotonic())))
            try:
                part = self._connection.recv(1 << 20)
            except TimeoutError:
                self._look(deadline)
                continue
            if not part:
                raise EOFError
            if time.monotonic() > deadline:
                raise TimeoutError
            return part

    def _look(self, deadline: float) -> None:
        """See whether there is time left, and memory, and not a crowd of processes."""
        if time.monotonic() > deadline:
            raise TimeoutError
        if len(tree.below(self._process.pid)) > MOST_PROCESSES:
            self.end()
            raise NotPassed(Outcome.CRASHED, f"more than {MOST_PROCESSES} processes were started")
        if tree.memory(self._process.pid) > self._memory_limit:
            self.end()
            used = f"more than {self._memory_limit / 2**30:g} GiB of memory, all its processes"
            raise NotPassed(Outcome.CRASHED, f"{used} together; --memory-limit raises it")

    def _how_it_died(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(SHORTLY)
        code = self._process.poll()
        self.end()
        if code is None:
            return "the process of the implementation closed its connection"
        if code > 128 and code - 128 in set(signal.Signals):  # as bubblewrap tells of its child
            code = 128 - code
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            return f"the process of the implementation was ended by {name}"
        return f"the process of the implementation ended by itself, with status {code}"
