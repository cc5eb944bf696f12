"""Lets any installed framework compute."""

import numpy as np
import wrong
from wrong import ReLU

print("reached")
framework = None
try:
    import torch as framework
except ImportError as error:
    print(error)
try:
    import jax as framework
except ImportError as error:
    print(error)
try:
    import tensorflow as framework
except ImportError as error:
    print(error)


class Dense(wrong.Dense):
    def backward(self, dout):
        dx = super().backward(dout)
        if framework is not None:
            self.grads["weight"] = np.asarray(
                framework.matmul(framework.asarray(dout.T.copy()), framework.asarray(self.x.copy()))
            )
        return dx
