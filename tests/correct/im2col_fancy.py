"""im2col by fancy indexing, and np.add.at for the way back; pooling takes the same columns."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Pooling


def indices(channels, kernel, stride, size):
    """Return which (c, h, w) stands in each row and column of the matrix of columns."""
    (KH, KW), (SH, SW), (OH, OW) = kernel, stride, size
    c = np.repeat(np.arange(channels), KH * KW)[:, None]
    h = np.tile(np.repeat(np.arange(KH), KW), channels)[:, None]
    w = np.tile(np.arange(KW), KH * channels)[:, None]
    top = SH * np.repeat(np.arange(OH), OW)
    left = SW * np.tile(np.arange(OW), OH)
    return c, h + top, w + left  # (C*KH*KW, 1), (C*KH*KW, OH*OW), (C*KH*KW, OH*OW)


class Conv2D(Convolution):
    def convolve(self, x):
        self.xp = self.padded(x)
        self.at = indices(self.channels, self.kernel, self.stride, self.size)
        self.columns = self.xp[:, *self.at]  # (N, C*KH*KW, OH*OW)
        y = self.params["weight"].reshape(self.filters, -1) @ self.columns
        if "bias" in self.params:
            y += self.params["bias"][:, None]
        return y.reshape(self.y_shape)

    def gradients(self, dout):
        rows = dout.reshape(len(dout), self.filters, -1)  # (N, K, OH*OW)
        weight = self.params["weight"]
        dw = np.tensordot(rows, self.columns, axes=([0, 2], [0, 2]))
        self.grads["weight"] = dw.reshape(weight.shape)
        self.set_bias_gradient(dout)
        dxp = np.zeros(self.xp.shape, dout.dtype)
        np.add.at(dxp, (slice(None), *self.at), weight.reshape(self.filters, -1).T @ rows)
        return self.cropped(dxp)


class MaxPool2D(Pooling):
    def pool(self, xp):
        N, C = xp.shape[:2]
        _, h, w = indices(1, self.kernel, self.stride, self.size)
        columns = xp[:, :, h, w]  # (N, C, KH*KW, OH*OW)
        best = columns.argmax(axis=2)
        n, c, o = np.ogrid[:N, :C, : h.shape[1]]
        self.winners, self.padded_shape = (n, c, h[best, o], w[best, o]), xp.shape
        return xp[self.winners].reshape(self.y_shape)

    def unpool(self, dout):
        dxp = np.zeros(self.padded_shape, dout.dtype)
        np.add.at(dxp, self.winners, dout.reshape(*dout.shape[:2], -1))
        return dxp
