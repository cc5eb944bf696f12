"""Winograd's algorithm for 3x3 kernels, and sums in the order that is worst for rounding."""

import numpy as np
from im2col_fancy import *  # noqa: F403  # whatever does not stand below
from im2col_fancy import Conv2D, Dense
from plain import Loss

GemmConv2D, PlainDense = Conv2D, Dense
FOR_FILTERS = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
FOR_TILES = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
BACK = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])


def both_sides(matrix, x):
    """Return M x Mᵀ for the last two axes of x, in its dtype."""
    matrix = matrix.astype(x.dtype)
    return matrix @ x @ matrix.T


class Conv2D(GemmConv2D):
    """Tiles of 2x2 outputs, each from 4x4 inputs; other kernels and strides by im2col."""

    def convolve(self, x):
        y = super().convolve(x)  # keeps the columns, for backward
        if self.kernel != (3, 3) or self.stride != (1, 1):
            return y
        OH, OW = self.size
        even = np.pad(self.padded(x), ((0, 0), (0, 0), (0, OH % 2), (0, OW % 2)))
        tiles = np.lib.stride_tricks.sliding_window_view(even, (4, 4), axis=(2, 3))[:, :, ::2, ::2]
        weight = both_sides(FOR_FILTERS, self.params["weight"])  # (K, C, 4, 4)
        products = np.einsum("nctuab,kcab->nktuab", both_sides(FOR_TILES, tiles), weight)
        y = both_sides(BACK, products).swapaxes(3, 4)  # (N, K, T, 2, U, 2)
        N, K, T, _, U, _ = y.shape
        y = y.reshape(N, K, 2 * T, 2 * U)[:, :, :OH, :OW]
        return y + self.params["bias"][:, None, None] if "bias" in self.params else y


def one_by_one(products, axis):
    """Return a sum for which each element is added to all that went before."""
    return np.cumsum(products, axis=axis).take(-1, axis)


class Dense(PlainDense):
    def forward(self, x):
        super().forward(x)
        y = one_by_one(x[:, None] * self.params["weight"], axis=2)
        return y + self.params["bias"] if "bias" in self.params else y

    def backward(self, dout):
        self.check_dout(dout)
        self.grads["weight"] = one_by_one(dout[:, :, None] * self.x[:, None], axis=0)
        if "bias" in self.params:
            self.grads["bias"] = one_by_one(dout, axis=0)
        return one_by_one(dout[:, :, None] * self.params["weight"], axis=1)


class MSE(Loss):
    """The square multiplied out, term by term."""

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: {pred.shape} minus {target.shape}")
        self.gradient = pred - target
        self.factor = 2 / pred.size if self.reduction == "mean" else 2
        terms = pred * pred - 2 * pred * target + target * target
        return one_by_one(terms.ravel(), axis=0) / (pred.size if self.reduction == "mean" else 1)
