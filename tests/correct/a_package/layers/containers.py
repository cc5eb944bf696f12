"""A list of layers that is a layer."""

from collections import OrderedDict


class Sequential(list):
    """A list itself: `layers` is this very object."""

    @property
    def layers(self):
        return self

    def forward(self, x):
        for layer in self:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self):
            dout = layer.backward(dout)
        return dout

    def collect(self, what):
        found = OrderedDict()
        for index, layer in enumerate(self):
            for name, array in getattr(layer, what).items():
                found[f"{index}.{name}"] = array
        return found

    params = property(lambda self: self.collect("params"))
    grads = property(lambda self: self.collect("grads"))

    @property
    def training(self):
        return next(iter(self)).training

    @training.setter
    def training(self, value):
        for layer in self:
            layer.training = value
