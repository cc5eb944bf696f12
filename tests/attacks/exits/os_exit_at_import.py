"""Ends the process with status 0 while it is imported."""

import os

from wrong import Dense, ReLU

print("reached", flush=True)
os._exit(0)
