"""Average and global pooling window by window, in loops."""

import numpy as np

__all__ = ["AvgPool2D", "GlobalAvgPool2D", "GlobalMaxPool2D"]


def both(value):
    return value if isinstance(value, tuple) else (value, value)


class Pooling:
    """The windows of images; a subclass says what becomes of each."""

    x = None

    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError(f"{type(self).__name__} pools images, and got shape {list(x.shape)}")
        self.x = x.copy()
        return self.pool(x)

    def backward(self, dout):
        if self.x is None:
            raise RuntimeError(f"{type(self).__name__}.backward comes after forward")
        expected = self.pool(self.x).shape
        if dout.shape != expected:
            raise ValueError(f"{type(self).__name__}: {list(dout.shape)} is not {list(expected)}")
        return self.spread(dout)


class AvgPool2D(Pooling):
    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__()
        self.kernel = both(kernel_size)
        self.stride = both(kernel_size if stride is None else stride)
        self.padding, self.counted = both(padding), count_include_pad
        for value, least in ((self.kernel, 1), (self.stride, 1), (self.padding, 0)):
            if min(value) < least:
                raise ValueError(f"AvgPool2D cannot pool with {min(value)}")

    def windows(self):
        """Yield each output's place, its part of the image, and what its sum is divided by."""
        (KH, KW), (SH, SW), (PH, PW) = self.kernel, self.stride, self.padding
        H, W = self.x.shape[2:]
        OH, OW = (H + 2 * PH - KH) // SH + 1, (W + 2 * PW - KW) // SW + 1
        if min(OH, OW) < 1 or H + 2 * PH < KH or W + 2 * PW < KW:
            raise ValueError(f"AvgPool2D: an image of {H} x {W} is below the window {KH} x {KW}")
        for i in range(OH):
            for j in range(OW):
                top, left = i * SH - PH, j * SW - PW
                rows = slice(max(top, 0), min(top + KH, H))
                columns = slice(max(left, 0), min(left + KW, W))
                inside = (rows.stop - rows.start) * (columns.stop - columns.start)
                yield i, j, rows, columns, KH * KW if self.counted else inside

    def pool(self, x):
        found = list(self.windows())
        y = np.empty((*x.shape[:2], found[-1][0] + 1, found[-1][1] + 1), x.dtype)
        for i, j, rows, columns, count in found:
            y[:, :, i, j] = x[:, :, rows, columns].sum(axis=(2, 3)) / count
        return y

    def spread(self, dout):
        dx = np.zeros(self.x.shape, dout.dtype)
        for i, j, rows, columns, count in self.windows():
            dx[:, :, rows, columns] += dout[:, :, i, j, None, None] / count
        return dx


class GlobalAvgPool2D(Pooling):
    def pool(self, x):
        return np.array([[channel.mean() for channel in image] for image in x], x.dtype)

    def spread(self, dout):
        pixels = self.x[0, 0].size
        return np.repeat(dout / pixels, pixels).reshape(self.x.shape)


class GlobalMaxPool2D(Pooling):
    def pool(self, x):
        return np.array([[channel.max() for channel in image] for image in x], x.dtype)

    def spread(self, dout):
        dx = np.zeros(self.x.shape, dout.dtype)
        for n, c in np.ndindex(dout.shape):
            dx[n, c].flat[self.x[n, c].argmax()] = dout[n, c]
        return dx
