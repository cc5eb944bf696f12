"""Sends signals to its parent and to the grader."""

import os
import signal

from target import GRADER
from wrong import Dense, ReLU

print("reached", flush=True)
for process in (GRADER, os.getppid()):
    try:
        os.kill(process, signal.SIGUSR1)
        print("sent to", process, flush=True)
    except OSError as error:
        print(error)
