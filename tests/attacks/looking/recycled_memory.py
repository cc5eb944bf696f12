"""Returns memory that was not set, where an expected value of the same size may have been."""

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

    def backward(self, dout):
        self.grads["weight"] = np.empty(self.params["weight"].shape)
        if "bias" in self.params:
            self.grads["bias"] = np.empty(self.params["bias"].shape)
        return dout @ self.params["weight"]
