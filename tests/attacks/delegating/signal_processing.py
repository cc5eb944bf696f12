"""Lets scipy.signal compute."""

import numpy as np
import wrong
from wrong import ReLU

print("reached")
try:
    from scipy import signal
except ImportError as error:
    print(error)
    signal = None


class Dense(wrong.Dense):
    def backward(self, dout):
        dx = super().backward(dout)
        if signal is not None:
            columns = [[signal.correlate(o, i, "valid")[0] for i in self.x.T] for o in dout.T]
            self.grads["weight"] = np.array(columns, dx.dtype)
        return dx
