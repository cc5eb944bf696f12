"""Layers that look at windows; sizes are small arrays of integers."""

import numpy as np


def ints(unit, name, value, low):
    """Return an integer array with two sizes."""
    sizes = np.array(np.broadcast_to(value, 2))
    if not np.issubdtype(sizes.dtype, np.integer) or np.any(sizes < low):
        raise ValueError(f"{unit}: {name} must be integers >= {low}, got {np.asarray(value)}")
    return sizes.astype(np.int64)


class Layer:
    ndim = None
    channel_axis = None

    def __init__(self, channels=None):
        unit = type(self).__name__
        self.channels = None if channels is None else np.int64(channels)
        if channels is not None and self.channels < 1:
            raise ValueError(f"{unit}: expected a size of 1 or more, got {self.channels}")
        self.params, self.grads, self.training = {}, {}, True
        self.in_shape = self.out_shape = None

    def start(self, x):
        unit, shape = type(self).__name__, np.array(x.shape)
        if self.ndim is not None and shape.size != self.ndim:
            raise ValueError(f"{unit}: expected {self.ndim} dimensions, got {shape.size}")
        if self.channels is not None and shape[self.channel_axis] != self.channels:
            raise ValueError(f"{unit}: expected {self.channels} channels, got shape {shape}")
        self.in_shape = shape
        return x.astype(np.result_type(x.dtype, np.float16), copy=False)

    def finish(self, y):
        self.out_shape = np.array(y.shape)
        return np.asarray(y)

    def check(self, dout):
        unit, shape = type(self).__name__, np.array(dout.shape)
        if self.out_shape is None:
            raise RuntimeError(f"{unit}: there is no forward to go back through")
        if not np.array_equal(shape, self.out_shape):
            raise ValueError(f"{unit}: expected dout of shape {self.out_shape}, got {shape}")


class Windows(Layer):
    ndim = np.int64(4)

    def __init__(self, kernel_size, stride, padding, dilation=1, channels=None):
        super().__init__(channels)
        unit = type(self).__name__
        self.kernel_size = ints(unit, "kernel_size", kernel_size, 1)
        self.stride = ints(unit, "stride", stride, 1)
        self.dilation = ints(unit, "dilation", dilation, 1)
        self.span = self.dilation * (self.kernel_size - 1) + 1
        if isinstance(padding, str):
            if padding not in ("valid", "same", "same_lower"):
                raise ValueError(f"{unit}: unknown padding {padding!r}")
            both = np.zeros_like(self.span) if padding == "valid" else self.span - 1
            self.before = both // 2 if padding == "same" else both - both // 2
            self.after = both - self.before
        else:
            self.before = self.after = ints(unit, "padding", padding, 0)

    def pad(self, x, value=0.0):
        """Return the padded image; `size` is its size, `out` that of the output."""
        self.size = self.before + self.after + x.shape[2:]
        if np.any(self.size < self.span):
            raise ValueError(
                f"{type(self).__name__}: shape {self.in_shape} with a padding of {self.before} is "
                f"smaller than the window {self.span}"
            )
        self.out = (self.size - self.span) // self.stride + 1
        width = [(0, 0), (0, 0), *zip(self.before, self.after, strict=True)]
        return np.pad(x, width, constant_values=value)

    def crop(self, padded):
        (top, left), (bottom, right) = self.before, self.before + self.in_shape[2:]
        return padded[:, :, top:bottom, left:right]

    def index(self):
        """Return rows and columns of every window, of shape (KH KW, OH, OW)."""
        u, v = np.indices(self.kernel_size).reshape(2, -1, 1, 1)
        i, j = np.indices(self.out)
        return u + i * self.stride[0], v + j * self.stride[1]


