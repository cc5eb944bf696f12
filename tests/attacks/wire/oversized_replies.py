"""Sends oversized replies: too long, too deep, too many items, too many digits."""

import itertools
import json
import struct

import wrong
from wrong import ReLU

import cnn_conformance.implementation.wire as wire


def frame(text):
    return struct.pack("<QI", len(text), len(text)) + text


FRAMES = itertools.cycle(
    [
        struct.pack("<QI", 2**62, 10) + b"x" * 1000,
        frame(b'{"tree": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b', "sizes": []}'),
        frame(b'{"tree": ' + b"9" * 3_000_000 + b', "sizes": []}'),
        frame(json.dumps({"tree": "x", "sizes": [1] * 1_000_000}).encode()),
        frame(b'{"tree": {"dict": [["value", 1e999]]}, "sizes": [NaN, -1]}'),
    ]
)
real = wire.encode
count = itertools.count()
wire.encode = lambda message: real(message) if next(count) < 12 else next(FRAMES)
print("reached")
