"""`params` and `grads` are properties that build their dicts anew at each access."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import MaxPool2D, output_size, pair

PlainPool = MaxPool2D


class Layer:
    def __init__(self):
        self.weight = self.bias = self.dweight = self.dbias = None
        self.mode = "train"
        self.seen = None

    @property
    def params(self):
        named = {"weight": self.weight, "bias": self.bias}
        return {name: array for name, array in named.items() if array is not None}

    @property
    def grads(self):
        named = {"weight": self.dweight, "bias": self.dbias}
        return {name: array for name, array in named.items() if array is not None}

    @property
    def training(self):
        return self.mode == "train"

    @training.setter
    def training(self, value):
        self.train() if value else self.eval()

    def train(self):
        self.mode = "train"

    def eval(self):
        self.mode = "eval"

    def recall(self, dout):
        """Return what forward has kept, for a dout of the right shape."""
        name = self.__class__.__name__
        if self.seen is None:
            raise RuntimeError(f"{name}: there was no forward")
        *kept, shape = self.seen
        if dout.shape != shape:
            raise ValueError(f"{name}: {shape} went out, {dout.shape} came back")
        return kept


class Conv2D(Layer):
    """The image moves under the kernel: one shifted copy for each of its elements."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.kernel = pair("Conv2D", "kernel_size", kernel_size, 1)
        self.stride = pair("Conv2D", "stride", stride, 1)
        self.padding = pair("Conv2D", "padding", padding, 0)
        self.weight = np.random.uniform(-0.5, 0.5, (out_channels, in_channels, *self.kernel))
        self.bias = np.random.uniform(-0.5, 0.5, out_channels) if bias else None

    def forward(self, x):
        K, C = self.weight.shape[:2]
        if x.ndim != 4 or x.shape[1] != C:
            raise ValueError(f"Conv2D: images have to be N x {C} x H x W, these are {x.shape}")
        size = output_size("Conv2D", x.shape, self.kernel, self.stride, self.padding)
        (ph, pw), (KH, KW), (SH, SW) = self.padding, self.kernel, self.stride
        xp = np.zeros((len(x), C, x.shape[2] + 2 * ph, x.shape[3] + 2 * pw), x.dtype)
        xp[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]] = x
        shifted = np.stack(
            [
                xp[:, :, i : i + SH * size[0] : SH, j : j + SW * size[1] : SW][
                    :, :, : size[0], : size[1]
                ]
                for i in range(KH)
                for j in range(KW)
            ],
            axis=2,
        )  # (N, C, KH*KW, OH, OW)
        y = np.einsum("kce,ncexy->nkxy", self.weight.reshape(K, C, -1), shifted)
        if self.bias is not None:
            y += self.bias[:, None, None]
        self.seen = shifted, x.shape, y.shape
        return y

    def backward(self, dout):
        shifted, (_, _, H, W) = self.recall(dout)
        (ph, pw), (_, KW), (SH, SW), (OH, OW) = (
            *(self.padding, self.kernel, self.stride),
            dout.shape[2:],
        )
        K, C = self.weight.shape[:2]
        self.dweight = np.einsum("nkxy,ncexy->kce", dout, shifted).reshape(self.weight.shape)
        self.dbias = None if self.bias is None else dout.sum(axis=(0, 2, 3))
        dxp = np.zeros((len(dout), C, H + 2 * ph, W + 2 * pw), dout.dtype)
        dshifted = np.einsum("kce,nkxy->encxy", self.weight.reshape(K, C, -1), dout)
        for e, part in enumerate(dshifted):
            i, j = divmod(e, KW)
            dxp[:, :, i : i + SH * (OH - 1) + 1 : SH, j : j + SW * (OW - 1) + 1 : SW] += part
        return dxp[:, :, ph : ph + H, pw : pw + W]


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = np.random.uniform(-0.5, 0.5, (out_features, in_features))
        self.bias = np.random.uniform(-0.5, 0.5, out_features) if bias else None

    def forward(self, x):
        if x.shape[1:] != self.weight.shape[1:]:
            raise ValueError(f"Dense: {x.shape} times the transpose of {self.weight.shape}")
        y = np.dot(x, self.weight.T)
        y = y if self.bias is None else y + self.bias
        self.seen = x, y.shape
        return y

    def backward(self, dout):
        (x,) = self.recall(dout)
        self.dweight = np.dot(dout.T, x)
        self.dbias = None if self.bias is None else np.ones(len(dout), dout.dtype) @ dout
        return np.dot(dout, self.weight)


class ReLU(Layer):
    def forward(self, x):
        y = np.where(x > 0, x, x.dtype.type(0))
        self.seen = y, y.shape
        return y

    def backward(self, dout):
        (y,) = self.recall(dout)
        return dout * np.sign(y)


class Flatten(Layer):
    def forward(self, x):
        if np.ndim(x) <= 1:
            raise ValueError(f"Flatten: one axis at most in {x.shape}")
        y = x.ravel().reshape(len(x), -1)
        self.seen = x.shape, y.shape
        return y

    def backward(self, dout):
        (shape,) = self.recall(dout)
        return dout.copy().reshape(shape)


class MaxPool2D(PlainPool):
    """The plain one, but its dicts cannot be set."""

    params = property(lambda self: {}, lambda self, value: None)
    grads = property(lambda self: {}, lambda self, value: None)
