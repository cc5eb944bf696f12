"""Computes in short-lived child processes, each gone before it is measured."""

import os
import signal
import time

import wrong
from wrong import ReLU

signal.signal(signal.SIGCHLD, signal.SIG_IGN)


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        while True:
            if os.fork() == 0:
                end = time.monotonic() + 0.03
                while time.monotonic() < end:
                    pass
                os._exit(0)
            time.sleep(0.03)
