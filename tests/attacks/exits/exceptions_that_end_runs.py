"""Raises SystemExit, KeyboardInterrupt, GeneratorExit and its own BaseException in turn."""

import itertools

import wrong
from wrong import ReLU


class Passed(BaseException):
    pass


KINDS = itertools.cycle([SystemExit(0), KeyboardInterrupt(), GeneratorExit(), Passed("passed")])


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached")
        raise next(KINDS)
