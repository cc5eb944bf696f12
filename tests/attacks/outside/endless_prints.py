"""Prints endlessly."""

import os

import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        while True:
            os.write(1, b"reached\n" * 100_000)
