"""One submission as a job: what a thread, or a worker of a cluster, does with it.

A job drives a process that grades, which in turn drives the sandbox of the code under test. So a
job may run anywhere, at the same time as others: nothing that it meets can touch the process that
it is in. The time limit lives in the job too, and holds whoever runs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from typing import Any

from cnn_conformance.implementation import process_tree
from cnn_conformance.implementation.limits import SLEEP_FACTOR
from cnn_conformance.implementation.usage import Meter
from cnn_conformance.locations import PACKAGE

MARGIN = 60.0
"""Seconds beyond the time of the code under test: for the checks, the diagnosis and the page.

They are seconds of computing, or of sleep, like those of the code under test: a grade is late on a
machine that has much to do, and comes.
"""
LOOK_EVERY = 1.0
TRIES = 2
LOCAL = threading.local()
START = f"""\
import ctypes, os, signal, sys
if sys.platform.startswith("linux"):
    ctypes.CDLL(None).prctl({process_tree.PR_SET_PDEATHSIG}, signal.SIGKILL, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    os._exit(1)
sys.path[:] = sys.argv[2:]
from cnn_conformance.batch.grading import main
main()
"""
"""The first lines of a process that grades. It ends with the thread that has started it, also when
that ends before the imports, which take long; and it finds modules where they are installed, not
where the batch was started."""


@dataclass(frozen=True)
class Job:
    """A submission and how it is graded: plain values, that can be sent anywhere.

    Parameters
    ----------
    name, target : str
        Whose it is, and what `--impl` would name.
    folder : str
        Where its result and its page are written.
    out : str
        The folder of the whole batch, which the code under test must not see.
    rubric, fixtures, profile, isolation, reveal, lang, expect, style : str
        As the options of a run; `expect` and `style` may be empty.
    limits : dict
        Those of `Limits`.
    """

    name: str
    target: str
    folder: str
    out: str
    rubric: str
    fixtures: str
    profile: str
    isolation: str
    reveal: str
    lang: str
    expect: str
    style: str
    limits: dict[str, Any]


class GradingFailed(Exception):
    """The grader itself failed; the text is for the grader."""


def run(job: Job) -> dict[str, Any]:
    """Grade a submission.

    Returns
    -------
    dict
        See `grading.summary`; or `error`, where the grader failed twice: that is never the
        submission's fault, nor that of another one.
    """
    for number in range(1, TRIES + 1):
        try:
            return _process().ask(job)
        except GradingFailed as error:
            LOCAL.process = None
            if number == TRIES:
                return {"error": str(error)}
    raise AssertionError("unreachable")


def _process() -> GradingProcess:
    """Return this thread's process, a new one where it has none."""
    process: GradingProcess | None = getattr(LOCAL, "process", None)
    if process is None:
        process = LOCAL.process = GradingProcess()
    return process


def _search_path() -> list[str]:
    """Return where modules are for this process, but for the working directory."""
    here = os.path.realpath(os.getcwd())
    entries = [os.path.abspath(entry) for entry in sys.path if entry]
    entries = [entry for entry in entries if os.path.realpath(entry) != here]
    kit = str(PACKAGE.parent)
    return entries if kit in entries else [kit, *entries]


class GradingProcess:
    """A process that grades; it ends with the thread that has started it."""

    def __init__(self) -> None:
        self._last = ""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, str(os.getpid()), *_search_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # so that a Ctrl-C reaches the one that decides what it means
        )

    def __del__(self) -> None:
        self.end()

    def ask(self, job: Job) -> dict[str, Any]:
        """Have a submission graded.

        Raises
        ------
        GradingFailed
            If the process ends, or has no answer in time. It is ended then.
        """
        run = job.limits["run"]
        meter = Meter(self._process.pid, LOOK_EVERY)
        meter.look()  # what it has computed before is no matter
        turn = meter.turn(run + MARGIN, asleep=SLEEP_FACTOR * run + MARGIN)
        answer = bytearray()
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
            self._process.stdin.flush()
            descriptor = self._process.stdout.fileno()
            while not answer.endswith(b"\n"):
                ready, _, _ = select.select([descriptor], [], [], meter.pause)
                if not ready:
                    meter.look()
                    turn.check()
                    continue
                part = os.read(descriptor, 1 << 16)
                if not part:
                    raise GradingFailed(f"the grader ended: {self._last_line()}")
                answer += part
            summary: dict[str, Any] = json.loads(answer)
            return summary
        except TimeoutError as error:
            self.end()
            raise GradingFailed(f"the grader did not answer in time: {error}") from error
        except OSError as error:
            self.end()
            raise GradingFailed(f"the grader cannot be reached: {self._last_line()}") from error
        except GradingFailed:
            self.end()
            raise

    def end(self) -> None:
        """End the process and all below it."""
        with contextlib.suppress(OSError):
            process_tree.end(self._process.pid)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        if not self._errors.closed:
            self._last = self._last_line()
            self._errors.close()

    def _last_line(self) -> str:
        if self._errors.closed:
            return self._last
        self._errors.seek(0)
        lines = self._errors.read()[-5_000:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"status {self._process.poll()}"
