"""The measuring side of a worker: starting it, asking it, giving it up."""

import json
import select
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Any, Self

from .contestants import FOLDER, Contestant

START_SECONDS = 60.0
WORKER = [sys.executable, "-W", "ignore", "-m", "benchmarks.worker"]


class Failed(Exception):
    """A contestant could not do what it was asked; the text is the reason."""


class TooSlow(Failed):
    """It was given up before it had answered."""


class Process:
    """A worker, to be asked one thing at a time."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed at exit
        self.process = subprocess.Popen(
            [*WORKER, str(contestant.path.resolve()), contestant.checkout],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=contestant.environment(),
            cwd=FOLDER.parent,
        )

    def send(self, command: str, **arguments: Any) -> None:
        """Ask for something; the answer is to be received next."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps([command, arguments]).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self._end()) from None

    def receive(self, seconds: float = START_SECONDS) -> Any:
        """Return the answer.

        Raises
        ------
        Failed
            If there is none in so many seconds (the process is ended then), or it is an error.
        """
        pipe = self.process.stdout
        assert pipe is not None
        if not select.select([pipe], [], [], seconds)[0]:
            self.process.kill()
            raise TooSlow(f"over {seconds:.0f} s for one call")
        line = pipe.readline()
        if not line:
            raise Failed(self._end())
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["value"]

    def ask(self, command: str, seconds: float = START_SECONDS, **arguments: Any) -> Any:
        """Send a command and return its answer; `Failed` if there is none."""
        self.send(command, **arguments)
        return self.receive(seconds)

    def _end(self) -> str:
        code = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines()
        return f"its process ended with {code}" + (f": {lines[-1]}" if lines else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()
