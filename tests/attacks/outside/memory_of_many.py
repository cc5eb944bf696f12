"""Spreads memory over processes, each of which stays below the limit for one."""

import os
import time

import wrong
from target import MEMORY
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        for _ in range(4):
            if os.fork() == 0:
                kept = bytearray(b"x") * (MEMORY // 2)
                time.sleep(30)
                os._exit(len(kept) % 2)
        time.sleep(2)
        print("succeeded: twice the memory", flush=True)
        return super().forward(x)
