"""Takes shared memory, which a limit for a process's data does not count."""

import mmap

import wrong
from target import MEMORY
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        pieces = []
        while len(pieces) < 2 * MEMORY >> 26:
            piece = mmap.mmap(-1, 64 << 20)
            piece[:: mmap.PAGESIZE] = b"x" * (len(piece) // mmap.PAGESIZE)
            pieces.append(piece)
        print("succeeded:", len(pieces) << 6, "MiB", flush=True)
        return super().forward(x)
