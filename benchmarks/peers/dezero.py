"""DeZero, of the book Deep Learning from Scratch 3: `pip install dezero`.

Convolution and pooling by im2col, with its own automatic differentiation.
"""

import numpy as np

np.int = int  # DeZero is older than numpy 1.24

from dezero import Parameter, Variable, functions, no_grad  # noqa: E402
from dezero.optimizers import SGD  # noqa: E402


def conv(task, x, weight, bias, dout):
    parameters = Parameter(weight), Parameter(bias)
    return calls(lambda x: functions.conv2d(x, *parameters, task.stride, task.padding), x, dout)


def max_pool(task, x, dout):
    return calls(lambda x: functions.pooling(x, task.kernel, task.stride), x, dout)


def calls(function, x, dout):
    x, dout, latest = Variable(x), Variable(dout), []

    def forward():
        latest[:] = [function(x)]
        return latest[0].data

    def backward():
        with no_grad():
            gradients = latest[0].creator.backward(dout)
        return [g.data for g in (gradients if isinstance(gradients, tuple) else (gradients,))]

    return {"forward": forward, "backward": backward}


def training(task, x, labels, convs, dense):
    convs, dense = ([(Parameter(w), Parameter(b)) for w, b in layers] for layers in (convs, dense))
    transposed = [(Parameter(w.data.T.copy()), b) for w, b in dense]
    parameters, optimizer = [p for pair in convs + transposed for p in pair], SGD(1e-3)

    def step():
        y = Variable(x)
        for w, b in convs:
            y = functions.pooling(functions.relu(functions.conv2d(y, w, b, 1, 1)), 2, 2)
        y = functions.reshape(y, (len(x), -1))
        for index, (w, b) in enumerate(transposed):
            y = functions.linear(functions.relu(y) if index else y, w, b)
        loss = functions.softmax_cross_entropy(y, labels)
        for p in parameters:
            p.cleargrad()
        loss.backward()
        for p in parameters:
            optimizer.update_one(p)
        return loss.data

    return {"step": step}
