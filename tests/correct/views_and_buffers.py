"""Views wherever they are allowed, read-only results, buffers that every backward overwrites."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Layer, Pooling


def frozen(array):
    """Return an array that nobody can write to."""
    view = array.view()
    view.flags.writeable = False
    return view


class Conv2D(Convolution):
    """The gradients live in arrays that are made once and reused; dx is a view of a larger one."""

    buffer = None

    def windows(self, array):
        (SH, SW), (OH, OW) = self.stride, self.size
        views = np.lib.stride_tricks.sliding_window_view(
            array, self.kernel, axis=(2, 3), writeable=True
        )
        return views[:, :, ::SH, ::SW][:, :, :OH, :OW]  # (N, C, OH, OW, KH, KW)

    def convolve(self, x):
        self.view = self.windows(self.padded(x)) if any(self.padding) else self.windows_of(x)
        y = np.tensordot(self.view, self.params["weight"], axes=((1, 4, 5), (1, 2, 3)))
        if "bias" in self.params:
            y += self.params["bias"]
        return frozen(y.transpose(0, 3, 1, 2))

    def windows_of(self, x):
        """Return views of the caller's own array, which may be read-only."""
        (SH, SW), (OH, OW) = self.stride, self.size
        views = np.lib.stride_tricks.sliding_window_view(x, self.kernel, axis=(2, 3))
        return views[:, :, ::SH, ::SW][:, :, :OH, :OW]

    def gradients(self, dout):
        (PH, PW), (N, C, H, W) = self.padding, self.x.shape
        shape, weight = (N, C, H + 2 * PH, W + 2 * PW), self.params["weight"]
        if self.buffer is None or self.buffer.shape != shape or self.buffer.dtype != dout.dtype:
            self.buffer = np.empty(shape, dout.dtype)
            self.grads = {name: np.empty(p.shape, dout.dtype) for name, p in self.params.items()}
        self.buffer[...] = 0
        into = self.windows(self.buffer)
        for i, j in np.ndindex(*self.kernel):
            dot = np.tensordot(dout, weight[:, :, i, j], axes=(1, 0))  # (N, OH, OW, C)
            into[..., i, j] += dot.transpose(0, 3, 1, 2)
        axes = ((0, 2, 3), (0, 2, 3))
        self.grads["weight"][...] = np.tensordot(dout, self.view, axes=axes)
        if "bias" in self.params:
            np.sum(dout, axis=(0, 2, 3), out=self.grads["bias"])
        return self.cropped(self.buffer)


class MaxPool2D(Pooling):
    """A mask of the windows; the gradient goes back through a view of windows, place by place."""

    def windows(self, array):
        (SH, SW), (OH, OW) = self.stride, self.size
        views = np.lib.stride_tricks.sliding_window_view(
            array, self.kernel, axis=(2, 3), writeable=True
        )
        return views[:, :, ::SH, ::SW][:, :, :OH, :OW]

    def pool(self, xp):
        windows = self.windows(xp)
        y = windows.max(axis=(4, 5))
        equal = (windows == y[..., None, None]).reshape(*y.shape, -1)
        self.mask = (equal & (equal.cumsum(axis=-1) == 1)).reshape(windows.shape)
        self.padded_shape = xp.shape
        return frozen(y)

    def unpool(self, dout):
        dxp = np.zeros(self.padded_shape, dout.dtype)
        into = self.windows(dxp)
        for i, j in np.ndindex(*self.kernel):
            into[..., i, j] += self.mask[..., i, j] * dout
        return frozen(dxp)


class Flatten(Layer):
    """A view of x where numpy can make one, and of dout on the way back."""

    def forward(self, x):
        if x.ndim < 2:
            raise ValueError(f"Flatten: {x.shape} has no samples")
        self.x_shape, self.y_shape = x.shape, (x.shape[0], int(np.prod(x.shape[1:])))
        return x.reshape(self.y_shape)

    def backward(self, dout):
        self.check_dout(dout)
        return dout.reshape(self.x_shape)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.params["weight"] = np.random.standard_normal((in_features, out_features)).T
        if bias:
            self.params["bias"] = np.zeros(out_features)
        self.grads = {name: np.zeros_like(p) for name, p in self.params.items()}

    def forward(self, x):
        if x.ndim != 2 or x.shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Dense: {x.shape} does not fit {self.params['weight'].shape}")
        self.x = x
        y = x @ self.params["weight"].T + self.params.get("bias", 0)
        self.y_shape = y.shape
        return frozen(y)

    def backward(self, dout):
        self.check_dout(dout)
        if self.grads["weight"].dtype != dout.dtype:
            self.grads = {name: g.astype(dout.dtype) for name, g in self.grads.items()}
        np.matmul(dout.T, self.x, out=self.grads["weight"])
        if "bias" in self.params:
            np.add.reduce(dout, axis=0, out=self.grads["bias"])
        return frozen(dout @ self.params["weight"])


class ReLU(Layer):
    """Zeros that are negative are zeros all the same."""

    def forward(self, x):
        self.x, self.y_shape = x, x.shape
        return frozen(np.maximum(x, -0.0))

    def backward(self, dout):
        self.check_dout(dout)
        return frozen(np.where(self.x > 0, dout, dout.dtype.type(-0.0)))


class MSE:
    """The gradient of a mean is kept whole; the loss is a numpy number of the input's dtype."""

    def __init__(self, reduction="mean"):
        self.reduction = reduction
        self.out = None

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: prediction {pred.shape} against target {target.shape}")
        self.out = np.subtract(pred, target)
        total = np.vdot(self.out, self.out)
        if self.reduction == "sum":
            self.out += self.out
            return total
        self.out *= 2 / pred.size
        return total / pred.dtype.type(pred.size)

    def backward(self):
        if self.out is None:
            raise RuntimeError("MSE: there is nothing to go back through")
        return frozen(self.out)
