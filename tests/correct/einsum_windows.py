"""einsum over strided windows, forward and backward: no loop, and no matrix of columns."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Layer, Loss, Pooling


class Conv2D(Convolution):
    def convolve(self, x):
        self.xp = self.padded(x)
        n, c, h, w = self.xp.strides
        (SH, SW), shape = self.stride, (len(x), self.channels, *self.size, *self.kernel)
        strides = (n, c, h * SH, w * SW, h, w)
        self.windows = as_strided(self.xp, shape, strides, writeable=False)
        y = np.einsum("ncxyij,kcij->nkxy", self.windows, self.params["weight"], optimize=True)
        if "bias" in self.params:
            y = y + self.params["bias"].reshape(1, -1, 1, 1)
        return y

    def gradients(self, dout):
        weight, (KH, KW), (SH, SW) = self.params["weight"], self.kernel, self.stride
        self.grads["weight"] = np.einsum("ncxyij,nkxy->kcij", self.windows, dout, optimize=True)
        if "bias" in self.params:
            self.grads["bias"] = np.einsum("nkxy->k", dout)
        H, W = self.xp.shape[2:]
        wide = np.zeros((*dout.shape[:2], H + KH - 1, W + KW - 1), dout.dtype)
        wide[:, :, KH - 1 : H : SH, KW - 1 : W : SW] = dout  # zeros between, and all around
        windows = sliding_window_view(wide, (KH, KW), axis=(2, 3))  # (N, K, H, W, KH, KW)
        rotated = weight[:, :, ::-1, ::-1]
        return self.cropped(np.einsum("nkxyij,kcij->ncxy", windows, rotated, optimize=True))


class MaxPool2D(Pooling):
    def pool(self, xp):
        (SH, SW), (OH, OW) = self.stride, self.size
        windows = sliding_window_view(xp, self.kernel, axis=(2, 3))[:, :, ::SH, ::SW]
        flat = windows[:, :, :OH, :OW].reshape(*self.y_shape, -1)
        self.first = flat.argmax(axis=-1)
        self.padded_shape = xp.shape
        return np.take_along_axis(flat, self.first[..., None], axis=-1)[..., 0]

    def unpool(self, dout):
        """Count with bincount, which knows only float64."""
        N, C, H, W = self.padded_shape
        i, j = np.unravel_index(self.first, self.kernel)
        n, c, oh, ow = np.ogrid[tuple(slice(length) for length in dout.shape)]
        where = ((n * C + c) * H + oh * self.stride[0] + i) * W + ow * self.stride[1] + j
        dxp = np.bincount(where.ravel(), dout.ravel(), N * C * H * W)
        return dxp.reshape(N, C, H, W).astype(dout.dtype)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        limit = (6 / (in_features + out_features)) ** 0.5
        self.params["weight"] = np.random.uniform(-limit, limit, (out_features, in_features))
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def forward(self, x):
        if x.shape[1:] != self.params["weight"].shape[1:]:
            raise ValueError(f"Dense cannot take an input of shape {x.shape}")
        self.x, self.y_shape = x, (len(x), len(self.params["weight"]))
        y = np.einsum("nd,kd->nk", x, self.params["weight"])
        return np.add(y, self.params["bias"]) if "bias" in self.params else y

    def backward(self, dout):
        self.check_dout(dout)
        self.grads["weight"] = np.einsum("nk,nd->kd", dout, self.x)
        if "bias" in self.params:
            self.grads["bias"] = np.einsum("nk->k", dout)
        return np.einsum("nk,kd->nd", dout, self.params["weight"])


class SoftmaxCrossEntropy(Loss):
    """The loss as an array of shape (), picked from the rows by index."""

    def forward(self, logits, target):
        if logits.ndim != 2 or len(target) != len(logits):
            raise ValueError(
                f"SoftmaxCrossEntropy got logits {logits.shape} and targets {target.shape}"
            )
        N, K = logits.shape
        largest = logits.max(axis=1, keepdims=True)
        log_sum = largest + np.log(np.einsum("nk->n", np.exp(logits - largest)))[:, None]
        self.gradient = np.exp(logits - log_sum)
        if target.ndim == 1:
            if not np.isin(target, range(K)).all():
                raise ValueError(f"SoftmaxCrossEntropy knows {K} classes, not {target.tolist()}")
            rows = log_sum[:, 0] - logits[np.arange(N), target]
            self.gradient[np.arange(N), target] -= 1
        elif target.shape != logits.shape:
            raise ValueError(f"SoftmaxCrossEntropy: {target.shape} is no target for {N} x {K}")
        else:
            rows = np.einsum("nk,nk->n", target, log_sum - logits)
            self.gradient -= target
        self.factor = 1 / N if self.reduction == "mean" else 1
        return np.array(rows.mean() if self.reduction == "mean" else rows.sum())
