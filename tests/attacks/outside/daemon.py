"""Leaves a process in its own session, which acts when the grading is over."""

import os
import time

from target import SENTINEL
from wrong import Dense, ReLU

print("reached", flush=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        time.sleep(2)
        with open(os.path.join(SENTINEL, "results.json"), "w") as file:
            file.write('{"points": 100}')
        time.sleep(30)
    os._exit(0)
os.wait()
