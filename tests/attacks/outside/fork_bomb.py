"""Starts processes that start processes, each in its own session (up to 64)."""

import contextlib
import os
import time

import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        with contextlib.suppress(OSError):
            for _ in range(6):
                if os.fork() == 0:
                    os.setsid()
        time.sleep(30)
        os._exit(0)
