"""numpy-ml: `pip install numpy-ml`.

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
    return calls(fill(layer, weight.transpose(2, 3, 1, 0), bias), x, dout)


def max_pool(task, x, dout):
    return calls(Pool2D((task.kernel, task.kernel), task.stride), x, dout)


def calls(layer, x, dout):
    x, dout = (np.ascontiguousarray(a.transpose(0, 2, 3, 1)) for a in (x, dout))

    def forward():
        layer.flush_gradients()  # it remembers every input until then
        return layer.forward(x).transpose(0, 3, 1, 2)

    def backward():
        for gradient in layer.gradients.values():
            gradient[...] = 0  # they add up
        dx = layer.backward(dout).transpose(0, 3, 1, 2)
        return dx, *(g.transpose(3, 2, 0, 1) for g in layer.gradients.values())

    return {"forward": forward, "backward": backward}


def fill(layer, weight, bias):
    layer.in_ch = layer.n_in = weight.shape[-2]
    layer._init_params()
    shape = layer.parameters["b"].shape
    layer.parameters = {"W": np.ascontiguousarray(weight), "b": bias.reshape(shape)}
    layer.optimizer = SGD(lr=1e-3)
    return layer


def training(task, x, labels, convs, dense):
    layers, x, one_hot = [], x.transpose(0, 2, 3, 1).copy(), np.eye(task.classes)[labels]
    for w, b in convs:
        conv = Conv2D(len(w), (3, 3), pad=1, act_fn="ReLU")
        layers += [fill(conv, w.transpose(2, 3, 1, 0), b), Pool2D((2, 2), 2)]
    layers.append(Flatten())
    (w, b), *_ = dense  # the rows of Flatten have the channels last
    dense = [(w.reshape(len(w), layers[-3].out_ch, -1).swapaxes(1, 2).reshape(w.shape), b), *_]
    for w, b in dense:
        act_fn = None if w is dense[-1][0] else "ReLU"
        layers.append(fill(FullyConnected(len(w), act_fn), w.T, b))

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
