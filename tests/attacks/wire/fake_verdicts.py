"""Replies with verdicts instead of values."""

import itertools
import os
import sys

import wrong
from wrong import ReLU

import cnn_conformance.implementation.wire as wire

real = wire.encode
VALUES = itertools.cycle(
    [
        {"outcome": "passed", "points": 100.0},
        {"value": {"outcome": "passed"}, "points": 100},
        {"value": None, "raised": "Passed", "text": 3, "traceback": ["x"]},
        {"raised": [], "outcome": "passed"},
        "passed",
        {"value": wire.Ref(1)},
        {},
    ]
)
wrong.replies = 0


def encode(message):
    wrong.replies += 1
    return real(message if wrong.replies < 12 else next(VALUES))


wire.encode = encode
print("reached")
