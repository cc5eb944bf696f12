"""PyTorch's functions, as the specification calls them; `pytorch` exports them."""

from functools import partial

import numpy as np
import torch
from torch import nn


def with_gradients(grads):
    """Return tensors of whatever value whose gradients are some arrays, the arrays themselves."""
    tensors = [torch.zeros(g.shape, dtype=torch.float64) for g in grads.values()]
    for tensor, g in zip(tensors, grads.values(), strict=True):
        tensor.grad = torch.from_numpy(np.array(g, np.float64))
    return tensors


def write_back(tensors, grads):
    for tensor, g in zip(tensors, grads.values(), strict=True):
        g[...] = tensor.grad.numpy()


def clip_grad_norm(grads, max_norm):
    if max_norm < 0:
        raise ValueError(f"clip_grad_norm: max_norm={max_norm}")
    tensors = with_gradients(grads)
    norm = nn.utils.clip_grad_norm_(tensors, max_norm)
    write_back(tensors, grads)
    return float(norm)


def clip_grad_value(grads, clip_value):
    if clip_value < 0:
        raise ValueError(f"clip_grad_value: clip_value={clip_value}")
    tensors = with_gradients(grads)
    nn.utils.clip_grad_value_(tensors, clip_value)
    write_back(tensors, grads)


def one_hot(labels, num_classes):
    if min(labels) < 0 or max(labels) >= num_classes:
        raise ValueError(f"one_hot: {labels} are not all below {num_classes}")
    return nn.functional.one_hot(
        torch.tensor(labels.astype(np.int64, order="C", copy=True)), num_classes
    ).numpy()


def accuracy(scores, target):
    if len(scores) != len(target):
        raise ValueError(f"accuracy: {len(scores)} scores, {len(target)} targets")
    labels = target if target.ndim == 1 else target.argmax(1)
    labels = torch.tensor(labels.astype(np.int64, order="C", copy=True))
    return float((torch.tensor(scores.copy(order="C")).argmax(1) == labels).double().mean())


def numerical_gradient(f, x, eps=1e-5):
    """Take the differences that `torch.gradient` makes of three points on a line."""
    if eps <= 0:
        raise ValueError(f"numerical_gradient: eps={eps}")
    result = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        points = [np.array(x, np.float64) for _ in range(3)]
        for point, step in zip(points, (-eps, 0.0, eps), strict=True):
            point[place] += step
        values = torch.tensor([float(f(point)) for point in points], dtype=torch.float64)
        result[place] = torch.gradient(values, spacing=eps)[0][1]
    return result


def windows(name, kernel_size, stride, padding):
    if np.min(kernel_size) < 1 or np.min(stride) < 1 or np.min(padding) < 0:
        raise ValueError(f"{name}: {kernel_size=}, {stride=}, {padding=}")
    return {"kernel_size": kernel_size, "stride": stride, "padding": padding}


def im2col(x, kernel_size, stride=1, padding=0):
    options = windows("im2col", kernel_size, stride, padding)
    sizes = np.add(x.shape[2:], np.multiply(2, padding))
    if x.ndim != 4 or (sizes < kernel_size).any():
        raise ValueError(f"im2col: x of shape {x.shape} for a kernel of {kernel_size}")
    columns = nn.functional.unfold(torch.tensor(x.copy(order="C")), **options)
    return columns.transpose(0, 1).flatten(1).numpy()  # PyTorch has an axis for the samples


def col2im(columns, shape, kernel_size, stride=1, padding=0):
    options = windows("col2im", kernel_size, stride, padding)
    expected = im2col(np.zeros(shape), kernel_size, stride, padding).shape
    if columns.shape != expected:
        raise ValueError(f"col2im: columns of shape {columns.shape}, expected {expected}")
    of_samples = torch.tensor(columns.copy(order="C")).unflatten(1, (shape[0], -1)).transpose(0, 1)
    return nn.functional.fold(of_samples, shape[2:], **options).numpy()


def initializer(name, init):
    """Return an initializer that draws with PyTorch, seeded by a generator of numpy's."""

    def drawn(shape, rng):
        if len(shape) < 2:
            raise ValueError(f"{name}: no fans for a shape {tuple(shape)}")
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        return init(torch.empty(*shape, dtype=torch.float64), generator=generator).numpy()

    return drawn


xavier_uniform = initializer("xavier_uniform", nn.init.xavier_uniform_)
xavier_normal = initializer("xavier_normal", nn.init.xavier_normal_)
he_uniform = initializer("he_uniform", partial(nn.init.kaiming_uniform_, nonlinearity="relu"))
he_normal = initializer("he_normal", partial(nn.init.kaiming_normal_, nonlinearity="relu"))


class Residual:
    def __init__(self, layer):
        self.layer, self.training = layer, True

    params = property(lambda self: self.layer.params)
    grads = property(lambda self: self.layer.grads)

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "training":
            self.layer.training = value

    def forward(self, x):
        y = self.layer.forward(x)
        if y.shape != x.shape:
            raise ValueError(f"Residual: the branch makes {y.shape} of {x.shape}")
        return torch.add(torch.tensor(x.copy()), torch.tensor(y.copy())).numpy()

    def backward(self, dout):
        through = torch.tensor(self.layer.backward(dout).copy())
        return torch.add(torch.tensor(dout.copy()), through).numpy()


class Use(torch.autograd.Function):
    """One use of a layer, as a part of PyTorch's graph; it is computed anew for its backward."""

    @staticmethod
    def forward(ctx, layer, x, *params):
        ctx.layer, ctx.x = layer, x.numpy().copy()
        return torch.tensor(layer.forward(ctx.x).copy())

    @staticmethod
    def backward(ctx, dout):
        with torch.enable_grad():  # a layer may have a graph of its own
            ctx.layer.forward(ctx.x)
        dx = torch.tensor(ctx.layer.backward(dout.numpy().copy()).copy())
        return None, dx, *(torch.tensor(g.copy()) for g in ctx.layer.grads.values())


class Repeat(Residual):
    """Autograd goes through the uses, and adds up what arrives at the parameters."""

    grads = None

    def __init__(self, layer, times=2):
        if type(times) is not int or times < 1:
            raise ValueError(f"Repeat: times must be an int of at least 1, got {times!r}")
        super().__init__(layer)
        self.times, self.y, self.grads = times, None, {}

    def forward(self, x):
        self.x = torch.tensor(x.copy(), requires_grad=True)
        self.learned = {
            name: torch.tensor(p.copy(), requires_grad=True) for name, p in self.params.items()
        }
        self.y = self.x
        for _ in range(self.times):
            self.y = Use.apply(self.layer, self.y, *self.learned.values())
            if self.y.shape != self.x.shape:
                raise ValueError(f"Repeat: the layer makes {tuple(self.y.shape)} of {x.shape}")
        return self.y.detach().numpy().copy()

    def backward(self, dout):
        if self.y is None:
            raise RuntimeError("Repeat: backward needs a forward before it")
        wanted = (self.x, *self.learned.values())
        dx, *found = torch.autograd.grad(
            self.y, wanted, torch.tensor(dout.copy()), retain_graph=True
        )
        self.grads = {name: g.numpy() for name, g in zip(self.learned, found, strict=True)}
        return dx.numpy()
