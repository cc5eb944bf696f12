"""Adapts `foreign/fused.py`: transposes axes, and removes the activation from its layer.

The adapted layers always have a bias; with ``bias=False`` it stays 0.
"""

from foreign import fused as foreign


class Weighted:
    to_foreign = to_ours = (1, 0)  # the axes of the weight, there and back
    training = True

    def __init__(self, layer, inputs, bias):
        layer.build(inputs)
        self.layer, self.grads = layer, {}
        self.params = {"weight": layer.kernel.transpose(self.to_ours).copy()}
        if bias:
            self.params["bias"] = layer.bias.copy()

    def forward(self, x):
        self.layer.kernel = self.params["weight"].transpose(self.to_foreign)
        self.layer.bias = self.params.get("bias", self.layer.bias.astype(x.dtype))
        return self.layer.forward(x)

    def backward(self, dout):
        dx = self.layer.backward(dout)
        grads = {"weight": self.layer.d_kernel.transpose(self.to_ours), "bias": self.layer.d_bias}
        self.grads = {name: grads[name] for name in self.params}
        return dx


class Conv2D(Weighted):
    to_foreign, to_ours = (2, 3, 1, 0), (3, 2, 0, 1)

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        options = [v if isinstance(v, tuple) else (v, v) for v in (kernel_size, stride, padding)]
        size, strides, pads = options
        halves = tuple((k - 1) / 2 for k in size)
        name = {(0, 0): "valid", halves: "same" if strides == (1, 1) else None}.get(pads)
        if name is None:
            raise NotImplementedError('unsupported: padding that is neither "valid" nor "same"')
        super().__init__(foreign.Conv2D(out_channels, size, strides, name), in_channels, bias)

    def forward(self, x):
        return super().forward(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)

    def backward(self, dout):
        return super().backward(dout.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


class Dense(Weighted):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(foreign.Dense(out_features), in_features, bias)


class ReLU(foreign.Activation):
    def __init__(self):
        super().__init__("relu")
        self.params, self.grads, self.training = {}, {}, True
