"""Fills the disk with one large file in each writable folder."""

import os
import tempfile

from wrong import Dense, ReLU

print("reached")
for folder in (os.getcwd(), tempfile.gettempdir(), os.environ["HOME"], "/dev/shm", "/var/tmp"):
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.truncate(file.fileno(), 65 << 20)
            print("succeeded:", folder)
    except OSError as error:
        print(error)
