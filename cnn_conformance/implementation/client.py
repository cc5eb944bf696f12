"""The grader's end of the worker process: start it, ask it, and believe nothing that it says."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Any

from cnn_conformance.findings import Finding
from cnn_conformance.implementation import limits, process_tree, removal, rlimits, wire
from cnn_conformance.implementation.cgroup import Group
from cnn_conformance.implementation.sandbox import Sandbox
from cnn_conformance.implementation.transport import GraderLimit
from cnn_conformance.implementation.usage import Meter, OutOfTime, Turn
from cnn_conformance.outcomes import NotPassed, Outcome, failed
from cnn_conformance.phrases import say

MAX_PRINTS = 4096
THREADS = 4 * limits.PROCESSES
SECONDS_TO_START = 60.0
SECONDS_OF_ENDING = 1.0
MARGIN_OF_CPU_LIMIT = 2.0
ENDED_FOR_COMPUTING = (-signal.SIGXCPU, -signal.SIGKILL)
SECONDS_AFTER_CLOSING = 0.2
"""Seconds of sleep after which a process that has closed its connection lives on."""


class Process:
    """One worker process.

    Parameters
    ----------
    sandbox : Sandbox
        How it is confined.
    memory_limit : int
        Bytes of memory that it may have, with all that it starts.
    cpu_seconds : int
        Seconds of computing that a process of its may have.

    Raises
    ------
    GraderLimit
        If it does not get as far as to load anything.
    """

    def __init__(self, sandbox: Sandbox, memory_limit: int, cpu_seconds: int) -> None:
        self._memory_limit = memory_limit
        self._cpu_seconds = cpu_seconds
        self._last_prints = ""
        self._group: Group | None = None
        with contextlib.ExitStack() as undo:
            try:
                self._start(sandbox, undo)
            except OSError as error:
                raise GraderLimit(f"the worker cannot be started: {error}") from error
            undo.pop_all()
        self._wait_until_ready()

    def _start(self, sandbox: Sandbox, undo: contextlib.ExitStack) -> None:
        ours, theirs = socket.socketpair()
        undo.enter_context(ours)
        with theirs:
            ours.setblocking(False)
            self._connection = ours
            self._prints = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
            undo.enter_context(self._prints)
            flags = fcntl.fcntl(self._prints, fcntl.F_GETFL)  # append, so that it can be emptied
            fcntl.fcntl(self._prints, fcntl.F_SETFL, flags | os.O_APPEND)
            self._home = tempfile.mkdtemp(prefix="conformance-")
            undo.callback(removal.remove, self._home)
            given = str(theirs.fileno()), str(self._memory_limit), str(self._cpu_seconds)
            search_path = dict.fromkeys([os.getcwd(), *filter(None, sys.path)])
            with sandbox.command(self._home, "worker", *given, *search_path) as made:
                self._process = subprocess.Popen(
                    made.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=self._prints,
                    stderr=self._prints,
                    pass_fds=[theirs.fileno(), *made.files],
                    env={**limits.ENVIRONMENT, "HOME": made.home, "TMPDIR": made.home},
                    cwd=self._home,
                    start_new_session=True,
                )
        self._meter = Meter(self._process.pid)

    def _wait_until_ready(self) -> None:
        """Take the worker's first word, up to which no code but the suite's own has run."""
        try:
            self._reply(self._meter.turn(SECONDS_TO_START))
        except (OSError, EOFError, wire.BadFrame, NotPassed) as error:  # TimeoutError is an OSError
            how = say(error.finding if isinstance(error, OutOfTime) else _told(self._status()))
            self.end()
            said = self._last_prints.strip().splitlines()
            reason = f"{said[-1]} ({how})" if said else how
            raise GraderLimit(f"the worker does not start: {reason}") from None
        self._group = Group.make(self._memory_limit, THREADS)
        if self._group is not None:
            self._group.add(seen.number for seen in process_tree.processes(self._process.pid))

    @property
    def spent(self) -> float:
        """Seconds of computing so far, or a share of the seconds asleep if that is more.

        It is as of the last answer or look: the next call counts what came since.
        """
        return max(self._meter.cpu, self._meter.asleep / limits.SLEEP_FACTOR)

    def ask(self, request: dict[str, object], timeout: float) -> dict[str, Any]:
        """Send a request and return the reply.

        Parameters
        ----------
        request : dict
            What is to be done.
        timeout : float
            Seconds of computing, of all its processes, that it may take.

        Raises
        ------
        NotPassed
            TIMEOUT, CRASHED, or FAILED for a reply that is not one. The process is ended then.
        GraderLimit
            If a limit has ended it that the grader has inherited.
        """
        turn = self._meter.turn(timeout)
        try:
            self._send(wire.encode(request), turn)
            reply = self._reply(turn)
        except OutOfTime as error:
            self.end()
            raise NotPassed(Outcome.TIMEOUT, error.finding) from None
        except (OSError, EOFError):
            raise self._how_it_died() from None
        except wire.BadFrame as error:
            self.end()
            raise failed("reply unreadable", why=str(error)) from None
        if not isinstance(reply, dict) or not ({"value"} == set(reply) or "raised" in reply):
            self.end()
            raise failed("reply unreadable", why=Finding("neither value nor error"))
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
        """Kill the process and everything it has started; leave nothing of it behind."""
        if self._process.poll() is None:
            process_tree.end(self._process.pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._last_prints = self.prints()
        self._prints.close()
        if self._group is not None:
            self._group.remove()
        removal.remove(self._home)

    def _send(self, frame: bytes, turn: Turn) -> None:
        rest = memoryview(frame)
        while rest:
            try:
                rest = rest[self._connection.send(rest) :]
            except BlockingIOError:  # it is not read
                self._wait(select.POLLOUT, turn)

    def _reply(self, turn: Turn) -> Any:
        """Read one frame, and not a byte more."""
        data = bytearray()
        expected = start = wire.LENGTHS.size
        json_length = 0
        while len(data) < expected:
            self._wait(select.POLLIN, turn, has_begun=bool(data))
            if not (part := self._connection.recv(1 << 20)):
                raise EOFError
            data += part
            if expected == start and len(data) >= start:
                length, json_length = wire.LENGTHS.unpack(data[:start])
                if length > wire.MAX_FRAME + wire.MAX_JSON:
                    raise wire.BadFrame(f"a reply of {length} bytes")
                expected = start + length
        if len(data) > expected:
            raise wire.BadFrame(f"{len(data) - expected} bytes after its end")
        self._meter.update()
        turn.check()
        return wire.decode(bytes(data[start:]), json_length)

    def _wait(self, event: int, turn: Turn, has_begun: bool = False) -> None:
        """Wait until the connection can be read or written; look at the processes meanwhile.

        They are looked at when it is time for that, also while one quick answer follows another.
        """
        poll = select.poll()
        poll.register(self._connection, event)
        while True:
            is_ready = poll.poll(self._meter.pause * 1e3)
            if not is_ready or self._meter.is_due():
                self._meter.look(counts_sleep=has_begun or not is_ready)
                self._check_crowd_and_memory()
                turn.check()
            if is_ready:
                return

    def _check_crowd_and_memory(self) -> None:
        if len(self._meter.processes) > limits.PROCESSES:
            self.end()
            finding = Finding("too many processes", processes=limits.PROCESSES)
            raise NotPassed(Outcome.CRASHED, finding)
        if self._meter.exceeds(self._memory_limit):
            self.end()
            raise self._out_of_memory()

    def _out_of_memory(self) -> NotPassed:
        cause = Finding("too much memory", gib=self._memory_limit / 2**30)
        return NotPassed(Outcome.CRASHED, Finding("limit", cause=cause, option="memory-limit"))

    def _how_it_died(self) -> NotPassed:
        """Return what came of a call whose connection was closed.

        Raises
        ------
        GraderLimit
            If it was ended by a limit that is not the suite's.
        """
        code = self._status()
        is_out_of_memory = self._group is not None and self._group.is_out_of_memory()
        self.end()
        if is_out_of_memory:
            return self._out_of_memory()
        if code is not None and code > 128 and code - 128 in set(signal.Signals):
            code = 128 - code  # as bubblewrap tells of its child
        allowed = rlimits.cpu_of_grader()
        has_reached = self._meter.cpu > allowed - MARGIN_OF_CPU_LIMIT
        if code in ENDED_FOR_COMPUTING and has_reached and allowed < self._cpu_seconds:
            raise GraderLimit(
                f"the worker was ended after {allowed:g} s of computing by a limit that the grader "
                f"has inherited (ulimit -t); a run may need {self._cpu_seconds} s"
            )
        return NotPassed(Outcome.CRASHED, _told(code))

    def _status(self) -> int | None:
        """Wait until the process has ended; return its status, None if it sleeps or computes on."""
        turn = self._meter.turn(SECONDS_OF_ENDING, asleep=SECONDS_AFTER_CLOSING)
        with contextlib.suppress(OutOfTime):
            while self._process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(SECONDS_AFTER_CLOSING / 10)
                    break
                self._meter.look()
                turn.check()
        return self._process.poll()


def _told(code: int | None) -> Finding:
    """Return how a process ended."""
    if code is None:
        return Finding("connection closed")
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return Finding("ended by signal", signal=name)
    return Finding("ended by itself", status=code)
