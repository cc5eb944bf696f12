"""Every convolution as a plain one: zeros in the kernel for what a dilation or groups leave out.

The plain one has stride 1 and no padding; a stride drops outputs, and padding enlarges the image.
"""

import numpy as np
from plain import Layer, pair

__all__ = ["Conv2D"]


def correlate(x, kernel):
    """Return the outputs (N, K, OH, OW) of a kernel (K, C, KH, KW) in all of its places."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[2:], axis=(2, 3))
    return np.tensordot(windows, kernel, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


class Conv2D(Layer):
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
        kernel = pair("Conv2D", "kernel_size", kernel_size, 1)
        self.stride = pair("Conv2D", "stride", stride, 1)
        self.dilation = pair("Conv2D", "dilation", dilation, 1)
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"Conv2D: {groups} groups, {in_channels} channels, {out_channels} filters"
            )
        self.channels, self.groups = in_channels, groups
        self.reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, self.dilation, strict=True))
        self.before, self.after = self.margins(padding)
        self.params["weight"] = np.random.normal(
            size=(out_channels, in_channels // groups, *kernel)
        )
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def margins(self, padding):
        """Return the rows and columns of zeros before the image, and those after it."""
        less = [(r - 1) // 2 for r in self.reach]
        more = [r // 2 for r in self.reach]
        known = {"valid": ((0, 0), (0, 0)), "same": (less, more), "same_lower": (more, less)}
        if isinstance(padding, str):
            if padding not in known:
                raise ValueError(f"Conv2D: padding {padding} is not one of {list(known)}")
            return known[padding]
        return (pair("Conv2D", "padding", padding, 0),) * 2

    def spread(self, weight):
        """Return the kernel (K, C, RH, RW) of the plain convolution."""
        K, C = weight.shape[:2]
        holes = np.zeros((K, C, *self.reach), weight.dtype)
        holes[:, :, :: self.dilation[0], :: self.dilation[1]] = weight
        none = np.zeros((K // self.groups, C, *self.reach), weight.dtype)
        rows = []
        for g, part in enumerate(np.split(holes, self.groups)):
            rows.append(
                np.concatenate([none] * g + [part] + [none] * (self.groups - g - 1), axis=1)
            )
        return np.concatenate(rows)

    def gathered(self, dkernel):
        """Return what of the plain kernel's gradient belongs to the weight."""
        dkernel = dkernel[:, :, :: self.dilation[0], :: self.dilation[1]]
        blocks = [
            np.split(rows, self.groups, axis=1)[g]
            for g, rows in enumerate(np.split(dkernel, self.groups))
        ]
        return np.concatenate(blocks)

    def forward(self, x):
        if x.ndim != 4 or x.shape[1] != self.channels:
            raise ValueError(f"Conv2D: {x.shape} is no batch of {self.channels} channels")
        borders = list(zip(self.before, self.after, strict=True))
        self.xp = np.pad(x, [(0, 0), (0, 0), *borders])
        if self.xp.shape[2] < self.reach[0] or self.xp.shape[3] < self.reach[1]:
            raise ValueError(f"Conv2D: x of shape {x.shape} is smaller than {self.reach}")
        y = correlate(self.xp, self.spread(self.params["weight"]))
        self.full, self.image = y.shape, x.shape
        y = y[:, :, :: self.stride[0], :: self.stride[1]]
        self.y_shape = y.shape
        return y + self.params["bias"][:, None, None] if "bias" in self.params else y.copy()

    def backward(self, dout):
        self.check_dout(dout)
        d = np.zeros(self.full, dout.dtype)
        d[:, :, :: self.stride[0], :: self.stride[1]] = dout
        dkernel = correlate(self.xp.swapaxes(0, 1), d.swapaxes(0, 1)).swapaxes(0, 1)
        self.grads["weight"] = self.gathered(dkernel)
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        kernel = self.spread(self.params["weight"])
        ends = [(r - 1, r - 1) for r in self.reach]
        dxp = correlate(np.pad(d, [(0, 0), (0, 0), *ends]), kernel[:, :, ::-1, ::-1].swapaxes(0, 1))
        (top, left), (H, W) = self.before, self.image[2:]
        return dxp[:, :, top : top + H, left : left + W]
