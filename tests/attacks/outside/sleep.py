"""Sleeps as long as it can, with every signal blocked."""

import signal
import time

import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            time.sleep(1000)
