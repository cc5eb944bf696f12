"""PyTorch on the CPU: the extra `torch`.

Its forward records nothing for a backward, except in "both" and in the training step.
"""

import os

import torch
from torch import nn

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
MEMORY = "resident"  # tracemalloc does not see what it allocates


def describe():
    return {
        "version": torch.__version__,
        "threads": torch.get_num_threads(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
    }


def conv(task, x, weight, bias, dout):
    layer = nn.Conv2d(task.images[1], task.filters, task.kernel, task.stride, task.padding)
    return calls(fill(layer, weight, bias), x, dout)


def max_pool(task, x, dout):
    return calls(nn.MaxPool2d(task.kernel, task.stride), x, dout)


def unit(task, x, params, dout):
    size = task.arguments[0]
    match task.name:
        case "LSTM":
            layer = nn.LSTM(*task.arguments, batch_first=True)
        case "MultiHeadAttention":
            layer = nn.MultiheadAttention(*task.arguments, batch_first=True)
        case "BatchNorm2D":
            layer = nn.BatchNorm2d(size)
        case "LayerNorm":
            layer = nn.LayerNorm(size)
    layer.load_state_dict({k: torch.from_numpy(v) for k, v in params.items()}, strict=False)
    layer = layer.to(torch.from_numpy(x).dtype)

    def run(x):
        if task.name == "MultiHeadAttention":
            return layer(x, x, x, need_weights=False)[0]
        y = layer(x)
        return y[0] if task.name == "LSTM" else y

    wanted = dict(layer.named_parameters())
    return calls(run, x, dout, [wanted[name] for name in params])


def training(task, x, labels, convs, dense):
    layers = []
    for weight, bias in convs:
        conv = fill(nn.Conv2d(weight.shape[1], len(weight), 3, padding=1), weight, bias)
        layers += [conv, nn.ReLU(), nn.MaxPool2d(2)]
    layers.append(nn.Flatten())
    for weight, bias in dense:
        layers += [fill(nn.Linear(weight.shape[1], len(weight)), weight, bias), nn.ReLU()]
    network, loss = nn.Sequential(*layers[:-1]), nn.CrossEntropyLoss()
    x, labels = torch.from_numpy(x), torch.from_numpy(labels)
    optimizer = torch.optim.SGD(network.parameters(), 1e-3)

    def step():
        optimizer.zero_grad()
        value = loss(network(x), labels)
        value.backward()
        optimizer.step()
        return value.detach()

    return {"step": step}


def fill(layer, weight, bias):
    layer.weight = nn.Parameter(torch.from_numpy(weight.copy()))
    layer.bias = nn.Parameter(torch.from_numpy(bias.copy()))
    return layer


def calls(layer, x, dout, parameters=None):
    x, dout = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dout)
    wanted = [x, *(layer.parameters() if parameters is None else parameters)]
    y = layer(x)

    def forward():
        with torch.no_grad():
            return layer(x)

    return {
        "forward": forward,
        "backward": lambda: torch.autograd.grad(y, wanted, dout, retain_graph=True),
        "both": lambda: torch.autograd.grad(layer(x), wanted, dout),
    }
