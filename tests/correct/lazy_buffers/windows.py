"""The work space, and the layers that look at windows."""

import itertools

import numpy as np


class Workspace(dict):
    """Scratch arrays by name; one of another shape or dtype is replaced."""

    def __call__(self, name, shape, dtype, fill=None):
        array = self.get(name)
        if array is None or array.shape != tuple(shape) or array.dtype != dtype:
            array = self[name] = np.full(shape, fill or 0, dtype)
        return array


class Layer:
    """Checks and work space for all layers."""

    axes = None

    def __init__(self):
        self.params = {}
        self.grads = {}
        self.training = True
        self.work = Workspace()
        self.x_shape = self.y_shape = None

    @property
    def unit(self):
        return type(self).__name__

    def enter(self, x, least=None, **sizes):
        """Check the shape of x and return it as floats."""
        if self.axes is not None and x.ndim != self.axes:
            raise ValueError(f"{self.unit}: x must have {self.axes} dimensions, got {x.shape}")
        if least is not None and x.ndim < least:
            raise ValueError(f"{self.unit}: x must have {least} or more dimensions, got {x.ndim}")
        for axis, size in sizes.items():
            if x.shape[int(axis.removeprefix("axis"))] != size:
                raise ValueError(f"{self.unit}: expected {size} channels, got {x.shape}")
        self.x_shape = x.shape
        return x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)

    def leave(self, y):
        self.y_shape = y.shape
        return np.asarray(y)

    def check(self, dout):
        if self.y_shape is None:
            raise RuntimeError(f"{self.unit}: backward needs a forward before it")
        if dout.shape != self.y_shape:
            raise ValueError(f"{self.unit}: dout must have shape {self.y_shape}, got {dout.shape}")


def two(unit, name, value, low):
    """Return two ints, for rows and columns."""
    values = tuple(value) if isinstance(value, (tuple, list, np.ndarray)) else (value,) * 2
    if len(values) != 2 or min(values) < low:
        raise ValueError(f"{unit}: {name} must not be below {low}, got {value}")
    return tuple(int(v) for v in values)


class Window(Layer):
    """Geometry of windows: padding, columns, and back."""

    axes = 4

    def __init__(self, kernel_size, stride, padding, dilation=1):
        super().__init__()
        self.kernel_size = two(self.unit, "kernel_size", kernel_size, 1)
        self.stride = two(self.unit, "stride", stride, 1)
        self.dilation = two(self.unit, "dilation", dilation, 1)
        if isinstance(padding, str):
            spans = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            if padding == "valid":
                self.before = self.after = (0, 0)
            elif padding in ("same", "same_lower"):
                half, rest = [s // 2 for s in spans], [s - s // 2 for s in spans]
                self.before, self.after = (half, rest) if padding == "same" else (rest, half)
            else:
                raise ValueError(f"{self.unit}: unknown padding {padding!r}")
        else:
            self.before = self.after = two(self.unit, "padding", padding, 0)

    def columns(self, x, fill=0.0):
        """Return a scratch array (N, C, KH, KW, OH, OW) with every window of x."""
        n, c, h, w = x.shape
        (top, left), (bottom, right) = self.before, self.after
        padded = self.work("padded", (n, c, h + top + bottom, w + left + right), x.dtype, fill)
        padded[:, :, top : top + h, left : left + w] = x
        spans = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel_size, strict=True)]
        if padded.shape[2] < spans[0] or padded.shape[3] < spans[1]:
            raise ValueError(f"{self.unit}: x of shape {x.shape} is smaller than window {spans}")
        self.out = [
            (size - span) // step + 1
            for size, span, step in zip(padded.shape[2:], spans, self.stride, strict=True)
        ]
        columns = self.work("columns", (n, c, *self.kernel_size, *self.out), x.dtype)
        for (u, v), window in self.places():
            columns[:, :, u, v] = padded[window]
        return columns

    def places(self):
        starts = [range(0, k * d, d) for k, d in zip(self.kernel_size, self.dilation, strict=True)]
        (sh, sw), (oh, ow) = self.stride, self.out
        for (u, top), (v, left) in itertools.product(*map(enumerate, starts)):
            rows, cols = slice(top, top + sh * oh, sh), slice(left, left + sw * ow, sw)
            yield (u, v), (slice(None), slice(None), rows, cols)

    def image(self, columns):
        """Add up columns where they came from; return the scratch image without the padding."""
        padded = self.work("dpadded", self.work["padded"].shape, columns.dtype)
        padded.fill(0)
        for (u, v), window in self.places():
            padded[window] += columns[:, :, u, v]
        (top, left), (h, w) = self.before, self.x_shape[2:]
        return padded[:, :, top : top + h, left : left + w]