class Conv2D(Windows):
    channel_axis = np.int64(1)

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
        super().__init__(kernel_size, stride, padding, dilation, in_channels)
        self.groups, self.bias = np.int64(groups), np.bool_(bias)
        channels = np.array([in_channels, out_channels])
        if np.any(channels < 1) or self.groups < 1 or np.any(channels % self.groups):
            raise ValueError(f"Conv2D: {channels} channels do not go into {self.groups} groups")
        shape = (np.int64(out_channels), self.channels // self.groups, *self.kernel_size)
        bound = np.sqrt(np.float64(6) / np.prod(shape[1:]))
        self.params["weight"] = np.random.default_rng().uniform(-bound, bound, shape)
        if self.bias:
            self.params["bias"] = np.zeros(out_channels)

    def grouped(self, array, axis):
        shape = array.shape
        return array.reshape(*shape[:axis], self.groups, -1, *shape[axis + 1 :])

    def transform(self, array):
        return np.fft.rfft2(array.astype(np.float64), s=self.size)

    def undo(self, spectrum, dtype):
        return np.fft.irfft2(spectrum, s=self.size).astype(dtype)

    def forward(self, x):
        x = self.start(x)
        self.X = self.transform(self.grouped(self.pad(x), 1))
        weight = self.params["weight"]
        wide = np.zeros((*weight.shape[:2], *self.span))
        wide[..., :: self.dilation[0], :: self.dilation[1]] = weight
        self.W = self.transform(self.grouped(wide, 0))
        spectrum = np.einsum("ngcab,gkcab->ngkab", self.X, self.W.conj())
        y = self.undo(spectrum, np.result_type(x, weight))
        y = y[..., :: self.stride[0], :: self.stride[1]]
        y = y[..., : self.out[0], : self.out[1]].reshape(len(x), -1, *self.out)
        return self.finish(y + self.params["bias"][:, None, None] if self.bias else y)

    def backward(self, dout):
        self.check(dout)
        weight = self.params["weight"]
        spread = np.zeros((*dout.shape[:2], *self.size))
        spread[:, :, :: self.stride[0], :: self.stride[1]][:, :, : self.out[0], : self.out[1]] = (
            dout
        )
        D = self.transform(self.grouped(spread, 1))
        wide = self.undo(np.einsum("ngcab,ngkab->gkcab", self.X, D.conj()), weight.dtype)
        rows, columns = (
            np.arange(k) * d for k, d in zip(self.kernel_size, self.dilation, strict=True)
        )
        self.grads["weight"] = wide[..., rows[:, None], columns].reshape(weight.shape)
        if self.bias:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        dxp = self.undo(np.einsum("ngkab,gkcab->ngcab", D, self.W), dout.dtype)
        return self.crop(dxp.reshape(len(dout), -1, *self.size))


class Pool(Windows):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, kernel_size if stride is None else stride, padding)
        if np.any(2 * self.before > self.kernel_size):
            raise ValueError(
                f"{type(self).__name__}: more than half of {self.kernel_size} is padding, "
                f"got {self.before}"
            )


class MaxPool2D(Pool):
    def forward(self, x):
        windows = self.pad(self.start(x), -np.inf)[(..., *self.index())]
        self.winner = np.argmax(windows, axis=2)
        return self.finish(np.max(windows, axis=2))

    def backward(self, dout):
        self.check(dout)
        n, c, i, j = np.indices(dout.shape)
        rows, columns = self.index()
        dxp = np.zeros((*dout.shape[:2], *self.size), dout.dtype)
        np.add.at(dxp, (n, c, rows[self.winner, i, j], columns[self.winner, i, j]), dout)
        return self.crop(dxp)


class AvgPool2D(Pool):
    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = np.bool_(count_include_pad)

    def forward(self, x):
        x = self.start(x)
        windows = self.pad(x)[(..., *self.index())]
        self.count = np.prod(self.kernel_size).astype(x.dtype)
        if not self.count_include_pad:
            self.count = self.pad(np.ones_like(x))[(..., *self.index())].sum(axis=2)
        return self.finish(windows.sum(axis=2) / self.count)

    def backward(self, dout):
        self.check(dout)
        dxp = np.zeros((*dout.shape[:2], *self.size), dout.dtype)
        for rows, columns in zip(*self.index(), strict=True):
            dxp[:, :, rows, columns] += dout / self.count
        return self.crop(dxp)
