"""Sends error messages, tracebacks, names and keys of megabytes, around the worker's limits."""

import itertools

import wrong
from wrong import ReLU

from cnn_conformance.implementation import host, wire

LARGE = "x" * 3_000_000
REPLIES = itertools.cycle(
    [
        {"raised": [LARGE, LARGE[:1000]], "text": "", "traceback": ""},
        {"raised": ["ValueError"], "text": LARGE, "traceback": ""},
        {"raised": ["ValueError"], "text": "", "traceback": LARGE},
        {"raised": ["ValueError"] * 9000, "text": [LARGE], "traceback": {LARGE: 1}},
        {"value": {f"{n}{LARGE[:300]}": None for n in range(9000)}},
        {"value": LARGE},
        {"value": (None, {f"{n}{LARGE[:150]}": None for n in range(9000)})},
        {"value": wire.Ref(int("9" * 4000))},
    ]
)
real = host.Host.handle
count = itertools.count()


def handle(self, request):
    return real(self, request) if next(count) < 12 else next(REPLIES)


host.Host.handle = handle
wire.type_name = lambda kind: LARGE
print("reached")
