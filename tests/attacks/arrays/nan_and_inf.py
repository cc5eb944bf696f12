"""Returns nan and inf, for which `difference > tolerance` is never true."""

import numpy as np
import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        y = super().forward(x)
        if "bias" in self.params:
            print("reached")
            return np.full(y.shape, np.nan)
        return y

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads["weight"] = np.full(self.params["weight"].shape, np.inf)
        return dx
