import cached_functions as foreign
import numpy as np


def whole(what, value):
    if isinstance(value, tuple):
        if len(set(value)) > 1:
            raise NotImplementedError(f"unsupported: {what} as a pair")
        return value[0]
    return value


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        self.options = whole("stride", stride), whole("padding", padding)
        size = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        self.params = {"weight": np.random.standard_normal((out_channels, in_channels, *size))}
        if bias:
            self.params["bias"] = np.zeros(out_channels)
        self.grads, self.training = {}, True

    def forward(self, x):
        weight = self.params["weight"]
        bias = self.params.get("bias", np.zeros(len(weight), weight.dtype))
        y, self.memo = foreign.conv_fwd(x, weight, bias, *self.options)
        return y

    def backward(self, dout):
        dx, dw, db = foreign.conv_bwd(dout, self.memo)
        self.grads = {"weight": dw, "bias": db} if "bias" in self.params else {"weight": dw}
        return dx
