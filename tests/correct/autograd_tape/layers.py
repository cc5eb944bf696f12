"""Layers that say what they compute, and nothing of their gradients."""

import numpy as np

from .tape import Var, constant, gradients, stack


class Layer:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True
        self.tape = None

    def wrong(self, text):
        return ValueError(f"{type(self).__name__}: {text}")

    def check(self, x):
        """Raise ValueError where x does not fit."""

    def dimensions(self, x, number, axis=None, size=None):
        if x.ndim != number:
            raise self.wrong(f"want {number} dimensions, have {x.ndim}")
        if axis is not None and x.shape[axis] != size:
            raise self.wrong(f"want size {size} along axis {axis}, have shape {x.shape}")

    def forward(self, x):
        self.check(x)
        leaf = Var(x if np.issubdtype(x.dtype, np.floating) else x.astype(float))
        leaves = {name: Var(p) for name, p in self.params.items()}
        out = self.compute(leaf, **leaves)
        self.tape = leaf, leaves, out
        return out.value

    def backward(self, dout):
        if self.tape is None:
            raise RuntimeError(f"{type(self).__name__}: the tape is empty, there was no forward")
        leaf, leaves, out = self.tape
        if dout.shape != out.shape:
            raise self.wrong(f"dout has shape {dout.shape}, the output has {out.shape}")
        dx, *others = gradients(out, dout, [leaf, *leaves.values()])
        self.grads = dict(zip(leaves, others, strict=True))
        return dx


def both(layer, name, value, least):
    pair = tuple(value) if np.ndim(value) else (value, value)
    if len(pair) != 2 or min(pair) < least:
        raise layer.wrong(f"want {name} of {least} or more, have {value}")
    return pair


