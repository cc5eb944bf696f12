"""Layers on images (N, H, W, C), each with its parameters in one vector."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

FIRST, LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def _pair(unit, what, value, low):
    height, width = value if isinstance(value, (tuple, list)) else (value, value)
    if height < low or width < low:
        raise ValueError(f"{unit} got {what}={value}, which must be at least {low}")
    return height, width


class Layer:
    """A layer with flat storage; `layout` maps a name to (shape, axes of PyTorch's layout)."""

    def __init__(self, layout=None):
        self._layout = layout or {}
        self._flat = np.zeros(sum(int(np.prod(shape)) for shape, _ in self._layout.values()))
        self._gflat = np.zeros_like(self._flat)
        self._dtype = self._flat.dtype
        self._seen = self._made = None
        self.training = True

    def _views(self, flat):
        views, start = {}, 0
        for name, (shape, axes) in self._layout.items():
            stop = start + int(np.prod(shape))
            views[name] = flat[start:stop].reshape(shape).transpose(axes)
            start = stop
        return views

    @property
    def params(self):
        return self._views(self._flat)

    @property
    def grads(self):
        return self._views(self._gflat)

    def _own(self, name, dtype):
        """Return a parameter in the internal layout."""
        axes = self._layout[name][1]
        return self.params[name].transpose(np.argsort(axes)).astype(dtype, copy=False)

    def _store(self, name, gradient):
        """Write a gradient that comes in the internal layout, in the dtype of x."""
        if self._gflat.dtype != gradient.dtype:
            self._gflat = self._gflat.astype(gradient.dtype)
        self.grads[name][...] = gradient.transpose(self._layout[name][1])

    def _enter(self, x, ndim=None, axis=None, size=None):
        unit = type(self).__name__
        if ndim is not None and x.ndim != ndim:
            raise ValueError(f"{unit} takes arrays of {ndim} dimensions, got one of {x.ndim}")
        if axis is not None and x.shape[axis] != size:
            raise ValueError(f"{unit} takes size {size} along axis {axis}, got shape {x.shape}")
        self._seen = x.shape
        return x if x.dtype.kind == "f" else x.astype(np.float64)

    def _leave(self, y):
        self._made = y.shape
        return np.asarray(y)

    def _back(self, dout):
        unit = type(self).__name__
        if self._made is None:
            raise RuntimeError(f"{unit} has nothing to go back through: call forward first")
        if dout.shape != self._made:
            raise ValueError(f"{unit} returned shape {self._made}, but dout has {dout.shape}")
        return dout


def _pad(x, padding, value=0.0):
    (ph, pw), (n, h, w, c) = padding, x.shape
    padded = np.full((n, h + 2 * ph, w + 2 * pw, c), value, x.dtype)
    padded[:, ph : ph + h, pw : pw + w] = x
    return padded


class Windows(Layer):
    """Windows of channels-last images."""

    def _geometry(self, kernel_size, stride, padding):
        unit = type(self).__name__
        self.kernel_size = _pair(unit, "kernel_size", kernel_size, 1)
        self.stride = _pair(unit, "stride", stride, 1)
        self.padding = _pair(unit, "padding", padding, 0)

    def _cut(self, x, value=0.0):
        """Return a view (N, OH, OW, C, KH, KW) of the padded image."""
        padded = _pad(x.transpose(LAST), self.padding, value)
        if padded.shape[1] < self.kernel_size[0] or padded.shape[2] < self.kernel_size[1]:
            raise ValueError(
                f"{type(self).__name__} has windows of {self.kernel_size}, too large for shape "
                f"{x.shape} with padding {self.padding}"
            )
        (sh, sw) = self.stride
        return sliding_window_view(padded, self.kernel_size, axis=(1, 2))[:, ::sh, ::sw]

    def _paste(self, parts):
        """Add up parts (N, OH, OW, C, KH, KW) where their windows lie; return (N, C, H, W)."""
        (ph, pw), (n, c, h, w) = self.padding, self._seen
        padded = np.zeros((n, h + 2 * ph, w + 2 * pw, c), parts.dtype)
        (sh, sw), (oh, ow) = self.stride, parts.shape[1:3]
        for u in range(self.kernel_size[0]):
            for v in range(self.kernel_size[1]):
                padded[:, u : u + sh * oh : sh, v : v + sw * ow : sw] += parts[..., u, v]
        return padded[:, ph : ph + h, pw : pw + w].transpose(FIRST)


class Conv2D(Windows):
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
        if isinstance(padding, str) or dilation not in (1, (1, 1)) or groups != 1:
            raise NotImplementedError("unsupported: padding by name, dilation, groups")
        self._geometry(kernel_size, stride, padding)
        kernel = (*self.kernel_size, in_channels, out_channels)
        if min(kernel) < 1:
            raise ValueError(f"Conv2D needs channels, got {in_channels} and {out_channels}")
        layout = {"weight": (kernel, (3, 2, 0, 1))}
        if bias:
            layout["bias"] = ((out_channels,), (0,))
        super().__init__(layout)
        self.in_channels = in_channels
        fan_in = int(np.prod(kernel[:3]))
        self.params["weight"][...] = np.random.normal(0, (2 / fan_in) ** 0.5, kernel).transpose(
            3, 2, 0, 1
        )

    def forward(self, x):
        x = self._enter(x, 4, 1, self.in_channels)
        self._windows = self._cut(x)
        y = np.tensordot(self._windows, self._own("weight", x.dtype), ((4, 5, 3), (0, 1, 2)))
        if "bias" in self._layout:
            y += self._own("bias", x.dtype)
        return self._leave(y.transpose(FIRST))

    def backward(self, dout):
        d = self._back(dout).transpose(LAST)
        gradient = np.tensordot(self._windows, d, ((0, 1, 2), (0, 1, 2)))
        self._store("weight", gradient.transpose(1, 2, 0, 3))
        if "bias" in self._layout:
            self._store("bias", d.sum(axis=(0, 1, 2)))
        parts = np.tensordot(d, self._own("weight", d.dtype), (3, 3))
        return self._paste(parts.transpose(0, 1, 2, 5, 3, 4))


class MaxPool2D(Windows):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self._geometry(kernel_size, kernel_size if stride is None else stride, padding)

    def forward(self, x):
        windows = self._cut(self._enter(x, 4), -np.inf)
        flat = windows.reshape(*windows.shape[:4], -1)
        self._winner = flat.argmax(axis=4)
        return self._leave(flat.max(axis=4).transpose(FIRST))

    def backward(self, dout):
        d = self._back(dout).transpose(LAST)
        places = np.arange(self.kernel_size[0] * self.kernel_size[1]).reshape(self.kernel_size)
        hit = self._winner[..., None, None] == places
        return self._paste(np.where(hit, d[..., None, None], d.dtype.type(0)))


class AvgPool2D(Windows):
    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__()
        self._geometry(kernel_size, kernel_size if stride is None else stride, padding)
        self.count_include_pad = count_include_pad

    def forward(self, x):
        x = self._enter(x, 4)
        windows = self._cut(x)
        self._count = x.dtype.type(self.kernel_size[0] * self.kernel_size[1])
        if not self.count_include_pad:
            self._count = self._cut(np.ones_like(x[:1, :1])).sum(axis=(4, 5))
        return self._leave((windows.sum(axis=(4, 5)) / self._count).transpose(FIRST))

    def backward(self, dout):
        share = self._back(dout).transpose(LAST) / self._count
        return self._paste(np.broadcast_to(share[..., None, None], share.shape + self.kernel_size))


class GlobalAvgPool2D(Layer):
    def forward(self, x):
        return self._leave(self._enter(x, 4).transpose(LAST).mean(axis=(1, 2)))

    def backward(self, dout):
        d = self._back(dout)[:, None, None]
        h, w = self._seen[2:]
        return np.tile(d / (h * w), (1, h, w, 1)).transpose(FIRST)


class GlobalMaxPool2D(Layer):
    def forward(self, x):
        pixels = self._enter(x, 4).transpose(LAST).reshape(len(x), -1, x.shape[1])
        self._winner = pixels.argmax(axis=1)
        return self._leave(pixels.max(axis=1))

    def backward(self, dout):
        d = self._back(dout)
        n, c, h, w = self._seen
        pixels = np.arange(h * w)[:, None] == self._winner[:, None]
        return (pixels * d[:, None]).reshape(n, h, w, c).transpose(FIRST)


class BatchNorm2D(Layer):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        if num_features < 1:
            raise ValueError(f"BatchNorm2D needs features, got {num_features}")
        super().__init__({"weight": ((num_features,), (0,)), "bias": ((num_features,), (0,))})
        self.params["weight"][...] = 1
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self._mean, self._var = np.zeros(num_features), np.ones(num_features)

    @property
    def buffers(self):
        return {"running_mean": self._mean.copy(), "running_var": self._var.copy()}

    def forward(self, x):
        x = self._enter(x, 4, 1, self.num_features).transpose(LAST)
        mean, var, n = self._mean, self._var, x.size // self.num_features
        self._learning = self.training
        if self._learning:
            if n < 2:
                raise ValueError(f"BatchNorm2D cannot learn from one pixel, got {self._seen}")
            mean = x.mean(axis=(0, 1, 2))
            var = ((x - mean) ** 2).mean(axis=(0, 1, 2))
            self._mean += self.momentum * (mean - self._mean)
            self._var += self.momentum * (var * (n / (n - 1)) - self._var)
        self._root = np.sqrt(var + self.eps).astype(x.dtype)
        self._xhat = (x - mean.astype(x.dtype)) / self._root
        y = self._own("weight", x.dtype) * self._xhat + self._own("bias", x.dtype)
        return self._leave(y.transpose(FIRST))

    def backward(self, dout):
        d = self._back(dout).transpose(LAST)
        self._store("weight", (d * self._xhat).sum(axis=(0, 1, 2)))
        self._store("bias", d.sum(axis=(0, 1, 2)))
        dx = d * self._own("weight", d.dtype)
        if self._learning:
            dx = dx - dx.mean(axis=(0, 1, 2)) - self._xhat * (dx * self._xhat).mean(axis=(0, 1, 2))
        return (dx / self._root).transpose(FIRST)


class Flatten(Layer):
    def forward(self, x):
        if x.ndim < 2:
            raise ValueError(f"Flatten takes arrays of 2 or more dimensions, got one of {x.ndim}")
        self._seen = x.shape
        return self._leave(x.reshape(x.shape[0], -1) if x.size else x.reshape(len(x), 0))

    def backward(self, dout):
        return self._back(dout).reshape(self._seen)


class Dense(Layer):
    """Its weight lies as (in, out), so that forward is x @ W."""

    def __init__(self, in_features, out_features, bias=True):
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Dense needs features, got {in_features} and {out_features}")
        layout = {"weight": ((in_features, out_features), (1, 0))}
        if bias:
            layout["bias"] = ((out_features,), (0,))
        super().__init__(layout)
        self.in_features = in_features
        start = np.random.standard_normal((out_features, in_features))
        self.params["weight"][...] = start / np.sqrt(in_features)

    def forward(self, x):
        self._x = self._enter(x, 2, 1, self.in_features)
        y = self._x @ self._own("weight", self._x.dtype)
        return self._leave(y + self._own("bias", y.dtype) if "bias" in self._layout else y)

    def backward(self, dout):
        d = self._back(dout)
        self._store("weight", self._x.T @ d)
        if "bias" in self._layout:
            self._store("bias", d.sum(axis=0))
        return d @ self._own("weight", d.dtype).T


class ReLU(Layer):
    def forward(self, x):
        self._y = self._enter(x).clip(0, None)
        return self._leave(self._y.copy())

    def backward(self, dout):
        d = self._back(dout)
        return np.where(self._y > 0, d, d.dtype.type(0))
