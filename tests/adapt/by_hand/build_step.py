import build_step as foreign
import numpy as np


class Dense:
    def __init__(self, in_features, out_features, bias=True):
        self.layer = foreign.Dense(out_features)
        self.layer.build((1, in_features))
        self.params = {"weight": self.layer.kernel.T.copy()}
        if bias:
            self.params["bias"] = self.layer.bias
        self.grads, self.training = {}, True

    def forward(self, x):
        weight = self.params["weight"]
        self.layer.kernel = weight.T
        self.layer.bias = self.params.get("bias", np.zeros(len(weight), weight.dtype))
        return self.layer.call(x)

    def backward(self, dout):
        dx = self.layer.backprop(dout)
        self.grads = {"weight": self.layer.d_kernel.T, "bias": self.layer.d_bias}
        self.grads = {name: self.grads[name] for name in self.params}
        return dx


class AvgPool2D:
    def __init__(self, kernel_size, stride=None, padding=0):
        stride = kernel_size if stride is None else stride
        if isinstance(kernel_size, tuple) and len(set(kernel_size)) > 1:
            raise NotImplementedError("unsupported: kernel_size as a pair")
        size = kernel_size[0] if isinstance(kernel_size, tuple) else kernel_size
        if stride not in (size, (size, size)):
            raise NotImplementedError("unsupported: stride other than the kernel's size")
        if padding not in (0, (0, 0)):
            raise NotImplementedError("unsupported: padding")
        self.size, self.layer = size, None
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        x = x.transpose(0, 2, 3, 1) if np.ndim(x) == 4 else x
        if self.layer is None or self.made_for != np.shape(x):
            self.layer = foreign.AveragePooling2D(self.size, np.shape(x)[1:])
            self.made_for = np.shape(x)
        return self.layer.call(x).transpose(0, 3, 1, 2)

    def backward(self, dout):
        dout = dout.transpose(0, 2, 3, 1) if np.ndim(dout) == 4 else dout
        return self.layer.backprop(dout).transpose(0, 3, 1, 2)
