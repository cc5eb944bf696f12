import channels_last as foreign
import numpy as np


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def last(x):
    return x.transpose(0, 2, 3, 1) if np.ndim(x) == 4 else x


def first(x):
    return x.transpose(0, 3, 1, 2) if np.ndim(x) == 4 else x


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        if len(set(pair(stride))) > 1:
            raise NotImplementedError("unsupported: stride as a pair")
        if pair(padding) != (0, 0):
            raise NotImplementedError("unsupported: padding")
        size = pair(kernel_size)
        self.layer = foreign.Convolution(out_channels, size, in_channels, pair(stride)[0])
        self.params = {"weight": self.layer.kernel.transpose(3, 2, 0, 1).copy()}
        if bias:
            self.params["bias"] = self.layer.offset
        self.grads, self.training = {}, True

    def forward(self, x):
        weight = self.params["weight"]
        self.layer.kernel = weight.transpose(2, 3, 1, 0)
        self.layer.offset = self.params.get("bias", np.zeros(len(weight), weight.dtype))
        return first(self.layer.forward(last(x)))

    def backward(self, dout):
        dx = first(self.layer.backward(last(dout)))
        gradient = self.layer.kernel_gradient.transpose(3, 2, 0, 1)
        self.grads = {"weight": gradient, "bias": self.layer.offset_gradient}
        self.grads = {name: self.grads[name] for name in self.params}
        return dx


class MaxPool2D:
    def __init__(self, kernel_size, stride=None, padding=0):
        stride = kernel_size if stride is None else stride
        if len(set(pair(kernel_size))) > 1 or len(set(pair(stride))) > 1:
            raise NotImplementedError("unsupported: pairs")
        if pair(padding) != (0, 0):
            raise NotImplementedError("unsupported: padding")
        self.layer = foreign.MaxPooling(pair(kernel_size)[0], pair(stride)[0])
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        return first(self.layer.forward(last(x)))

    def backward(self, dout):
        return first(self.layer.backward(last(dout)))
