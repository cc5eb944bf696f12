import gradients_in_dicts as foreign
import numpy as np


class Dense:
    def __init__(self, in_features, out_features, bias=True):
        self.layer = foreign.Affine(in_features, out_features)
        self.params = {"weight": self.layer.variables["W"]}
        if bias:
            self.params["bias"] = np.zeros(out_features)
        self.grads, self.training = {}, True

    def forward(self, x):
        weight = self.params["weight"]
        bias = self.params.get("bias", np.zeros(len(weight), weight.dtype))
        self.layer.variables["W"], self.layer.variables["b"] = weight, bias[None]
        return self.layer.fprop(x)

    def backward(self, dout):
        dx = self.layer.bprop(dout)
        gradients = self.layer.gradients
        bias = gradients["db"]
        bias = bias[0] if bias.shape[0] == 1 and bias.ndim == 2 else bias
        self.grads = {"weight": gradients["dW"], "bias": bias}
        self.grads = {name: self.grads[name] for name in self.params}
        return dx


class ReLU(foreign.ReLU):
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    forward, backward = foreign.ReLU.fprop, foreign.ReLU.bprop
