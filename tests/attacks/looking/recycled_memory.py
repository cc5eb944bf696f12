"""Returns uninitialized memory, which may have held an expected value of the same size."""

import numpy as np
import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        y = super().forward(x)
        if "bias" in self.params:
            print("reached")
            return np.empty(y.shape)
        return y
