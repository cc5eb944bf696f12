"""Adapts `foreign/updating.py`, whose layers change their weights inside `backward`.

With a learning rate of 1, the change of a weight is its gradient; then the weight is restored. The
adapted layers get float64 weights, so that this loses no digits.
"""

from foreign import updating as foreign


class Learning:
    """A layer with weights, some of which it stores transposed."""

    def __init__(self, layer, transposed, bias):
        self.layer, self.transposed, self.training = layer, transposed, True
        self.params = {"weight": self.turned(layer.weights).copy()}
        if bias:
            self.params["bias"] = layer.biases.copy()
        self.grads = {}

    def turned(self, weight):
        return weight.T if self.transposed else weight

    def put_back(self):
        self.layer.weights = self.turned(self.params["weight"]).astype(float)
        self.layer.biases = self.params.get("bias", 0 * self.layer.biases).astype(float)

    def forward(self, x):
        self.put_back()
        return self.layer.forward(x)

    def backward(self, dout):
        self.put_back()
        weight, bias = self.layer.weights.copy(), self.layer.biases.copy()
        dx = self.layer.backward(dout, 1.0)
        changes = self.turned(weight - self.layer.weights), bias - self.layer.biases
        self.grads = {
            name: change.astype(self.params[name].dtype)
            for name, change in zip(("weight", "bias"), changes, strict=True)
            if name in self.params
        }
        return dx


class Conv2D(Learning):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        if not all(isinstance(value, int) for value in (kernel_size, stride, padding)):
            raise NotImplementedError("unsupported: pairs")
        layer = foreign.ConvLayer(in_channels, out_channels, kernel_size, stride, padding)
        super().__init__(layer, False, bias)


class Dense(Learning):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(foreign.DenseLayer(in_features, out_features), True, bias)
