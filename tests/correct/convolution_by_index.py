"""Convolution by gathering pixels through an array of indices, and scattering them back.

Nothing is padded: what lies outside of the image has the index of one zero behind its last pixel.
"""

import numpy as np

__all__ = ["Conv2D"]


def two(value, what, least):
    pair = tuple(np.broadcast_to(value, 2).tolist())
    if min(pair) < least:
        raise ValueError(f"Conv2D: {what} is {value}")
    return pair


class Conv2D:
    at = None

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
        self.kernel, self.stride = two(kernel_size, "kernel", 1), two(stride, "stride", 1)
        self.dilation, self.padding = two(dilation, "dilation", 1), padding
        if not isinstance(padding, str):
            self.padding = two(padding, "padding", 0)
        elif padding not in ("same", "valid", "same_lower"):
            raise ValueError(f"Conv2D: padding is {padding}")
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(f"Conv2D: {in_channels} and {out_channels} in groups of {groups}")
        self.G, self.C, self.K = groups, in_channels // groups, out_channels // groups
        shape = (out_channels, self.C, *self.kernel)
        self.params = {"weight": np.random.uniform(-1, 1, shape)}
        self.params |= {"bias": np.random.uniform(-1, 1, out_channels)} if bias else {}
        self.grads, self.training = {}, True

    def positions(self, axis, length):
        """Return which row (column) of the image each output sees at each place of the kernel."""
        k, s, d = self.kernel[axis], self.stride[axis], self.dilation[axis]
        missing = (k - 1) * d
        if self.padding in ("same", "same_lower"):
            first = -(missing // 2 if self.padding == "same" else -(-missing // 2))
            count = -(-length // s)
        else:
            p = 0 if self.padding == "valid" else self.padding[axis]
            first, count = -p, (length + 2 * p - missing - 1) // s + 1
        return first + s * np.arange(count)[:, None] + d * np.arange(k)  # (O, k)

    def forward(self, x):
        if x.ndim != 4 or x.shape[1] != self.C * self.G:
            raise ValueError(f"Conv2D of {self.C * self.G} channels got x of shape {x.shape}")
        N, _, H, W = x.shape
        rows, columns = self.positions(0, H), self.positions(1, W)
        if not (len(rows) and len(columns)):
            raise ValueError(f"Conv2D: no window of {self.kernel} fits into x of shape {x.shape}")
        self.size, self.image = (len(rows), len(columns)), x.shape
        rows, columns = rows[:, None, :, None], columns[None, :, None, :]
        inside = (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)
        self.at = np.where(inside, rows * W + columns, H * W)  # (OH, OW, KH, KW)
        pixels = np.append(x.reshape(N, -1, H * W), np.zeros((N, x.shape[1], 1), x.dtype), axis=2)
        cut = pixels[:, :, self.at].reshape(N, self.G, self.C, *self.at.shape)
        self.cut = cut.transpose(1, 0, 3, 4, 2, 5, 6).reshape(self.G, -1, self.weight()[0, 0].size)
        y = self.cut @ self.weight().transpose(0, 2, 1)  # (G, N*OH*OW, K)
        y = y.reshape(self.G, N, *self.size, self.K).transpose(1, 0, 4, 2, 3)
        y = y.reshape(N, -1, *self.size)
        return y + self.params["bias"][:, None, None] if "bias" in self.params else y

    def weight(self):
        return self.params["weight"].reshape(self.G, self.K, -1)

    def backward(self, dout):
        if self.at is None:
            raise RuntimeError("Conv2D: nothing to go back from")
        N, C, H, W = self.image
        if dout.shape != (N, self.G * self.K, *self.size):
            raise ValueError(f"Conv2D: dout has shape {dout.shape}, y had another")
        d = dout.reshape(N, self.G, self.K, *self.size).transpose(1, 0, 3, 4, 2)
        d = d.reshape(self.G, -1, self.K)  # (G, N*OH*OW, K)
        self.grads["weight"] = (d.transpose(0, 2, 1) @ self.cut).reshape(
            self.params["weight"].shape
        )
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        cut = (d @ self.weight()).reshape(self.G, N, *self.size, self.C, *self.kernel)
        cut = cut.transpose(1, 0, 4, 2, 3, 5, 6).reshape(N, C, -1)
        dx = np.zeros((N, C, H * W + 1), dout.dtype)
        np.add.at(dx, (slice(None), slice(None), self.at.ravel()), cut)
        return dx[:, :, :-1].reshape(self.image)
