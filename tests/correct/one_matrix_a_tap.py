"""Layers that move a window, as matrices of zeros and ones: one for each place in the kernel.

Such a matrix says which place of the input meets which place of the output there, so that forward
multiplies by all of them, and backward by their transposes.
"""

from functools import reduce
from itertools import product

import numpy as np

__all__ = ["Conv1D", "Conv2D", "ConvTranspose1D", "ConvTranspose2D", "Upsample"]


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


class Conv2D(ByTap):
    """Groups are blocks of a weight that is 0 elsewhere."""

    dimensions = 4

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
        steps = {"stride": (stride, 1), "dilation": (dilation, 1), "groups": (groups, 1)}
        super().__init__(kernel_size=(kernel_size, 1), **steps)
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"Conv2D: {in_channels} and {out_channels} channels, {groups} groups")
        self.inputs, self.outputs, self.groups = in_channels, out_channels, groups
        pairs = kernel_size, stride, dilation
        self.sizes, self.steps, self.gaps = (np.broadcast_to(each, 2) for each in pairs)
        room = self.gaps * (self.sizes - 1)
        known = {
            "valid": (0, 0),
            "full": (room, 2 * room),
            "same": (room // 2, room),
            "same_lower": (room - room // 2, room),
        }
        if padding not in known if isinstance(padding, str) else np.min(padding) < 0:
            raise ValueError(f"Conv2D: padding is {padding}")
        zeros = np.broadcast_to(0 if isinstance(padding, str) else padding, 2)
        self.before, self.all = known.get(padding, (zeros, 2 * zeros))
        draw = np.random.default_rng().standard_normal
        self.params["weight"] = draw((out_channels, in_channels // groups, *self.sizes))
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def parts(self):
        k, c = self.outputs // self.groups, self.inputs // self.groups
        return [(slice(g * k, g * k + k), slice(g * c, g * c + c)) for g in range(self.groups)]

    def by_tap(self):
        weight = self.params["weight"].reshape(self.outputs, -1, self.sizes.prod())
        every = np.zeros((self.outputs, self.inputs, weight.shape[2]), weight.dtype)
        for filters, channels in self.parts():
            every[filters, channels] = weight[filters]
        return every

    def laid_out(self, gradient):
        blocks = [gradient[part] for part in self.parts()]
        return np.concatenate(blocks).reshape(self.params["weight"].shape)

    def taps(self, shape):
        room = shape + np.broadcast_to(self.all, 2) - self.gaps * (self.sizes - 1) - 1
        if room.min() < 0:
            raise ValueError(f"Conv2D: an image of {shape} for a kernel of {self.sizes}")
        counts, along = room // self.steps + 1, []
        for length, count, size, step, gap, before in zip(
            shape,
            counts,
            self.sizes,
            self.steps,
            self.gaps,
            np.broadcast_to(self.before, 2),
            strict=True,
        ):
            starts = (t * gap - before for t in range(size))
            pairs = ([(o * step + start, o) for o in range(count)] for start in starts)
            along.append([met(each, length, count) for each in pairs])
        return np.stack([np.kron(rows, cols) for rows in along[0] for cols in along[1]]), counts


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
        self.sizes, self.steps, self.less, self.more = (
            np.broadcast_to(each, self.dimensions - 2) for each in pairs
        )
        if (self.more >= self.steps).any():
            raise ValueError(f"{self.name}: output padding {self.more}, stride {self.steps}")
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
            raise ValueError(f"{self.name}: {shape} gives an output of {counts}")
        along = []
        for size, step, less, length, count in zip(
            self.sizes, self.steps, self.less, shape, counts, strict=True
        ):
            ways = ([(i, i * step + t - less) for i in range(length)] for t in range(size))
            along.append([met(each, length, count) for each in ways])
        return np.stack([reduce(np.kron, each) for each in product(*along)]), counts

    @property
    def name(self):
        return type(self).__name__


class ConvTranspose1D(ConvTranspose2D):
    dimensions = 3


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
