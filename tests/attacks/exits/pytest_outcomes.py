"""Calls pytest.exit, skip, xfail and importorskip, some of which do not count as failures."""

import itertools

import pytest
import wrong
from wrong import ReLU

CALLS = itertools.cycle(
    [
        lambda: pytest.exit("all passed", returncode=0),
        lambda: pytest.skip("not today"),
        lambda: pytest.xfail("known"),
        lambda: pytest.importorskip("a_module_that_nobody_has"),
    ]
)


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached")
        next(CALLS)()
