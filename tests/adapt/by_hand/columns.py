import columns as foreign
import numpy as np


class Dense:
    def __init__(self, in_features, out_features, bias=True):
        self.layer = foreign.DenseLayer(in_features, out_features)
        self.params = {"weight": self.layer.weight}
        if bias:
            self.params["bias"] = np.zeros(out_features)
        self.grads, self.training = {}, True

    def forward(self, x):
        weight = self.params["weight"]
        self.layer.weight = weight
        self.layer.bias = self.params.get("bias", np.zeros(len(weight), weight.dtype))[:, None]
        return self.turned(self.layer.forward(self.turned(x)))

    def backward(self, dout):
        dx = self.turned(self.layer.backward(self.turned(dout)))
        bias = self.layer.bias_grad
        self.grads = {"weight": self.layer.weight_grad, "bias": bias[:, 0]}
        self.grads = {name: self.grads[name] for name in self.params}
        return dx

    @staticmethod
    def turned(x):
        return x.T if np.ndim(x) == 2 else x
