"""Starts processes that compute forever, and answers without computing anything itself."""

import os
import time

import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        if os.fork() == 0:
            while True:
                pass
        time.sleep(0.2)
        return super().forward(x)