class Windowed(Layer):
    dilation = (1, 1)

    def geometry(self, kernel_size, stride, padding):
        self.kernel_size = both(self, "kernel_size", kernel_size, 1)
        self.stride = both(self, "stride", kernel_size if stride is None else stride, 1)
        extra = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
        if not isinstance(padding, str):
            self.pads = (both(self, "padding", padding, 0),) * 2
        elif padding == "valid":
            self.pads = ((0, 0),) * 2
        elif padding in ("same", "same_lower"):
            small, large = [n // 2 for n in extra], [n - n // 2 for n in extra]
            self.pads = (small, large) if padding == "same" else (large, small)
        else:
            raise self.wrong(f"want another padding, have {padding!r}")
        self.extent = [n + 1 for n in extra]

    def windows(self, x, fill=0.0):
        """Return the windows of x as a Var (N, C, KH KW, OH OW), and (OH, OW)."""
        xp = x.pad(*self.pads, fill)
        h, w = xp.shape[2:]
        if h < self.extent[0] or w < self.extent[1]:
            raise self.wrong(f"want room for windows of {self.extent}, have shape {x.shape}")
        top = np.arange(0, h - self.extent[0] + 1, self.stride[0])
        left = np.arange(0, w - self.extent[1] + 1, self.stride[1])
        u, v = (np.arange(k) * d for k, d in zip(self.kernel_size, self.dilation, strict=True))
        rows = np.add.outer(np.repeat(u, len(v)), np.repeat(top, len(left)))
        columns = np.add.outer(np.tile(v, len(u)), np.tile(left, len(top)))
        return xp[:, :, rows, columns], (len(top), len(left))


class Conv2D(Windowed):
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
        for number in (in_channels, out_channels, groups):
            if number < 1:
                raise self.wrong(f"want channels and groups of 1 or more, have {number}")
        if in_channels % groups or out_channels % groups:
            raise self.wrong(f"want {groups} groups, have {in_channels}, {out_channels} channels")
        self.in_channels, self.groups = in_channels, groups
        self.dilation = both(self, "dilation", dilation, 1)
        self.geometry(kernel_size, stride, padding)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.params["weight"] = np.random.randn(*shape) * (2 / np.prod(shape[1:])) ** 0.5
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def check(self, x):
        self.dimensions(x, 4, 1, self.in_channels)

    def compute(self, x, weight, bias=None):
        windows, size = self.windows(x)
        rows = windows.reshape(len(x.value), self.groups, -1, size[0] * size[1])
        filters = weight.reshape(self.groups, weight.shape[0] // self.groups, -1)
        y = (filters @ rows).reshape(len(x.value), weight.shape[0], *size)
        return y if bias is None else y + bias.reshape(-1, 1, 1)


class MaxPool2D(Windowed):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.geometry(kernel_size, stride, padding)

    def check(self, x):
        self.dimensions(x, 4)

    def compute(self, x):
        windows, size = self.windows(x, -np.inf)
        return windows.max(2).reshape(*x.shape[:2], *size)


class AvgPool2D(MaxPool2D):
    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def compute(self, x):
        windows, size = self.windows(x)
        counted = windows
        if not self.count_include_pad:
            counted, _ = self.windows(Var(np.ones_like(x.value)))
        else:
            counted = Var(np.ones_like(windows.value))
        shares = 1 / counted.value.sum(axis=2, keepdims=True)
        return (windows.sum(2) * shares).reshape(*x.shape[:2], *size)


class GlobalAvgPool2D(Layer):
    def check(self, x):
        self.dimensions(x, 4)

    def compute(self, x):
        return x.mean((2, 3)).reshape(*x.shape[:2])


class GlobalMaxPool2D(GlobalAvgPool2D):
    def compute(self, x):
        return x.reshape(*x.shape[:2], -1).max(2).reshape(*x.shape[:2])


class Flatten(Layer):
    def check(self, x):
        if x.ndim < 2:
            raise self.wrong(f"want 2 dimensions or more, have {x.ndim}")

    def compute(self, x):
        return x.reshape(x.shape[0], int(np.prod(x.shape[1:])))


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        if min(in_features, out_features) < 1:
            raise self.wrong(f"want 1 feature or more, have {in_features} and {out_features}")
        self.in_features = in_features
        self.params["weight"] = np.random.randn(out_features, in_features) / in_features**0.5
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def check(self, x):
        self.dimensions(x, 2, 1, self.in_features)

    def compute(self, x, weight, bias=None):
        y = x @ weight.swapaxes(0, 1)
        return y if bias is None else y + bias


class ReLU(Layer):
    def compute(self, x):
        return x.relu()


class LeakyReLU(Layer):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = negative_slope

    def compute(self, x):
        return x * np.where(x.value > 0, 1, self.negative_slope)


class ELU(Layer):
    def __init__(self, alpha=1.0):
        super().__init__()
        self.alpha = alpha

    def compute(self, x):
        below = np.minimum(x.value, 0)
        value = np.where(x.value > 0, x.value, self.alpha * np.expm1(below))
        slope = np.where(x.value > 0, 1, self.alpha * np.exp(below))
        return x.pointwise(value, slope.astype(value.dtype))


class Sigmoid(Layer):
    def compute(self, x):
        return ((x * 0.5).tanh() + 1) * 0.5


class Tanh(Layer):
    def compute(self, x):
        return x.tanh()


class Dropout(Layer):
    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if p < 0 or p > 1:
            raise self.wrong(f"want p from 0 to 1, have {p}")
        self.p, self.rng = p, np.random.default_rng(rng)

    def compute(self, x):
        if not self.training or self.p == 0:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * (kept / (1 - self.p) if self.p < 1 else np.zeros(x.shape))


class Softmax(Flatten):
    def compute(self, x):
        e = (x - x.value.max(axis=-1, keepdims=True)).exp()
        return e * e.sum(-1).power(-1)


class BatchNorm2D(Layer):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        if num_features < 1:
            raise self.wrong(f"want 1 feature or more, have {num_features}")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {"running_mean": np.zeros(num_features)}
        self.buffers["running_var"] = np.ones(num_features)

    def check(self, x):
        self.dimensions(x, 4, 1, self.num_features)
        if self.training and x.size == self.num_features:
            raise self.wrong(f"want more than one pixel a channel, have shape {x.shape}")

    def compute(self, x, weight, bias):
        if self.training:
            centered = x - x.mean((0, 2, 3))
            var = centered.power(2).mean((0, 2, 3))
            count = x.value.size // self.num_features
            self.move("running_mean", x.value.mean(axis=(0, 2, 3)))
            self.move("running_var", var.value.ravel() * (count / (count - 1)))
        else:
            centered = x - self.buffers["running_mean"].reshape(-1, 1, 1)
            var = constant(self.buffers["running_var"].reshape(-1, 1, 1), x)
        xhat = centered * (var + self.eps).power(-0.5)
        return xhat * weight.reshape(-1, 1, 1) + bias.reshape(-1, 1, 1)

    def move(self, name, new):
        old = self.buffers[name]
        self.buffers[name] = old + self.momentum * (new - old)


class RNN(Layer):
    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        super().__init__()
        if min(input_size, hidden_size) < 1:
            raise self.wrong(f"want sizes of 1 or more, have {input_size} and {hidden_size}")
        if nonlinearity not in ("tanh", "relu"):
            raise self.wrong(f"want tanh or relu, have {nonlinearity!r}")
        self.input_size, self.nonlinearity = input_size, nonlinearity
        shapes = {
            "weight_ih_l0": (hidden_size, input_size),
            "weight_hh_l0": (hidden_size, hidden_size),
            "bias_ih_l0": (hidden_size,),
            "bias_hh_l0": (hidden_size,),
        }
        bound = hidden_size**-0.5
        self.params = {k: np.random.uniform(-bound, bound, s) for k, s in shapes.items()}

    def check(self, x):
        self.dimensions(x, 3, 2, self.input_size)
        if x.shape[1] < 1:
            raise self.wrong(f"want one step or more, have shape {x.shape}")

    def compute(self, x, weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0):
        hidden = Var(np.zeros((x.shape[0], bias_hh_l0.shape[0]), x.value.dtype))
        states = []
        for t in range(x.shape[1]):
            ours = x[:, t] @ weight_ih_l0.swapaxes(0, 1) + bias_ih_l0
            hidden = ours + hidden @ weight_hh_l0.swapaxes(0, 1) + bias_hh_l0
            hidden = hidden.tanh() if self.nonlinearity == "tanh" else hidden.relu()
            states.append(hidden)
        return stack(states, 1)
