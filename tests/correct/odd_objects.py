"""Odd but lawful objects: factories, delegation, subclasses of dict, numpy numbers."""

import collections
import types

import numpy as np
import plain
from plain import fit as plain_fit
from plain import predict
from views_and_buffers import Conv2D as AnyConv2D

__all__ = ["MSE", "SGD", "Conv2D", "Dense", "Flatten", "MaxPool2D", "ReLU", "Sequential"]
__all__ += ["SoftmaxCrossEntropy", "evaluate", "fit", "predict"]


class Params(dict):
    """A dict that cannot be changed once it is made; its arrays can."""

    __getattr__ = dict.__getitem__

    def __setitem__(self, name, value):
        raise TypeError(f"{name}: write into the array instead")


class Wrapper:
    """Whatever it does not know it leaves to the layer inside."""

    def __init__(self, layer):
        object.__setattr__(self, "layer", layer)
        layer.params = Params(layer.params)
        layer.grads = collections.OrderedDict()

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def __setattr__(self, name, value):
        setattr(self.layer, name, value)

    def __call__(self, x):
        return self.layer.forward(x)

    def forward(self, x):
        return self.layer.forward(x)

    def backward(self, dout):
        dx = self.layer.backward(dout)
        self.layer.grads = collections.OrderedDict(self.layer.grads)
        return dx


def Conv2D(*args, **kwargs):  # noqa: N802  # a factory
    return Wrapper(AnyConv2D(*args, **kwargs))


def Dense(in_features, out_features, bias=True):  # noqa: N802
    return Wrapper(plain.Dense(in_features, out_features, bias))


MaxPool2D = type("MaxPool2D", (plain.MaxPool2D,), {"__slots__": ("note",)})


class Flatten:
    """State in a namespace; class attributes say what is empty."""

    params, grads = Params(), Params()  # of the class, but nothing is ever put into them
    training = True

    def forward(self, x):
        if x.ndim < 2:
            raise ValueError(f"Flatten: cannot flatten {x.shape}")
        self.state = types.SimpleNamespace(shape=x.shape, out=(len(x), x[0].size))
        return np.stack([sample.ravel() for sample in x])

    def backward(self, dout):
        if not hasattr(self, "state"):
            raise RuntimeError("Flatten: nothing was flattened")
        if dout.shape != self.state.out:
            raise ValueError(f"Flatten: {dout.shape} instead of {self.state.out}")
        return np.array([row.reshape(self.state.shape[1:]) for row in dout])


class ReLU:
    """The gate is made of numbers; training is a numpy bool."""

    params = property(lambda self: collections.Counter())
    grads = property(lambda self: collections.defaultdict(list))

    def __init__(self):
        self.training = np.True_

    def forward(self, x):
        self.x = x
        return (x > 0) * x

    def backward(self, dout):
        x = getattr(self, "x", None)
        if x is None:
            raise RuntimeError("ReLU: nothing was cut off")
        if x.shape != dout.shape:
            raise ValueError(f"ReLU: {dout.shape} instead of {x.shape}")
        return np.select([x > 0], [dout], default=np.zeros_like(dout))


class SoftmaxCrossEntropy(plain.SoftmaxCrossEntropy):
    def forward(self, logits, target):
        return np.asarray(super().forward(logits, target), logits.dtype)


class MSE(plain.MSE):
    def forward(self, pred, target):
        return pred.dtype.type(super().forward(pred, target))


class SGD(collections.namedtuple("SGD", "lr")):
    """A tuple of one number."""

    def step(self, params, grads):
        for key in params.keys() & grads.keys():
            old, change = params[key], grads[key]
            if old.shape != change.shape:
                raise ValueError(f"SGD: {old.shape}, {change.shape}")
            np.copyto(old, old - self.lr * change)


class ModuleList(list):
    """A list with a name."""


class Sequential(plain.Sequential):
    def __init__(self, layers):
        super().__init__(ModuleList(layers))


class History(dict):
    """A dict whose entries are attributes too."""

    __getattr__ = dict.__getitem__


def fit(*args, **kwargs):
    history = plain_fit(*args, **kwargs)
    return History({name: tuple(np.array(v) for v in values) for name, values in history.items()})


def evaluate(*args, **kwargs):
    result = plain.evaluate(*args, **kwargs)
    return History({name: np.array(value) for name, value in result.items()})
