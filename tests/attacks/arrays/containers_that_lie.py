"""Returns grads and params that give different items each time, or never end."""

import itertools

import wrong
from wrong import ReLU


class Lies(dict):
    def __getitem__(self, key):
        return dict.__getitem__(self, key) * 0

    def __len__(self):
        return 0

    def items(self):
        return ((str(k), k) for k in itertools.count())

    __iter__ = keys = values = items


class Dense(wrong.Dense):
    def backward(self, dout):
        dx = super().backward(dout)
        print("reached")
        self.grads = Lies(dict.items(self.grads))
        return dx
