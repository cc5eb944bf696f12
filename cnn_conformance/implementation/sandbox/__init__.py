"""Where the code under test runs, and what it can reach from there.

`bwrap`, `landlock`, `process` and `none` are levels of isolation, from the strictest. What a level
is worth on a machine is not taken from what is installed: `canary` tries it from the inside.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

from cnn_conformance.implementation.imports import CLOSED, Policy
from cnn_conformance.implementation.sandbox import seccomp, visible_paths
from cnn_conformance.locations import GOLDEN, KIT_REFERENCE, PACKAGE, REFERENCE, SUITE

LEVELS = ("bwrap", "landlock", "process", "none")
CONFINED = ("bwrap", "landlock")
UNIX = ("fcntl", "resource")
"""Modules that `client` and `worker` need, and Windows lacks."""
STARTERS = frozenset({"subprocess", "multiprocessing", "_posixsubprocess", "pty"})
"""Modules that start processes: where one is forbidden, the kernel refuses to start any."""
ENFORCED = STARTERS | {"socket", "_socket"}
"""Modules of the standard library without which the calls that they are for do nothing."""
PRIVATE = "/tmp"  # what a worker under bwrap sees there is its own, and empty
PRIVATE_BYTES = 256 << 20
SECONDS_FOR_CANARY = 120.0
"""It is the suite's own and takes a moment; a machine may have much else to do."""
START = """\
import sys
sys.path.insert(0, sys.argv[1])
from cnn_conformance.implementation.sandbox.start import main
del sys.path[0]
main(*sys.argv[2:])
"""


class Unavailable(Exception):
    """A level of isolation that this machine does not have; the text is for the user."""


