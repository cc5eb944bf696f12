"""Ends the process with status 0 from exit handlers, and writes a verdict there."""

import atexit
import os
import sys
import threading

from target import SENTINEL
from wrong import Dense, ReLU


def end():
    with open(os.path.join(SENTINEL, "results.json"), "w") as file:
        file.write('{"points": 100}')
    os._exit(0)


atexit.register(end)
threading._register_atexit(end)
sys.excepthook = lambda *_: end()
print("reached")
