"""Convolution output by output in loops: a dilation is the step of a slice."""

import numpy as np

__all__ = ["Conv2D"]


def both(value):
    return value if isinstance(value, tuple) else (value, value)


class Conv2D:
    xp = None

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
        self.C, self.K, self.groups = in_channels, out_channels, groups
        self.kernel, self.stride, self.dilation = both(kernel_size), both(stride), both(dilation)
        if min(*self.kernel, *self.stride, *self.dilation, groups) < 1:
            raise ValueError(f"Conv2D: {kernel_size}, {stride}, {dilation} or {groups} is below 1")
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"Conv2D: {groups} groups of {in_channels} to {out_channels} channels")
        self.borders = [self.border(padding, axis) for axis in (0, 1)]
        shape = (out_channels, in_channels // groups, *self.kernel)
        self.params = {"weight": np.random.standard_normal(shape)}
        if bias:
            self.params["bias"] = np.zeros(out_channels)
        self.grads, self.training = {}, True

    def border(self, padding, axis):
        """Return how many zeros are before and after the image, on an axis."""
        total = self.dilation[axis] * (self.kernel[axis] - 1)
        if isinstance(padding, str):
            half = {"valid": 0, "same": total // 2, "same_lower": (total + 1) // 2}
            if padding not in half:
                raise ValueError(f"Conv2D does not know the padding {padding!r}")
            return (0, 0) if padding == "valid" else (half[padding], total - half[padding])
        if min(both(padding)) < 0:
            raise ValueError(f"Conv2D cannot pad with {padding}")
        return (both(padding)[axis],) * 2

    def windows(self):
        """Yield each output's place, and where its window is."""
        spans = []
        for axis in (0, 1):
            length, step = self.xp.shape[2 + axis], self.dilation[axis]
            reach = step * (self.kernel[axis] - 1) + 1
            starts = range(0, length - reach + 1, self.stride[axis])
            spans.append([slice(start, start + reach, step) for start in starts])
        for i, rows in enumerate(spans[0]):
            for j, columns in enumerate(spans[1]):
                yield i, j, rows, columns

    def parts(self):
        """Yield the channels and the filters of each group."""
        c, k = self.C // self.groups, self.K // self.groups
        for g in range(self.groups):
            yield slice(g * c, (g + 1) * c), slice(g * k, (g + 1) * k)

    def forward(self, x):
        if x.ndim != 4 or x.shape[1] != self.C:
            raise ValueError(f"Conv2D with {self.C} channels: x has the shape {x.shape}")
        self.xp = np.pad(x, ((0, 0), (0, 0), *self.borders))
        places = list(self.windows())
        if not places:
            raise ValueError(f"Conv2D: {x.shape} is smaller than a kernel of {self.kernel}")
        size = (places[-1][0] + 1, places[-1][1] + 1)
        y = np.zeros((len(x), self.K, *size), np.result_type(x, self.params["weight"]))
        for i, j, rows, columns in places:
            for channels, filters in self.parts():
                window = self.xp[:, channels, rows, columns]
                y[:, filters, i, j] = np.einsum(
                    "nchw,kchw->nk", window, self.params["weight"][filters]
                )
        if "bias" in self.params:
            y += self.params["bias"][:, None, None]
        self.y_shape = y.shape
        return y

    def backward(self, dout):
        if self.xp is None:
            raise RuntimeError("Conv2D.backward comes after forward")
        if dout.shape != self.y_shape:
            raise ValueError(f"Conv2D: dout {dout.shape} is not {self.y_shape}")
        weight = self.params["weight"]
        dxp, dw = np.zeros_like(self.xp), np.zeros_like(weight)
        for i, j, rows, columns in self.windows():
            for channels, filters in self.parts():
                d = dout[:, filters, i, j]
                dw[filters] += np.einsum("nk,nchw->kchw", d, self.xp[:, channels, rows, columns])
                dxp[:, channels, rows, columns] += np.tensordot(d, weight[filters], 1)
        self.grads = {"weight": dw}
        if "bias" in self.params:
            self.grads["bias"] = dout.sum((0, 2, 3))
        (top, bottom), (left, right) = self.borders
        H, W = dxp.shape[2:]
        return dxp[:, :, top : H - bottom, left : W - right]
