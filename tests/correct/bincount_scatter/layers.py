"""The table of indices, and layers that gather and scatter by it."""

import functools

import numpy as np


@functools.lru_cache(maxsize=64)
def window_table(size, kernel, stride, dilation, before, after):
    """Return pixel numbers (KH KW, OH, OW); H W is the number of all padding."""
    axes = []
    for n, k, s, d, b, a in zip(size, kernel, stride, dilation, before, after, strict=True):
        count = (n + b + a - d * (k - 1) - 1) // s + 1
        if count < 1:
            return None
        axes.append(np.arange(k)[:, None] * d + np.arange(count) * s - b)
    rows, columns = axes[0][:, None, :, None], axes[1][None, :, None, :]
    inside = (rows >= 0) & (rows < size[0]) & (columns >= 0) & (columns < size[1])
    table = np.where(inside, rows * size[1] + columns, size[0] * size[1])
    table = table.reshape(-1, *table.shape[2:])
    table.setflags(write=False)
    return table


class Layer:
    names = ()

    def __init__(self):
        self.training = True
        self._memory = None
        self._gradients = {}

    @property
    def params(self):
        values = {name: getattr(self, name) for name in self.names}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def grads(self):
        return dict(self._gradients)

    def _refuse(self, expected, came):
        raise ValueError(f"{type(self).__name__}: expected {expected}; got {came}")

    def forward(self, x):
        self._inspect(x)
        dtype = x.dtype if x.dtype.kind == "f" else np.dtype(float)
        y, memory = self._map(np.asarray(x, np.float64))
        self._memory = memory, y.shape
        return np.asarray(y, dtype)

    def backward(self, dout):
        if self._memory is None:
            raise RuntimeError(f"{type(self).__name__}: backward follows a forward; there was none")
        memory, shape = self._memory
        if dout.shape != shape:
            self._refuse(f"dout of shape {shape}", dout.shape)
        dx, *gradients = self._pull(np.asarray(dout, np.float64), *memory)
        arrays = (np.asarray(gradient, dout.dtype) for gradient in gradients)
        self._gradients = dict(zip(self.params, arrays, strict=False))
        return np.asarray(dx, dout.dtype)

    def _inspect(self, x):
        pass


def as_pair(layer, name, value, least):
    pair = tuple(int(v) for v in value) if np.iterable(value) else (int(value), int(value))
    if len(pair) != 2 or min(pair) < least:
        layer._refuse(f"{name} of at least {least}", value)
    return pair


