import numpy as np
import updating as foreign


class Learning:
    def __init__(self, layer, bias, turn):
        self.layer, self.turn, self.training, self.grads = layer, turn, True, {}
        self.params = {"weight": turn(layer.weights).copy()}
        if bias:
            self.params["bias"] = layer.bias.copy()

    def put(self):
        weight = self.params["weight"]
        self.layer.weights = self.turn(weight)
        self.layer.bias = self.params.get("bias", np.zeros(len(weight), weight.dtype))

    def forward(self, x):
        self.put()
        return self.layer.forward(x)

    def backward(self, dout):
        self.put()
        before = {"weight": self.layer.weights, "bias": self.layer.bias}
        before = {name: value.copy() for name, value in before.items()}
        dx = self.layer.backward(dout, 1.0)
        after = {"weight": self.layer.weights, "bias": self.layer.bias}
        changes = {name: before[name] - after[name] for name in self.params}
        changes["weight"] = self.turn(changes["weight"])
        self.grads = changes
        return dx


class Dense(Learning):
    def __init__(self, in_features, out_features, bias=True):
        layer = foreign.FullyConnected(in_features, out_features)
        super().__init__(layer, bias, np.transpose)


class Conv2D(Learning):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        given = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        for name, value in given.items():
            if isinstance(value, tuple):
                if len(set(value)) > 1:
                    raise NotImplementedError(f"unsupported: {name} as a pair")
                given[name] = value[0]
        layer = foreign.ConvLayer(in_channels, out_channels, *given.values())
        super().__init__(layer, bias, lambda weight: weight)
