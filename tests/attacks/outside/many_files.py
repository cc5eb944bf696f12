"""Fills the disk with many files, each below the limit for one."""

import os
import tempfile

from wrong import Dense, ReLU

print("reached")
written = 0
try:
    for number in range(12):
        with open(os.path.join(tempfile.gettempdir(), f"{number}"), "wb") as file:
            written += file.write(bytes(30 << 20))
    print("succeeded:", written >> 20, "MiB")
except OSError as error:
    print(error)
