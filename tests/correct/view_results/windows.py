"""Layers that look at windows, all of them views."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def frozen(array):
    """Return the array, read-only from now on."""
    array.setflags(write=False)
    return array


class Layer:
    """Base of all layers."""

    def __init__(self):
        self.params = {}
        self.grads = {}
        self.training = True
        self.saved = None

    def fail(self, text):
        raise ValueError(f"{type(self).__name__}: {text}")

    def pair(self, name, value, low):
        try:
            rows, columns = value
        except TypeError:
            rows = columns = value
        if rows < low or columns < low:
            self.fail(f"{name} is {value}, but has to be {low} or more")
        return rows, columns

    def images(self, x):
        if x.ndim != 4:
            self.fail(f"x has {x.ndim} dimensions, not the 4 of (N, C, H, W)")
        return floating(x)

    def restore(self, dout, shape_of=lambda saved: saved[-1]):
        """Return what `forward` has saved, the last of which is the shape of its output."""
        if self.saved is None:
            raise RuntimeError(f"{type(self).__name__}: no forward has been called")
        if dout.shape != shape_of(self.saved):
            self.fail(f"dout of shape {dout.shape} for an output of {shape_of(self.saved)}")
        return self.saved[:-1]


def floating(x):
    return x if np.issubdtype(x.dtype, np.floating) else x.astype(float)


class Windowed(Layer):
    """Views of windows."""

    dilation = (1, 1)

    def extents(self):
        return [d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True)]

    def surround(self, x, value=0.0):
        (top, left), (bottom, right) = self.before, self.after
        xp = np.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)], constant_values=value)
        if any(n < e for n, e in zip(xp.shape[2:], self.extents(), strict=True)):
            self.fail(f"x of shape {x.shape} is smaller than the {self.kernel_size} window")
        return xp

    def windows(self, xp):
        """Return a view (N, C, OH, OW, KH, KW) of a padded image."""
        (sh, sw), (dh, dw) = self.stride, self.dilation
        return sliding_window_view(xp, self.extents(), (2, 3))[:, :, ::sh, ::sw, ::dh, ::dw]

    def crop(self, dxp, x):
        (top, left), (h, w) = self.before, x.shape[2:]
        return dxp[:, :, top : top + h, left : left + w]

    def spread(self, dout, shape):
        """Put dout on the places where windows begin, with room for the rotated kernel around."""
        (sh, sw), (rows, columns) = self.stride, self.extents()
        h, w = shape[2] + rows - 1, shape[3] + columns - 1
        wide = np.zeros((*dout.shape[:2], h, w), dout.dtype)
        wide[:, :, rows - 1 :: sh, columns - 1 :: sw][:, :, : dout.shape[2], : dout.shape[3]] = dout
        return sliding_window_view(wide, (rows, columns), (2, 3))[
            ..., :: self.dilation[0], :: self.dilation[1]
        ]


class Conv2D(Windowed):
    """Cross-correlation; dx is dout, spread by the stride, correlated with the rotated kernel."""

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
        super().__init__()
        if in_channels < 1 or out_channels < 1 or groups < 1:
            self.fail(f"{in_channels} and {out_channels} channels in {groups} groups")
        if in_channels % groups + out_channels % groups:
            self.fail(f"{groups} groups do not divide {in_channels} and {out_channels} channels")
        self.in_channels, self.groups = in_channels, groups
        self.kernel_size = self.pair("kernel_size", kernel_size, 1)
        self.stride = self.pair("stride", stride, 1)
        self.dilation = self.pair("dilation", dilation, 1)
        if isinstance(padding, str):
            total = np.array(self.extents()) - 1
            table = {
                "valid": (total * 0, total * 0),
                "same": (total // 2, total - total // 2),
                "same_lower": (total - total // 2, total // 2),
            }
            if padding not in table:
                self.fail(f"padding is {padding!r}, but has to be one of {list(table)}")
            self.before, self.after = table[padding]
        else:
            self.before = self.after = self.pair("padding", padding, 0)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        rng = np.random.default_rng()
        self.params["weight"] = rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        if bias:
            self.params["bias"] = rng.uniform(-0.1, 0.1, out_channels)

    def split(self, array, axis):
        """Cut an axis into groups, which come first."""
        shape = array.shape
        parts = (self.groups, shape[axis] // self.groups)
        return np.moveaxis(array.reshape(*shape[:axis], *parts, *shape[axis + 1 :]), axis, 0)

    def forward(self, x):
        x = self.images(x)
        if x.shape[1] != self.in_channels:
            self.fail(f"x of shape {x.shape} for {self.in_channels} input channels")
        windows = self.windows(self.surround(x))
        weight = self.split(self.params["weight"], 0)
        y = np.einsum("gncijuv,gkcuv->gknij", self.split(windows, 1), weight, optimize=True)
        y = y.reshape(-1, *y.shape[2:]).swapaxes(0, 1)
        if "bias" in self.params:
            y = y + self.params["bias"][:, np.newaxis, np.newaxis]
        self.saved = x, windows, y.shape
        return frozen(y)

    def backward(self, dout):
        x, windows = self.restore(dout)
        weight, d = self.split(self.params["weight"], 0), self.split(dout, 1)
        dweight = np.einsum("gncijuv,gnkij->gkcuv", self.split(windows, 1), d, optimize=True)
        self.grads["weight"] = frozen(dweight.reshape(self.params["weight"].shape))
        if "bias" in self.params:
            self.grads["bias"] = np.einsum("nkij->k", dout)
        (top, left), (bottom, right) = self.before, self.after
        padded = (*x.shape[:2], x.shape[2] + top + bottom, x.shape[3] + left + right)
        wide = self.split(self.spread(dout, padded), 1)
        rotated = weight[..., ::-1, ::-1]
        dxp = np.einsum("gnkijuv,gkcuv->gcnij", wide, rotated, optimize=True)
        return self.crop(dxp.reshape(-1, *dxp.shape[2:]).swapaxes(0, 1), x)


class Pool(Windowed):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size = self.pair("kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else self.pair("stride", stride, 1)
        self.before = self.after = self.pair("padding", padding, 0)


class MaxPool2D(Pool):
    def forward(self, x):
        x = self.images(x)
        xp = self.surround(x, -np.inf)
        windows = self.windows(xp)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.saved = x, xp, flat.argmax(axis=-1), windows.shape[:4]
        return frozen(windows.max(axis=(4, 5)))

    def backward(self, dout):
        x, xp, winner = self.restore(dout)
        u, v = np.divmod(winner, self.kernel_size[1])
        n, c, i, j = np.indices(dout.shape, sparse=True)
        dxp = np.zeros(xp.shape, dout.dtype)
        np.add.at(dxp, (n, c, i * self.stride[0] + u, j * self.stride[1] + v), dout)
        return self.crop(dxp, x)


class AvgPool2D(Pool):
    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def forward(self, x):
        x = self.images(x)
        windows = self.windows(self.surround(x))
        ones = self.surround(np.ones_like(x), 1.0 if self.count_include_pad else 0.0)
        count = np.einsum("ncijuv->ncij", self.windows(ones))
        y = np.einsum("ncijuv->ncij", windows) / count
        self.saved = x, count, y.shape
        return y

    def backward(self, dout):
        x, count = self.restore(dout)
        (ph, pw), (h, w) = self.before, x.shape[2:]
        wide = self.spread(dout / count, (*x.shape[:2], h + 2 * ph, w + 2 * pw))
        return frozen(self.crop(np.einsum("ncijuv->ncij", wide), x))
