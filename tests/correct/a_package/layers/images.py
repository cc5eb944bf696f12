"""Layers that slide a window over images."""

import numpy as np

from .base import Layer, ShapeError


class Window(Layer):
    __slots__ = ("kernel", "padding", "stride")

    def __init__(self, kernel, stride, padding):
        super().__init__()
        for what, size, least in (
            ("kernel", kernel, 1),
            ("stride", stride, 1),
            ("pad", padding, 0),
        ):
            if min(np.ravel(size)) < least:
                raise ShapeError(f"{type(self).__name__}: a {what} of {size} makes no sense")
        sizes = (np.broadcast_to(size, 2) for size in (kernel, stride, padding))
        self.kernel, self.stride, self.padding = sizes  # pairs of numpy integers

    def slide(self, x, fill):
        """Return (padded x, [(row, column, slices of the window)], OH, OW)."""
        self.check_rank(x, 4)
        (h, w), (p, q) = self.kernel, self.padding
        xp = np.full((*x.shape[:2], *(x.shape[2:] + 2 * self.padding)), fill, x.dtype)
        xp[:, :, p : p + x.shape[2], q : q + x.shape[3]] = x
        if (xp.shape[2:] < self.kernel).any():
            raise ShapeError(
                f"{type(self).__name__}: {' x '.join(map(str, x.shape[2:]))} pixels are too few "
                f"for a window of {' x '.join(map(str, self.kernel))}"
            )
        OH, OW = (xp.shape[2:] - self.kernel) // self.stride + 1
        corners = [(r, c, r * self.stride[0], c * self.stride[1]) for r, c in np.ndindex(OH, OW)]
        return xp, [(r, c, np.s_[:, :, i : i + h, j : j + w]) for r, c, i, j in corners], OH, OW

    def inside(self, dxp, H, W):
        p, q = self.padding
        return dxp[:, :, p : p + H, q : q + W]


class Conv2D(Window):
    __slots__ = ("in_channels", "out_channels")

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__(kernel_size, stride, padding)
        self.in_channels, self.out_channels = in_channels, out_channels
        shape = (out_channels, in_channels, *self.kernel)
        self.params["weight"] = np.random.laplace(0, 0.1, shape)
        if bias:
            self.params["bias"] = np.full(out_channels, 0.01)

    def forward(self, x):
        xp, windows, OH, OW = self.slide(x, 0)
        if x.shape[1] != self.in_channels:
            raise ShapeError(f"Conv2D is for {self.in_channels} channels: {x.shape[1]}?")
        flat = self.params["weight"].reshape(self.out_channels, -1)
        y = np.zeros((len(x), self.out_channels, OH, OW), x.dtype)
        for r, c, window in windows:
            y[:, :, r, c] = xp[window].reshape(len(x), -1) @ flat.T
            if "bias" in self.params:
                y[:, :, r, c] += self.params["bias"]
        self.cache = {"shape": y.shape, "xp": xp, "windows": windows, "x": x.shape}
        return y

    def backward(self, dout):
        cache = self.recall(dout)
        weight, xp = self.params["weight"], cache["xp"]
        dw, dxp = np.zeros_like(weight), np.zeros_like(xp)
        for r, c, window in cache["windows"]:
            g = dout[:, :, r, c]  # (N, K)
            dw += (g.T @ xp[window].reshape(len(g), -1)).reshape(weight.shape)
            dxp[window] += (g @ weight.reshape(len(weight), -1)).reshape(xp[window].shape)
        self.grads = {"weight": dw}
        if "bias" in self.params:
            self.grads["bias"] = dout.transpose(1, 0, 2, 3).reshape(len(dw), -1).sum(1)
        return self.inside(dxp, *cache["x"][2:])


class MaxPool2D(Window):
    __slots__ = ()

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, stride if stride is not None else kernel_size, padding)

    def forward(self, x):
        xp, windows, OH, OW = self.slide(x, -np.inf)
        y = np.empty((*x.shape[:2], OH, OW), x.dtype)
        for r, c, window in windows:
            y[:, :, r, c] = np.amax(xp[window], axis=(2, 3))
        self.cache = {"shape": y.shape, "xp": xp, "windows": windows, "x": x.shape, "y": y.copy()}
        return y

    def backward(self, dout):
        cache = self.recall(dout)
        xp, dxp = cache["xp"], np.zeros(cache["xp"].shape, dout.dtype)
        for r, c, window in cache["windows"]:
            for n, k in np.ndindex(dout.shape[:2]):
                hit = xp[window][n, k] == cache["y"][n, k, r, c]
                row, column = np.argwhere(hit)[0]
                dxp[window][n, k, row, column] += dout[n, k, r, c]
        return self.inside(dxp, *cache["x"][2:])