class Conv2D(Window):
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
            raise ValueError(f"Conv2D: below 1: {in_channels}, {out_channels}, groups {groups}")
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"Conv2D: groups {groups} for {in_channels}, {out_channels} channels")
        self.in_channels, self.groups = in_channels, groups
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.params["weight"] = np.random.randn(*shape) * np.sqrt(2 / np.prod(shape[1:]))
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def grouped(self):
        weight = self.params["weight"]
        return weight.reshape(self.groups, len(weight) // self.groups, -1)

    def forward(self, x):
        x = self.enter(x, axis1=self.in_channels)
        weight, columns = self.grouped(), self.columns(x)
        self.flat = columns.reshape(len(x), self.groups, weight.shape[2], -1)
        y = (weight @ self.flat).reshape(len(x), -1, *self.out)
        if "bias" in self.params:
            y += self.params["bias"].reshape(-1, 1, 1)
        return self.leave(y)

    def backward(self, dout):
        self.check(dout)
        weight = self.grouped()
        d = dout.reshape(len(dout), self.groups, weight.shape[1], -1)
        dweight = np.matmul(d, self.flat.swapaxes(2, 3)).sum(axis=0)
        self.grads["weight"] = dweight.reshape(self.params["weight"].shape)
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        dcolumns = weight.swapaxes(1, 2) @ d
        return self.image(dcolumns.reshape(self.work["columns"].shape)).copy()


class MaxPool2D(Window):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, kernel_size if stride is None else stride, padding)
        if any(2 * p > k for p, k in zip(self.before, self.kernel_size, strict=True)):
            raise ValueError(f"MaxPool2D: padding {padding} is more than half of {kernel_size}")

    def forward(self, x):
        x = self.enter(x)
        columns = self.columns(x, -np.inf)
        columns = columns.reshape(*x.shape[:2], -1, *self.out)
        self.winner = columns.argmax(axis=2)[:, :, None]
        return self.leave(np.take_along_axis(columns, self.winner, axis=2)[:, :, 0])

    def backward(self, dout):
        self.check(dout)
        columns = self.work("dcolumns", self.work["columns"].shape, dout.dtype)
        columns.fill(0)
        flat = columns.reshape(*dout.shape[:2], -1, *self.out)
        np.put_along_axis(flat, self.winner, dout[:, :, None], axis=2)
        return self.image(columns).copy()


class AvgPool2D(Window):
    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__(kernel_size, kernel_size if stride is None else stride, padding)
        if any(2 * p > k for p, k in zip(self.before, self.kernel_size, strict=True)):
            raise ValueError(f"AvgPool2D: padding {padding} is more than half of {kernel_size}")
        self.count_include_pad = count_include_pad

    def forward(self, x):
        x = self.enter(x)
        total = self.columns(x).sum(axis=(2, 3))
        self.count = np.full(self.out, np.prod(self.kernel_size), x.dtype)
        if not self.count_include_pad:
            lengths = []
            for axis in (0, 1):
                start = np.arange(self.out[axis]) * self.stride[axis] - self.before[axis]
                end = np.minimum(start + self.kernel_size[axis], x.shape[2 + axis])
                lengths.append(end - np.maximum(start, 0))
            self.count = np.outer(*lengths).astype(x.dtype)
        return self.leave(total / self.count)

    def backward(self, dout):
        self.check(dout)
        share = (dout / self.count)[:, :, None, None]
        return self.image(np.broadcast_to(share, self.work["columns"].shape))
