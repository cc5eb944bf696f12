"""The first lines of a process that runs code under test: it is confined before numpy is there."""

from __future__ import annotations

import json
import os

from cnn_conformance.implementation import process_tree
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
        The number of the process that has started this one, if it needs a keeper for the processes
        that it starts; else empty.
    confined : str
        Empty for nothing, or the descriptor of a file of JSON: for Landlock what is `readable`,
        `writable` and `listable`; whether `processes` may be started from now on, where calls of
        the system are to be filtered.
    what : {"worker", "canary"}
        What it is.
    *arguments : str
        For that.
    """
    if keep:
        process_tree.keep(int(keep))
    asked = {}
    if confined:
        with os.fdopen(int(confined), encoding="utf-8") as file:
            asked = json.load(file)
    signals_only_to = None
    if "readable" in asked:
        readable, writable = [*asked["readable"], *OF_THE_MACHINE], [*asked["writable"], *DEVICES]
        landlock.apply(readable, writable, asked["listable"])
        capabilities.drop()
        signals_only_to = None if landlock.confines_signals() else os.getpid()
    if "processes" in asked:
        seccomp.apply(asked["processes"], signals_only_to)
    if what == "canary":
        from cnn_conformance.implementation.sandbox import canary

        canary.main(*arguments)
    else:
        from cnn_conformance.implementation import worker

        descriptor, memory, seconds, *search_path = arguments
        worker.main(int(descriptor), int(memory), int(seconds), search_path)
