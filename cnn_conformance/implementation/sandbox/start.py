"""The first lines of a process that runs code under test: it is confined before numpy is there."""

from __future__ import annotations

import json
import os

from cnn_conformance.implementation import tree
from cnn_conformance.implementation.sandbox import capabilities, landlock, seccomp

OF_THE_MACHINE = (
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/sys/devices/system",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def main(keep: str, confined: str, what: str, *arguments: str) -> None:
    """Confine this process and go on as a worker or as a canary.

    Parameters
    ----------
    keep : str
        Whether it needs a keeper for the processes that it starts: empty for no.
    confined : str
        JSON: null, or for Landlock what it may read, where it may write, what it may list.
    what : {"worker", "canary"}
        What it is.
    *arguments : str
        For that.
    """
    if keep:
        tree.keep()
    places = json.loads(confined)
    if places is not None:
        readable, home, listable = places
        landlock.apply([*readable, *OF_THE_MACHINE], [home, *DEVICES], listable)
        capabilities.drop()
        seccomp.apply(None if landlock.confines_signals() else os.getpid())
    if what == "canary":
        from cnn_conformance.implementation.sandbox import canary

        canary.main(*arguments)
    else:
        from cnn_conformance.implementation import worker

        descriptor, memory, seconds, *search_path = arguments
        worker.main(int(descriptor), int(memory), int(seconds), search_path)
