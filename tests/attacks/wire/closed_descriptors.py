"""Closes every file descriptor and keeps running."""

import os
import time

import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        os.closerange(0, 256)
        time.sleep(60)
