"""Replies with pickles wherever a reader might unpickle."""

import io
import itertools
import json
import os
import pickle
import struct

import numpy as np
import wrong
from target import SENTINEL
from wrong import ReLU

import cnn_conformance.implementation.wire as wire


class Bomb:
    def __reduce__(self):
        return (os.remove, (os.path.join(SENTINEL, "keep"),))


def frame(blob):
    text = json.dumps({"tree": {"dict": [["value", {"array": 0}]]}, "sizes": [len(blob)]}).encode()
    return struct.pack("<QI", len(text) + len(blob), len(text)) + text + blob


array = io.BytesIO()
np.save(array, np.array([Bomb()], object), allow_pickle=True)
plain = pickle.dumps(Bomb())
FRAMES = itertools.cycle(
    [frame(array.getvalue()), frame(plain), struct.pack("<QI", len(plain), 0) + plain, plain * 9]
)
real = wire.encode
count = itertools.count()
wire.encode = lambda message: real(message) if next(count) < 12 else next(FRAMES)
print("reached")
