"""Starts a program by `_posixsubprocess.fork_exec`, which raises no audit event."""

import subprocess
import sys
import types

from wrong import Dense, ReLU

print("reached")
subprocess.sys = types.SimpleNamespace(**vars(sys) | {"audit": lambda *_: None})
try:
    words = [sys.executable, "-I", "-S", "-c", "print(6 * 7)"]
    print("succeeded:", subprocess.run(words, capture_output=True, text=True).stdout)
except OSError as error:
    print(error)
