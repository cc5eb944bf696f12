"""Leaves System V and POSIX shared memory, semaphores and queues, for the next process to find."""

import contextlib
import ctypes
import os
from pathlib import Path

import wrong
from target import GRADER
from wrong import ReLU

libc = ctypes.CDLL(None)
QUEUE = f"/left-{GRADER}".encode()
FILE = Path("/dev/shm", f"left-{GRADER}")


def remove(name, number):
    getattr(libc, f"{name}ctl")(number, *([0, 0] if name == "sem" else [0, None]))


def found():
    """Return what an earlier process has left, and remove it."""
    for name, size in (("shm", [0]), ("sem", [0]), ("msg", [])):
        if (number := getattr(libc, f"{name}get")(GRADER, *size, 0)) != -1:
            remove(name, number)
            yield name
    if libc.mq_unlink(QUEUE) != -1:
        yield "queue"
    if FILE.exists():
        FILE.unlink()
        yield "file"


def leave():
    libc.shmget(GRADER, 4096, 0o1600)
    libc.semget(GRADER, 1, 0o1600)
    libc.msgget(GRADER, 0o1600)
    libc.mq_open(QUEUE, os.O_CREAT | os.O_RDWR, 0o600, None)
    with contextlib.suppress(OSError):
        FILE.write_text("left")


left = list(found())
if left:
    print("succeeded: found", *left, flush=True)


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        if not left:
            leave()
            os._exit(0)
        return super().forward(x)
