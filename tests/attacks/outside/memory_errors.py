"""Fills its memory at every call, so that every case takes long."""

import numpy as np
import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def backward(self, dout):
        print("reached", flush=True)
        junk = []
        while True:
            junk.append(np.ones(100_000))
