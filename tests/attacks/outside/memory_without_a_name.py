"""Keeps memory in nameless files, 60 MB per call, and answers fast."""

import os

import wrong
from target import MEMORY
from wrong import ReLU

HELD = []


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        HELD.append(os.memfd_create("hoard"))
        for _ in range(60):
            os.write(HELD[-1], b"x" * 1_000_000)
        if len(HELD) * 60_000_000 > 3 * MEMORY:
            print("succeeded: three times the memory", flush=True)
        return super().forward(x)
