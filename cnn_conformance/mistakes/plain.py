"""The reference's units with every step a method of its own, so that a mistake changes one.

They are right, and as slow as they are plain. The kill matrix runs them as controls too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.reference import checks
from cnn_conformance.reference.output_size import output_size

Pair = tuple[int, int]


class PlainConv2D(reference.Conv2D):
    """Convolution, step by step."""

    x: Any = None
    beyond = False

    def forward(self, x: Array) -> Array:
        x = checks.images("Conv2D", x, self.in_channels)
        output_size("Conv2D", x, self.extent, self.stride, self.padding, self.after)
        self.beyond = self.dilation != (1, 1) or self.groups > 1 or self.padding != self.after
        if self.beyond:  # the arguments of the extended profile are not what is planted here
            return super().forward(x)
        self.remember(x)
        y = self.products(self.windows(self.xp))
        if "bias" in self.params:
            y = self.add_bias(y)
        self.y_shape = y.shape
        return y

    def backward(self, dout: Array) -> Array:
        if self.beyond:
            return super().backward(dout)
        checks.saved("Conv2D", self.x)
        dout = checks.upstream("Conv2D", dout, self.y_shape)
        self.grads["weight"] = self.dw(dout)
        if "bias" in self.params:
            self.grads["bias"] = self.db(dout)
        return self.dx(dout)

    def remember(self, x: Array) -> None:
        """Keep what `backward` needs."""
        self.x, self.xp = x, self.pad(x)

    def pad(self, x: Array) -> Array:
        """Return x with zeros around it."""
        PH, PW = self.padding
        return np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)))

    def output_size(self, xp: Array) -> Pair:
        """Return the number of rows and columns of the output."""
        (HP, WP), (KH, KW), (SH, SW) = xp.shape[2:], self.kernel_size, self.stride
        return (HP - KH) // SH + 1, (WP - KW) // SW + 1

    def windows(self, xp: Array) -> Array:
        """Return the window of every output element, (N, C, OH, OW, KH, KW)."""
        OH, OW = self.output_size(xp)
        SH, SW = self.stride
        return sliding_window_view(xp, self.kernel_size, (2, 3))[:, :, ::SH, ::SW][:, :, :OH, :OW]

    def products(self, windows: Array) -> Array:
        """Return the sums of products, (N, K, OH, OW)."""
        return np.einsum("ncijuv,kcuv->nkij", windows, self.params["weight"])

    def add_bias(self, y: Array) -> Array:
        """Return y with the bias."""
        return y + self.params["bias"][:, None, None]

    def dw(self, dout: Array) -> Array:
        """Return the gradient of the weight."""
        return np.einsum("nkij,ncijuv->kcuv", dout, self.windows(self.xp))

    def db(self, dout: Array) -> Array:
        """Return the gradient of the bias."""
        return dout.sum(axis=(0, 2, 3))

    def dx(self, dout: Array) -> Array:
        """Return the gradient of the input."""
        return self.crop(self.scatter(dout))

    def scatter(self, dout: Array) -> Array:
        """Return the gradient of the padded input."""
        dxp = np.zeros_like(self.xp)
        (OH, OW), (SH, SW), weight = dout.shape[2:], self.stride, self.kernel_for_dx()
        for u, v in np.ndindex(weight.shape[2:]):
            rows, columns = slice(u, u + SH * OH, SH), slice(v, v + SW * OW, SW)
            dxp[:, :, rows, columns] += np.einsum("nkij,kc->ncij", dout, weight[:, :, u, v])
        return dxp

    def kernel_for_dx(self) -> Array:
        """Return the weight as `dx` uses it."""
        return self.params["weight"]

    def crop(self, dxp: Array) -> Array:
        """Return what is not padding."""
        (PH, PW), (H, W) = self.padding, self.x.shape[2:]
        return dxp[:, :, PH : PH + H, PW : PW + W]


class PlainDense(reference.Dense):
    """A dense layer, step by step."""

    def forward(self, x: Array) -> Array:
        super().forward(x)  # refuses what has to be refused
        self.x: Array = x
        y = self.products(x)
        return self.add_bias(y) if "bias" in self.params else y

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        self.grads["weight"] = self.dw(dout)
        if "bias" in self.params:
            self.grads["bias"] = self.db(dout)
        return self.dx(dout)

    def products(self, x: Array) -> Array:
        """Return x Wᵀ."""
        return x @ self.params["weight"].T

    def add_bias(self, y: Array) -> Array:
        """Return y with the bias."""
        return y + self.params["bias"]

    def dw(self, dout: Array) -> Array:
        """Return the gradient of the weight."""
        return dout.T @ self.x

    def db(self, dout: Array) -> Array:
        """Return the gradient of the bias."""
        return dout.sum(axis=0)

    def dx(self, dout: Array) -> Array:
        """Return the gradient of the input."""
        return dout @ self.params["weight"]
