import fused as foreign
import numpy as np


class Dense:
    def __init__(self, in_features, out_features, bias=True):
        self.layer = foreign.DenseLayer(in_features, out_features, "linear")
        self.params = {"weight": self.layer.W.T.copy()}
        if bias:
            self.params["bias"] = np.zeros(out_features)
        self.grads, self.training = {}, True

    def forward(self, x):
        weight = self.params["weight"]
        self.layer.W = weight.T
        self.layer.b = self.params.get("bias", np.zeros(len(weight), weight.dtype))[None]
        return self.layer.forward_pass(x)

    def backward(self, dout):
        dx = self.layer.backward_pass(dout)
        db = self.layer.db[0] if self.layer.db.ndim == 2 else self.layer.db
        self.grads = {"weight": self.layer.dW.T, "bias": db}
        self.grads = {name: self.grads[name] for name in self.params}
        return dx


class Sigmoid:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        self.x = x
        return foreign.sigmoid(x)

    def backward(self, dout):
        return foreign.sigmoid_derivative(self.x) * dout
