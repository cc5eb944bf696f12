"""The functions of the full profile by other formulas: one vector of everything, loops, masks.

The schedules go from one rate to the next, or look one up in a list.
"""

import itertools
import math

import numpy as np

__all__ = [
    "CosineAnnealingLR",
    "ExponentialLR",
    "Repeat",
    "Residual",
    "StepLR",
    "WarmUp",
    "accuracy",
    "clip_grad_norm",
    "clip_grad_value",
    "col2im",
    "he_normal",
    "he_uniform",
    "im2col",
    "numerical_gradient",
    "one_hot",
    "xavier_normal",
    "xavier_uniform",
]


def clip_grad_norm(grads, max_norm):
    if max_norm < 0:
        raise ValueError(f"clip_grad_norm needs a limit of 0 or more, not {max_norm}")
    everything = np.concatenate([array.ravel() for array in grads.values()])
    norm = np.linalg.norm(everything.astype(np.float64))
    if norm > max_norm:
        for name in grads:
            np.divide(grads[name], (norm + 1e-6) / max_norm, out=grads[name], casting="same_kind")
    return norm


def clip_grad_value(grads, clip_value):
    if clip_value < 0:
        raise ValueError(f"clip_grad_value needs a limit of 0 or more, not {clip_value}")
    for array in grads.values():
        beyond = np.abs(array) > clip_value
        array[beyond] = math.copysign(clip_value, 1) * np.sign(array[beyond])
    return grads


def one_hot(labels, num_classes):
    wrong = [label for label in labels.tolist() if not 0 <= label < num_classes]
    if wrong:
        raise ValueError(f"one_hot: {wrong[0]} is none of {num_classes} classes")
    return labels[:, None] == np.arange(num_classes)


def accuracy(scores, target):
    if len(scores) != len(target):
        raise ValueError(f"accuracy of {len(scores)} rows with {len(target)} targets")
    right = 0
    for row, label in zip(scores.tolist(), target.tolist(), strict=True):
        label = label.index(max(label)) if isinstance(label, list) else label
        right += all(row[label] > other for k, other in enumerate(row) if k != label)
    return right / len(scores)


def numerical_gradient(f, x, eps=1e-5):
    if eps <= 0:
        raise ValueError(f"numerical_gradient takes no step of {eps}")
    steps = eps * np.eye(x.size).reshape(x.size, *x.shape)
    around = [[np.float64(f(x + sign * step)) for sign in (1, -1)] for step in steps]
    return np.array([(above - below) / eps / 2 for above, below in around]).reshape(x.shape)


def places(name, shape, kernel_size, stride, padding):
    """Return which pixel each element of the columns is, and which ones are no padding."""
    pairs = kernel_size, stride, padding
    kernel, steps, zeros = (np.broadcast_to(each, 2) for each in pairs)
    if kernel.min() < 1 or steps.min() < 1 or zeros.min() < 0:
        raise ValueError(f"{name}: kernel {kernel}, stride {steps}, padding {zeros}")
    if len(shape) != 4 or (np.add(shape[2:], 2 * zeros) < kernel).any():
        raise ValueError(f"{name}: images of shape {shape}, kernel {kernel}")
    N, C, H, W = shape
    OH, OW = (np.add(shape[2:], 2 * zeros) - kernel) // steps + 1
    c, u, v, n, i, j = np.ogrid[:C, : kernel[0], : kernel[1], :N, :OH, :OW]
    row, col = i * steps[0] + u - zeros[0], j * steps[1] + v - zeros[1]
    flat = ((n * C + c) * H + row) * W + col
    inside = (row == row.clip(0, H - 1)) & (col == col.clip(0, W - 1))
    size = C * kernel.prod(), N * OH * OW
    return flat.reshape(size), np.broadcast_to(inside, flat.shape).reshape(size)


def im2col(x, kernel_size, stride=1, padding=0):
    flat, inside = places("im2col", x.shape, kernel_size, stride, padding)
    columns = np.zeros(flat.shape, x.dtype)
    columns[inside] = x.ravel()[flat[inside]]
    return columns


def col2im(columns, shape, kernel_size, stride=1, padding=0):
    flat, inside = places("col2im", shape, kernel_size, stride, padding)
    if columns.shape != flat.shape:
        raise ValueError(f"col2im: columns {columns.shape}, expected {flat.shape}")
    sums = np.bincount(flat[inside], columns[inside], math.prod(shape))
    return sums.reshape(shape).astype(columns.dtype)


def fans(name, shape):
    if len(shape) < 2:
        raise ValueError(f"{name}: no fans for a shape {tuple(shape)}")
    weights = np.empty(shape)
    return weights[0].size, weights[:, 0].size