@dataclass(frozen=True)
class Sandbox:
    """One way to run a process.

    Parameters
    ----------
    level : {"bwrap", "landlock", "process"}
        How strictly.
    target : str
        The submission that it may read.
    hidden : tuple of Path
        What it must not see, wherever it lies.
    policy : Policy
        Which modules it may have.
    """

    level: str
    target: str
    hidden: tuple[Path, ...] = ()
    policy: Policy = CLOSED

    @contextmanager
    def command(self, home: str, what: str, *arguments: str) -> Iterator[Sandboxed]:
        """Give the command that starts a process, and what it has to be given.

        Parameters
        ----------
        home : str
            A folder for the process alone.
        what : {"worker", "canary"}
            What it is to do.
        *arguments : str
            For that.
        """
        wrapper: list[str] = []
        files: list[int] = []
        confined = self._confined(home, files)
        if self.level == "bwrap":
            wrapper, home = self._wrapper(files), PRIVATE
        python = [sys.executable, "-I", "-B", "-u", "-c", START]  # prints of a killed one too
        keep = "" if self.level == "bwrap" else str(os.getpid())  # there is a keeper in it already
        try:
            yield Sandboxed(
                [*wrapper, *python, str(PACKAGE.parent), keep, confined, what, *arguments],
                home,
                tuple(files),
            )
        finally:
            for descriptor in files:
                os.close(descriptor)

    @cached_property
    def visible(self) -> visible_paths.Visible:
        """What it may read."""
        return visible_paths.visible(self.target, self.hidden, self.policy)

    def not_enforced(self) -> list[str]:
        """Return what the policy forbids and code in this sandbox could have had all the same.

        What the standard library does can be refused by the kernel, its modules cannot be missing.
        """
        if self.level not in CONFINED:
            is_reference = REFERENCE not in self.visible.hidden
            return [m for m in self.policy.forbidden if not (is_reference and m == KIT_REFERENCE)]
        library = [
            m for m in self.policy.forbidden if m.partition(".")[0] in sys.stdlib_module_names
        ]
        return [m for m in library if seccomp.program() is None or m not in ENFORCED]

    def _confined(self, home: str, files: list[int]) -> str:
        """Return the descriptor of what the process itself has to give up: see `start.main`.

        It is a file, as an argument may be too short for thousands of places.
        """
        confined: dict[str, object] = {}
        if self.level == "landlock":
            readable, listable = self.visible.pieces()
            listable += visible_paths.listable(self.target)
            confined["readable"] = [str(place) for place in readable]
            confined["listable"] = [str(place) for place in listable]
            confined["writable"] = [home]
        starts_some = STARTERS.isdisjoint(self.policy.forbidden)
        if self.level == "landlock" or (self.level == "bwrap" and not starts_some):
            confined["processes"] = starts_some  # bubblewrap's own filter has let Python start
        if not confined:
            return ""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            json.dump(confined, file)
            file.seek(0)
            files.append(os.dup(file.fileno()))
        return str(files[-1])

    def _wrapper(self, files: list[int]) -> list[str]:
        """Return the call of bubblewrap; `files` gets the descriptors that it is to inherit."""
        size = str(PRIVATE_BYTES)
        call = [shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent"]
        call += ["--new-session", "--cap-drop", "ALL", "--hostname", "sandbox"]
        call += ["--proc", "/proc", "--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm"]
        call += ["--size", size, "--tmpfs", PRIVATE]
        read_only = ["/dev", "/"]
        shown, covered = self.visible.shown, self.visible.covered()
        for place in sorted([*covered, *shown], key=lambda place: len(place.parts)):
            if place in shown:
                call += ["--ro-bind", str(place)]
            elif place.is_dir():
                call.append("--tmpfs")
                read_only.append(str(place))
            else:
                call += ["--ro-bind", os.devnull]  # a device, which nothing there can open
            call.append(str(place))
        for link in self.visible.links:
            call += ["--symlink", os.readlink(link), str(link)]
        for mounted in read_only:
            call += ["--remount-ro", mounted]
        call += ["--chdir", PRIVATE]
        program = seccomp.program()
        if program is not None:
            read, write = os.pipe()
            os.write(write, program)
            os.close(write)
            files.append(read)
            call += ["--seccomp", str(read)]
        return [*call, "--"]


@dataclass(frozen=True)
class Sandboxed:
    """How to start a process: its command, its home, and descriptors for it to inherit."""

    argv: list[str]
    home: str
    files: tuple[int, ...]


def choose(wanted: str, required: str | None = None) -> str:
    """Return the level to use.

    Parameters
    ----------
    wanted : str
        One of `LEVELS`, or "auto" for the strictest that this machine has.
    required : str, optional
        The level below which nothing is to be run.

    Raises
    ------
    Unavailable
        If the machine has not what is wanted, or it is below what is required.
    """
    chosen = next(filter(is_available, LEVELS)) if wanted == "auto" else wanted
    if not is_available(chosen):
        raise Unavailable(
            f"isolation {chosen}: this machine does not have it: {why_not(chosen)}; "
            f"--isolation=auto takes what there is, and docs/security.md says how to get more"
        )
    if required is not None and LEVELS.index(chosen) > LEVELS.index(required):
        lacking = f" ({why_not(required)})" if wanted == "auto" else ""
        raise Unavailable(
            f"isolation {chosen} is below --require-isolation={required}{lacking}; nothing was run"
        )
    return chosen


def is_available(level: str) -> bool:
    """Tell whether a level prevents on this machine what it is there to prevent."""
    return not why_not(level)


@cache
def why_not(level: str) -> str:
    """Return why a level is not to be had here; nothing if it is."""
    if level == "none":
        return ""
    is_unix = all(find_spec(module) is not None for module in UNIX)
    if level == "process":
        return "" if is_unix else f"{level} needs Linux or macOS"
    if not (is_unix and sys.platform.startswith("linux")):
        return f"{level} needs Linux"
    if level == "bwrap" and shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    try:
        done = _canary(level)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"{level} does not start: {str(error)[:300]}"
    return f"inside, one can {', '.join(done)}" if done else ""


def _canary(level: str) -> list[str]:
    """Return what can be done at a level that should not be."""
    from cnn_conformance.implementation.sandbox import canary  # only here: it is for Linux

    with (
        tempfile.TemporaryDirectory(prefix="conformance-") as home,
        tempfile.TemporaryDirectory(prefix="conformance-outside-") as outside,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        secret = Path(outside, "secret")
        secret.write_text("secret", "utf-8")
        question = {
            "files": [str(secret), str(SUITE / "rubric.toml"), *map(str, GOLDEN.iterdir())],
            "folder": outside,
            "port": listener.getsockname()[1],
            "process": os.getpid(),
            "started": canary.started(os.getpid()),
            "mark": 1 + secrets.randbelow(2**31 - 1),
        }
        sandbox = Sandbox(level, str(PACKAGE / "arrays.py"))
        with sandbox.command(home, "canary", json.dumps(question)) as made:
            answer = subprocess.run(
                made.argv,
                capture_output=True,
                text=True,
                timeout=SECONDS_FOR_CANARY,
                pass_fds=made.files,
                cwd=home,
                env={"LANG": "C.UTF-8", "HOME": made.home},
            )
        if answer.returncode:
            raise ValueError(answer.stderr.strip() or f"status {answer.returncode}")
        done = json.loads(answer.stdout)
        return [*(str(name) for name in done), *canary.left(question["mark"])]
