"""Adapts `foreign/functional.py`: functions become layers, its weights become `params`."""

import numpy as np
from foreign import functional as foreign


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        if not all(isinstance(value, int) for value in (kernel_size, stride, padding)):
            raise NotImplementedError("unsupported: pairs")
        self.options = stride, padding
        shape = out_channels, in_channels, kernel_size, kernel_size
        self.params = {"weight": np.random.standard_normal(shape)}
        if bias:
            self.params["bias"] = np.zeros(out_channels)
        self.grads, self.training = {}, True

    def forward(self, x):
        weight = self.params["weight"]
        bias = self.params.get("bias", np.zeros(len(weight), weight.dtype))
        y, self.cache = foreign.conv_forward(x, weight, bias, *self.options)
        return y

    def backward(self, dout):
        dx, dw, db = foreign.conv_backward(dout, self.cache)
        self.grads = {"weight": dw, "bias": db} if "bias" in self.params else {"weight": dw}
        return dx


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        if reduction != "mean":
            raise NotImplementedError("unsupported: sum")

    def forward(self, logits, target):
        if np.ndim(target) != 1:
            raise NotImplementedError("unsupported: probabilities")
        loss, self.gradient = foreign.softmax_loss(logits, target)
        return loss

    def backward(self):
        return self.gradient