def he_normal(shape, rng):
    inputs, _ = fans("he_normal", shape)
    return rng.standard_normal(shape) * np.sqrt(2) / np.sqrt(inputs)


def he_uniform(shape, rng):
    inputs, _ = fans("he_uniform", shape)
    return (2 * rng.random(shape) - 1) * (6 / inputs) ** 0.5


def xavier_normal(shape, rng):
    return rng.standard_normal(shape) / np.sqrt(np.mean(fans("xavier_normal", shape)))


def xavier_uniform(shape, rng):
    limit = np.sqrt(3 / np.mean(fans("xavier_uniform", shape)))
    return limit * rng.uniform(-1, 1, np.prod(shape)).reshape(shape)


class Factors:
    """Multiplies the rate by the next factor in each step."""

    def __init__(self, optimizer, factors):
        self.optimizer, self.factors = optimizer, iter(factors)

    def step(self):
        self.optimizer.lr *= next(self.factors)


class StepLR(Factors):
    def __init__(self, optimizer, step_size, gamma=0.1):
        if step_size < 1:
            raise ValueError(f"StepLR needs a step_size of 1 or more, not {step_size}")
        super().__init__(optimizer, itertools.cycle([*[1.0] * (step_size - 1), gamma]))


class ExponentialLR(Factors):
    def __init__(self, optimizer, gamma):
        if gamma < 0:
            raise ValueError(f"ExponentialLR needs a gamma of 0 or more, not {gamma}")
        super().__init__(optimizer, itertools.repeat(gamma))


class CosineAnnealingLR:
    def __init__(self, optimizer, T_max, eta_min=0):
        if T_max < 1:
            raise ValueError(f"CosineAnnealingLR needs a T_max of 1 or more, not {T_max}")
        angles = np.linspace(0, 2 * np.pi, 2 * T_max, endpoint=False)
        middle, half = (optimizer.lr + eta_min) / 2, (optimizer.lr - eta_min) / 2
        self.optimizer = optimizer
        self.rates = itertools.cycle(middle + half * np.cos(angles))
        next(self.rates)

    def step(self):
        self.optimizer.lr = next(self.rates)


class WarmUp:
    def __init__(self, optimizer, total_iters=5, start_factor=1 / 3):
        if total_iters < 1:
            raise ValueError(f"WarmUp needs a total_iters of 1 or more, not {total_iters}")
        self.optimizer, self.last = optimizer, optimizer.lr
        self.more = (1 - start_factor) * optimizer.lr / total_iters
        self.left = total_iters
        optimizer.lr = optimizer.lr * start_factor

    def step(self):
        self.left = max(self.left - 1, 0)
        self.optimizer.lr = self.last - self.left * self.more


class Residual:
    """Passes every attribute on that it does not have, reads and writes."""

    def __init__(self, layer):
        object.__setattr__(self, "branch", layer)

    def __getattr__(self, name):
        return getattr(self.branch, name)

    def __setattr__(self, name, value):
        setattr(self.branch, name, value)

    def forward(self, x):
        made = self.branch.forward(x)
        if made.shape != x.shape:
            raise ValueError(f"Residual: a branch of {x.shape} has made {made.shape}")
        return np.sum([x, made], axis=0)

    def backward(self, dout):
        return np.sum([dout, self.branch.backward(dout)], axis=0)


class Repeat:
    """Keeps x alone, and goes all the way from there to the input of each use."""

    def __init__(self, layer, times=2):
        if isinstance(times, bool) or times != int(times) or times < 1:
            raise ValueError(f"Repeat cannot use a layer {times} times")
        self.layer, self.times = layer, int(times)
        self.start = self.summed = None

    params = property(lambda self: self.layer.params)
    training = property(
        lambda self: self.layer.training, lambda self, value: setattr(self.layer, "training", value)
    )

    @property
    def grads(self):
        names = self.params if self.summed is not None else ()
        return {name: self.summed[place] for place, name in enumerate(names)}

    def after(self, uses):
        made = self.start
        for _ in range(uses):
            before, made = made, self.layer.forward(made)
            if made.shape != before.shape:
                raise ValueError(f"Repeat: a layer has made {made.shape} of {before.shape}")
        return made

    def forward(self, x):
        self.start = x.copy()
        return self.after(self.times)

    def backward(self, dout):
        if self.start is None:
            raise RuntimeError("Repeat has nothing to go back from")
        self.summed = [np.zeros(p.shape, dout.dtype) for p in self.params.values()]
        for uses in range(self.times, 0, -1):
            self.after(uses)
            dout = self.layer.backward(dout)
            self.summed = [a + self.layer.grads[n] for n, a in self.grads.items()]
        return dout