class Windowed(Layer):
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1):
        super().__init__()
        self.kernel_size = as_pair(self, "kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else as_pair(self, "stride", stride, 1)
        self.dilation = as_pair(self, "dilation", dilation, 1)
        if not isinstance(padding, str):
            self.before = self.after = as_pair(self, "padding", padding, 0)
            return
        if padding not in ("valid", "same", "same_lower"):
            self._refuse("padding 'valid', 'same' or 'same_lower'", repr(padding))
        both = [
            0 if padding == "valid" else d * (k - 1)
            for k, d in zip(self.kernel_size, self.dilation, strict=True)
        ]
        halves = tuple(n // 2 for n in both), tuple(n - n // 2 for n in both)
        self.before, self.after = halves if padding == "same" else halves[::-1]

    def _table(self, shape):
        table = window_table(
            shape[2:], self.kernel_size, self.stride, self.dilation, self.before, self.after
        )
        if table is None:
            self._refuse(f"images that hold a window of {self.kernel_size}", shape)
        return table

    def _inspect(self, x):
        if x.ndim != 4:
            self._refuse("4 dimensions", x.ndim)
        self._table(x.shape)

    def _gather(self, x, padding=0.0):
        """Return (N, C, KH KW, OH, OW)."""
        pixels = np.concatenate(
            [x.reshape(*x.shape[:2], -1), np.full((*x.shape[:2], 1), padding)], axis=2
        )
        return pixels.take(self._table(x.shape), axis=2)

    @staticmethod
    def _scatter(values, places, shape):
        """Add up values (N, C, ...) at pixel numbers that broadcast to them."""
        images = shape[0] * shape[1]
        pixels = shape[2] * shape[3] + 1
        start = np.arange(images).reshape(*shape[:2], *[1] * (values.ndim - 2)) * pixels
        where = np.broadcast_to(start + places, values.shape)
        sums = np.bincount(where.ravel(), values.ravel(), minlength=images * pixels)
        return sums.reshape(images, pixels)[:, :-1].reshape(shape)


class Conv2D(Windowed):
    names = ("weight", "bias")

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        bias=True,
        dilation=1,
        groups=1,
    ):
        super().__init__(kernel_size, stride, padding, dilation)
        if in_channels < 1 or out_channels < 1 or groups < 1:
            self._refuse("positive numbers", (in_channels, out_channels, groups))
        if in_channels % groups or out_channels % groups:
            self._refuse(f"groups that divide {in_channels} and {out_channels}", groups)
        self.in_channels, self.groups = in_channels, groups
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = np.random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
        self.bias = np.zeros(out_channels) if bias else None

    def _inspect(self, x):
        if x.ndim == 4 and x.shape[1] != self.in_channels:
            self._refuse(f"{self.in_channels} channels", x.shape)
        super()._inspect(x)

    def _filters(self):
        return self.weight.reshape(self.groups, len(self.weight) // self.groups, -1)

    def _map(self, x):
        windows, filters = self._gather(x), self._filters()
        size = windows.shape[3:]
        windows = windows.reshape(len(x), self.groups, filters.shape[2], -1)
        y = np.einsum("gkr,ngrp->ngkp", filters, windows, optimize=True)
        y = y.reshape(len(x), -1, *size)
        return (y if self.bias is None else y + self.bias[:, None, None]), (windows, x.shape)

    def _pull(self, dout, windows, shape):
        filters = self._filters()
        d = dout.reshape(*windows.shape[:2], filters.shape[1], -1)
        dweight = np.einsum("ngkp,ngrp->gkr", d, windows, optimize=True)
        dwindows = np.einsum("ngkp,gkr->ngrp", d, filters, optimize=True)
        table = self._table(shape)
        dx = self._scatter(dwindows.reshape(*shape[:2], *table.shape), table, shape)
        return dx, dweight.reshape(self.weight.shape), dout.sum(axis=(0, 2, 3))


class MaxPool2D(Windowed):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, stride, padding)

    def _map(self, x):
        windows, table = self._gather(x, -np.inf), self._table(x.shape)
        winner = windows.argmax(axis=2)
        i, j = np.indices(table.shape[1:], sparse=True)
        return windows.max(axis=2), (table[winner, i, j], x.shape)

    def _pull(self, dout, places, shape):
        return (self._scatter(dout, places, shape),)


class AvgPool2D(Windowed):
    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def _map(self, x):
        table = self._table(x.shape)
        counted = table < x.shape[2] * x.shape[3]
        count = counted.sum(axis=0) if not self.count_include_pad else len(table)
        return self._gather(x).sum(axis=2) / count, (count, table, x.shape)

    def _pull(self, dout, count, table, shape):
        parts = np.broadcast_to((dout / count)[:, :, None], (*shape[:2], *table.shape))
        return (self._scatter(parts, table, shape),)


class GlobalMaxPool2D(Layer):
    def _inspect(self, x):
        if x.ndim != 4:
            self._refuse("4 dimensions", x.ndim)

    def _map(self, x):
        flat = x.reshape(*x.shape[:2], -1)
        return flat.max(axis=2), (flat.argmax(axis=2), x.shape)

    def _pull(self, dout, winner, shape):
        return (Windowed._scatter(dout, winner, shape),)


class GlobalAvgPool2D(GlobalMaxPool2D):
    def _map(self, x):
        return x.mean(axis=(2, 3)), (np.arange(x.shape[2] * x.shape[3]), x.shape)

    def _pull(self, dout, pixels, shape):
        parts = np.broadcast_to(dout[:, :, None] / pixels.size, (*shape[:2], pixels.size))
        return (Windowed._scatter(parts, pixels, shape),)


class Flatten(Layer):
    def _inspect(self, x):
        if x.ndim < 2:
            self._refuse("2 dimensions or more", x.ndim)

    def _map(self, x):
        return x.reshape(x.shape[0], int(np.prod(x.shape[1:]))), (x.shape,)

    def _pull(self, dout, shape):
        return (dout.reshape(shape),)


class Dense(Layer):
    names = ("weight", "bias")

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        if in_features < 1 or out_features < 1:
            self._refuse("positive numbers", (in_features, out_features))
        self.weight = np.random.standard_normal((out_features, in_features)) / in_features**0.5
        self.bias = np.zeros(out_features) if bias else None

    def _inspect(self, x):
        if x.ndim != 2:
            self._refuse("2 dimensions", x.ndim)
        if x.shape[1] != self.weight.shape[1]:
            self._refuse(f"{self.weight.shape[1]} features", x.shape)

    def _map(self, x):
        y = x @ self.weight.T
        return (y if self.bias is None else y + self.bias), (x,)

    def _pull(self, dout, x):
        return dout @ self.weight, dout.T @ x, dout.sum(axis=0)


class ReLU(Layer):
    def _map(self, x):
        alive = np.flatnonzero(x > 0)
        y = np.zeros(x.size)
        y[alive] = x.ravel()[alive]
        return y.reshape(x.shape), (alive,)

    def _pull(self, dout, alive):
        dx = np.zeros(dout.size)
        dx[alive] = dout.ravel()[alive]
        return (dx.reshape(dout.shape),)


class Dropout(Layer):
    """Draws how many elements go, by a binomial, and then which, by a choice."""

    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if not 0 <= p <= 1:
            self._refuse("p from 0 to 1", p)
        self.p = p
        self.rng = np.random.default_rng(rng)

    def _map(self, x):
        factor = np.ones(x.size)
        if self.training and self.p > 0:
            factor /= 1 - self.p if self.p < 1 else 1
            gone = self.rng.binomial(x.size, self.p)
            factor[self.rng.choice(x.size, gone, replace=False)] = 0
        factor = factor.reshape(x.shape)
        return x * factor, (factor,)

    def _pull(self, dout, factor):
        return (dout * factor,)
