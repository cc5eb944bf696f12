"""Searches all open file descriptors for cases, results or other people's data."""

import os
import stat

from target import SECRET
from wrong import Dense, ReLU

print("reached")
for name in os.listdir("/proc/self/fd"):
    try:
        status = os.fstat(int(name))
        link = os.readlink(f"/proc/self/fd/{name}")
        if stat.S_ISREG(status.st_mode):
            text = os.pread(int(name), 1 << 20, 0)
            if b"NUMPY" in text or SECRET.encode() in text:
                print("succeeded:", link)
        elif stat.S_ISDIR(status.st_mode):
            print("succeeded: a folder", link)
    except OSError:
        continue
