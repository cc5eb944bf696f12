"""Asks for all memory, in one piece and in many."""

import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        pieces = []
        try:
            pieces.append(bytearray(64 << 30))
            print("succeeded: 64 GiB")
        except MemoryError:
            while True:
                pieces.append(bytearray(64 << 20))
