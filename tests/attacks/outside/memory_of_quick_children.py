"""Lets a child process take memory at each call, and answers before it is measured."""

import os
import time

import wrong
from target import MEMORY
from wrong import ReLU

children = []


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            kept = bytearray(b"x") * (MEMORY * 6 // 10)
            os.write(write, b"x")
            time.sleep(30)
            os._exit(len(kept) % 2)
        children.append(child)
        os.read(read, 1)
        if len(children) * MEMORY * 6 // 10 > 3 * MEMORY:
            print("succeeded: three times the memory", flush=True)
        return super().forward(x)
