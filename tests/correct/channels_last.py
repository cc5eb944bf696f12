"""NHWC inside: images and filters are turned on the way in and out, and left as views."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Pooling


def to_last(x):
    return x.transpose(0, 2, 3, 1)


def to_first(x):
    return x.transpose(0, 3, 1, 2)


class Conv2D(Convolution):
    def place(self, i, j):
        """Return where element (i, j) of all windows is."""
        (SH, SW), (OH, OW) = self.stride, self.size
        return np.s_[:, i : i + SH * (OH - 1) + 1 : SH, j : j + SW * (OW - 1) + 1 : SW]

    def convolve(self, x):
        filters = self.params["weight"].transpose(2, 3, 1, 0)  # (KH, KW, C, K)
        self.xp = to_last(self.padded(x))
        y = sum(self.xp[self.place(i, j)] @ filters[i, j] for i, j in np.ndindex(*self.kernel))
        return to_first(y + self.params["bias"] if "bias" in self.params else y)

    def gradients(self, dout):
        given = to_last(dout)  # (N, OH, OW, K)
        filters = self.params["weight"].transpose(2, 3, 1, 0)
        dfilters, dxp = np.empty(filters.shape, given.dtype), np.zeros(self.xp.shape, given.dtype)
        for i, j in np.ndindex(*self.kernel):
            at = self.place(i, j)
            dfilters[i, j] = np.tensordot(self.xp[at], given, axes=([0, 1, 2], [0, 1, 2]))
            dxp[at] += given @ filters[i, j].T
        self.grads["weight"] = dfilters.transpose(3, 2, 0, 1)
        if "bias" in self.params:
            self.grads["bias"] = given.reshape(-1, self.filters).sum(axis=0)
        return self.cropped(to_first(dxp))


class MaxPool2D(Pooling):
    def pool(self, xp):
        image = to_last(xp)
        N, _, _, C = image.shape
        (KH, KW), (SH, SW), (OH, OW) = self.kernel, self.stride, self.size
        y = np.empty((N, OH, OW, C), xp.dtype)
        self.masks = {}
        for i, j in np.ndindex(OH, OW):
            window = image[:, i * SH : i * SH + KH, j * SW : j * SW + KW].reshape(N, KH * KW, C)
            first = window.argmax(axis=1)
            self.masks[i, j] = np.arange(KH * KW)[:, None] == first[:, None]
            y[:, i, j] = window.max(axis=1)
        self.image_shape = image.shape
        return to_first(y)

    def unpool(self, dout):
        given, dimage = to_last(dout), np.zeros(self.image_shape, dout.dtype)
        (KH, KW), (SH, SW), C = self.kernel, self.stride, self.image_shape[3]
        for (i, j), mask in self.masks.items():
            shares = (mask * given[:, i, j][:, None]).reshape(-1, KH, KW, C)
            dimage[:, i * SH : i * SH + KH, j * SW : j * SW + KW] += shares
        return to_first(dimage)
