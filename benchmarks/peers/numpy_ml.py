"""numpy-ml: `pip install --no-deps numpy-ml`.

Its images have the channels last and are handed over so, prepared beforehand. It does not keep
float32, and pools pixel by pixel in Python.
"""

import collections
import collections.abc

import numpy as np

collections.Hashable = collections.abc.Hashable  # numpy-ml is older than Python 3.10

from numpy_ml.neural_nets.layers import Conv2D, Flatten, FullyConnected, Pool2D, Softmax  # noqa: E402
from numpy_ml.neural_nets.losses import CrossEntropy  # noqa: E402
from numpy_ml.neural_nets.optimizers import SGD  # noqa: E402


def conv(task, x, weight, bias, dout):
    layer = Conv2D(len(weight), weight.shape[2:], task.padding, task.stride)
    return calls(layer, x, dout, {"W": weight.transpose(2, 3, 1, 0), "b": bias})


def max_pool(task, x, dout):
    return calls(Pool2D((task.kernel, task.kernel), task.stride), x, dout, {})


def calls(layer, x, dout, parameters):
    x, dout = (np.ascontiguousarray(a.transpose(0, 2, 3, 1)) for a in (x, dout))
    fill(layer, parameters)

    def forward():
        layer.flush_gradients()  # it remembers every input until then
        return layer.forward(x).transpose(0, 3, 1, 2)

    def backward():
        for gradient in layer.gradients.values():
            gradient[...] = 0
        dx, (dw, db) = layer.backward(dout), (layer.gradients.get(name) for name in "Wb")
        rest = () if dw is None else (dw.transpose(3, 2, 0, 1), db.ravel())
        return dx.transpose(0, 3, 1, 2), *rest

    return {"forward": forward, "backward": backward}


def fill(layer, parameters):
    layer.in_ch = layer.n_in = None
    layer.optimizer = SGD(lr=1e-3)
    if parameters:
        layer.in_ch, layer.n_in = parameters["W"].shape[-2], parameters["W"].shape[0]
        layer._init_params()
        for name, value in parameters.items():
            layer.parameters[name] = value.reshape(layer.parameters[name].shape).copy()
            layer.gradients[name] = np.zeros_like(layer.parameters[name])
    return layer


def training(task, x, labels, convs, dense):
    layers, x, one_hot = [], x.transpose(0, 2, 3, 1).copy(), np.eye(task.classes)[labels]
    for w, b in convs:
        layer = Conv2D(len(w), (3, 3), pad=1, act_fn="ReLU")
        layers += [fill(layer, {"W": w.transpose(2, 3, 1, 0), "b": b}), Pool2D((2, 2), 2)]
    layers.append(Flatten())
    for index, (w, b) in enumerate(dense):
        if index == 0:  # rows with the channels last
            K = len(convs[-1][0])
            w = w.reshape(len(w), K, -1).swapaxes(1, 2).reshape(w.shape)
        layer = FullyConnected(len(w), "ReLU" if index < len(dense) - 1 else None)
        layers.append(fill(layer, {"W": w.T, "b": b}))

    def step():
        y = x
        for layer in layers:
            y = layer.forward(y)
        y = Softmax().forward(y)
        gradient = CrossEntropy.grad(one_hot, y) / len(x)
        for layer in reversed(layers):
            gradient = layer.backward(gradient)
            layer.update()
        return CrossEntropy.loss(one_hot, y) / len(x)

    return {"step": step}
