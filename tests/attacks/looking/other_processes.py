"""Reads memory, environment and descriptors of the grader's process, and attaches to it."""

import ctypes
import os

from target import GRADER
from wrong import Dense, ReLU

print("reached")
PTRACE_SEIZE, PTRACE_DETACH = 0x4206, 17
for name in ("environ", "maps", "mem"):
    try:
        with open(f"/proc/{GRADER}/{name}", "rb", 0) as file:
            if name == "mem" or file.read(10):
                print("succeeded:", name)
    except OSError as error:
        print(error)
try:
    print("succeeded:", [os.readlink(f"/proc/{GRADER}/fd/{n}") for n in range(3)])
except OSError as error:
    print(error)
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(PTRACE_SEIZE, GRADER, None, None) == 0:
    libc.ptrace(PTRACE_DETACH, GRADER, None, None)
    print("succeeded: ptrace")
