"""Ends the process with status 0 in forward."""

import os

import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached", flush=True)
        os._exit(0)
