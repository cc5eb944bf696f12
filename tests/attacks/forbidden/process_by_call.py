"""Makes processes by the kernel's own system calls, fork and clone."""

import ctypes
import os
import platform

from wrong import Dense, ReLU

print("reached")
SIGCHLD = 17
CALLS = {"x86_64": {"fork": 57, "clone": 56}, "aarch64": {"clone": 220}}
syscall = ctypes.CDLL(None, use_errno=True).syscall
for name, number in CALLS.get(platform.machine(), {}).items():
    child = syscall(number, SIGCHLD if name == "clone" else 0, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        os.waitpid(child, 0)
        print("succeeded:", name)
    else:
        print(os.strerror(ctypes.get_errno()))
