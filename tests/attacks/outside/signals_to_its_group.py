"""Kills everything in its process group and session."""

import os
import signal

from wrong import Dense, ReLU

print("reached", flush=True)
os.killpg(0, signal.SIGKILL)
