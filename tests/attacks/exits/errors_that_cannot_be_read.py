"""Raises errors whose text, class and traceback raise again, end the process or never end."""

import itertools

import wrong
from wrong import ReLU


class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit(0)


class NoText(Exception):
    def __str__(self):
        raise KeyboardInterrupt


class NoName(Exception, metaclass=Meta):
    pass


class Text(str):
    def __str__(self):
        return "\x00" * 10_000_000


class Large(Exception):
    def __str__(self):
        return Text("x" * 10_000_000)


KINDS = itertools.cycle([NoText(), NoName(), Large()])


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached")
        raise next(KINDS)
