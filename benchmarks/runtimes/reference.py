"""The reference of this project."""

import reference
from reference import SGD, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential, SoftmaxCrossEntropy


def conv(task, x, weight, bias, dout):
    layer = Conv2D(task.images[1], task.filters, task.kernel, task.stride, task.padding)
    layer.params.update(weight=weight, bias=bias)

    def backward():
        dx = layer.backward(dout)
        return dx, layer.grads["weight"], layer.grads["bias"]

    return {"forward": lambda: layer.forward(x), "backward": backward}


def max_pool(task, x, dout):
    layer = MaxPool2D(task.kernel, task.stride)
    return {"forward": lambda: layer.forward(x), "backward": lambda: (layer.backward(dout),)}


def unit(task, x, params, dout):
    layer = getattr(reference, task.name)(*task.arguments)
    layer.params.update(params)

    def backward():
        dx = layer.backward(dout)
        return dx, *(layer.grads[name] for name in params)

    return {"forward": lambda: layer.forward(x), "backward": backward}


def training(task, x, labels, convs, dense):
    layers = []
    for weight, bias in convs:
        layers += [Conv2D(weight.shape[1], len(weight), 3, padding=1), ReLU(), MaxPool2D(2)]
        layers[-3].params.update(weight=weight, bias=bias)
    layers.append(Flatten())
    for weight, bias in dense:
        layers += [Dense(weight.shape[1], len(weight)), ReLU()]
        layers[-2].params.update(weight=weight, bias=bias)
    network, loss, optimizer = Sequential(layers[:-1]), SoftmaxCrossEntropy(), SGD(1e-3)

    def step():
        value = loss.forward(network.forward(x), labels)
        network.backward(loss.backward())
        optimizer.step(network.params, network.grads)
        return value

    return {"step": step}
