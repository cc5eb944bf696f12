"""Layers that move a window, as matrices of zeros and ones: one for each place in the kernel.

Such a matrix says which place of the input meets which place of the output there, so that forward
multiplies by all of them, and backward by their transposes.
"""

import numpy as np

__all__ = ["Conv1D", "ConvTranspose2D", "Upsample"]


class ByTap:
    """Has `taps(shape)`, the matrices for inputs of a shape, and the output's shape."""

    def __init__(self, **sizes):
        for name, (value, least) in sizes.items():
            if np.min(value) < least:
                raise ValueError(f"{self.name}: {name} is {value}")
        self.params, self.grads, self.training, self.seen = {}, {}, True, None

    @property
    def name(self):
        return type(self).__name__

    def forward(self, x):
        self.refuse(x)
        matrices, shape = self.taps(x.shape[2:])
        self.seen = np.array(x), matrices.astype(x.dtype), shape
        flat = x.reshape(*x.shape[:2], -1)
        y = sum(self.mixed(t, flat @ m) for t, m in enumerate(self.seen[1]))
        if "bias" in self.params:
            y = y + self.params["bias"].reshape(-1, 1)
        return y.reshape(*y.shape[:2], *shape)

    def backward(self, dout):
        if self.seen is None:
            raise RuntimeError(f"{self.name}: nothing to go back through")
        x, matrices, shape = self.seen
        if dout.shape != (len(x), self.channels(x), *shape):
            raise ValueError(f"{self.name}: dout {dout.shape}, outputs of {shape}")
        flat, g = x.reshape(*x.shape[:2], -1), dout.reshape(*dout.shape[:2], -1)
        dx = sum(self.mixed(t, g, back=True) @ m.T for t, m in enumerate(matrices))
        if self.params:
            products = [np.einsum("nko,nco->kc", g, flat @ m) for m in matrices]
            self.grads["weight"] = self.laid_out(np.stack(products, axis=-1))
        if "bias" in self.params:
            self.grads["bias"] = g.sum(axis=2).sum(axis=0)
        return dx.reshape(x.shape)

    def mixed(self, t, array, back=False):
        """Return what a tap makes of the channels."""
        weight = self.by_tap()[:, :, t]
        return (weight.T if back else weight) @ array

    def refuse(self, x):
        if x.ndim != self.dimensions or x.shape[1] != self.inputs:
            raise ValueError(f"{self.name} of {self.inputs} channels: x has shape {x.shape}")

    def channels(self, x):
        return self.outputs


def met(pairs, size, count):
    """Return the matrix of the pairs (place of the input, place of the output) that exist."""
    matrix = np.zeros((size, count))
    for source, target in pairs:
        if 0 <= source < size and 0 <= target < count:
            matrix[source, target] = 1
    return matrix


class Conv1D(ByTap):
    dimensions = 3

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, dilation=1
    ):
        steps = {"stride": (stride, 1), "dilation": (dilation, 1), "padding": (padding, 0)}
        super().__init__(kernel_size=(kernel_size, 1), **steps)
        self.inputs, self.outputs, self.size = in_channels, out_channels, kernel_size
        self.step, self.zeros, self.gap = stride, padding, dilation
        draw = np.random.default_rng().standard_normal
        self.params["weight"] = draw((out_channels, in_channels, kernel_size))
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def by_tap(self):
        return self.params["weight"]

    def laid_out(self, gradient):
        return gradient

    def taps(self, shape):
        (L,) = shape
        room = L + 2 * self.zeros - (self.size - 1) * self.gap - 1
        if room < 0:
            raise ValueError(f"Conv1D: {L} places for a kernel of {self.size}")
        count = room // self.step + 1
        starts = [t * self.gap - self.zeros for t in range(self.size)]
        pairs = ([(o * self.step + start, o) for o in range(count)] for start in starts)
        return np.stack([met(each, L, count) for each in pairs]), (count,)


class ConvTranspose2D(ByTap):
    dimensions = 4

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        bias=True,
    ):
        super().__init__(
            kernel_size=(kernel_size, 1),
            stride=(stride, 1),
            padding=(padding, 0),
            output_padding=(output_padding, 0),
        )
        self.inputs, self.outputs = in_channels, out_channels
        pairs = kernel_size, stride, padding, output_padding
        self.sizes, self.steps, self.less, self.more = (np.broadcast_to(each, 2) for each in pairs)
        if (self.more >= self.steps).any():
            raise ValueError(f"ConvTranspose2D: output padding {self.more}, stride {self.steps}")
        draw = np.random.default_rng().standard_normal
        self.params["weight"] = draw((in_channels, out_channels, *self.sizes))
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def by_tap(self):
        weight = self.params["weight"].swapaxes(0, 1)
        return weight.reshape(*weight.shape[:2], -1)

    def laid_out(self, gradient):
        return gradient.swapaxes(0, 1).reshape(self.params["weight"].shape)

    def taps(self, shape):
        counts = (np.array(shape) - 1) * self.steps - 2 * self.less + self.sizes + self.more
        if counts.min() < 1:
            raise ValueError(f"ConvTranspose2D: {shape} gives an output of {counts}")
        along = []
        for size, step, less, length, count in zip(
            self.sizes, self.steps, self.less, shape, counts, strict=True
        ):
            ways = ([(i, i * step + t - less) for i in range(length)] for t in range(size))
            along.append([met(each, length, count) for each in ways])
        return np.stack([np.kron(rows, cols) for rows in along[0] for cols in along[1]]), counts


class Upsample(ByTap):
    """A tap is a place in the block."""

    def __init__(self, scale_factor):
        super().__init__(scale_factor=(scale_factor, 1))
        self.scale_factor = np.broadcast_to(scale_factor, 2)

    def refuse(self, x):
        if x.ndim != 4:
            raise ValueError(f"Upsample: x has shape {x.shape}")

    def channels(self, x):
        return x.shape[1]

    def mixed(self, t, array, back=False):
        return array

    def taps(self, shape):
        along = []
        for size, scale in zip(shape, self.scale_factor, strict=True):
            ways = ([(i, i * scale + t) for i in range(size)] for t in range(scale))
            along.append([met(each, size, size * scale) for each in ways])
        counts = np.array(shape) * self.scale_factor
        return np.stack([np.kron(rows, cols) for rows in along[0] for cols in along[1]]), counts
