"""Puts lone surrogates, which no file can store, into every text that it returns."""

import itertools

import wrong

HALF = "\ud800half\udfff"


class Odd:
    pass


Odd.__qualname__ = Odd.__module__ = HALF


class Named(type):
    __name__ = HALF


class Error(ValueError, metaclass=Named):
    pass


def raises():
    exec(compile("raise Error(HALF)", "\udcff", "exec"), {"Error": Error, "HALF": HALF})


print("reached", HALF.encode("utf-8", "surrogatepass"), flush=True)
ANSWERS = itertools.cycle([Odd, lambda: HALF, lambda: {HALF: 1}, lambda: [HALF], raises])


class Dense(wrong.Dense):
    def forward(self, x):
        self.grads[HALF] = self.params[HALF] = x
        return next(ANSWERS)()


class ReLU(wrong.ReLU):
    def forward(self, x):
        raise Error(HALF)


def __getattr__(name):
    raise ValueError(HALF)
