"""A class a layer, images with channels last, kernels (rows, columns, in, out)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Convolution:
    def __init__(self, n_filters, kernel_shape, depth, strides=1):
        self.kernel_shape, self.strides = kernel_shape, strides
        self.kernel = np.random.standard_normal((*kernel_shape, depth, n_filters))
        self.offset = np.zeros(n_filters)

    def forward(self, images):
        rows, columns = self.kernel_shape
        self.images = images
        windows = sliding_window_view(images, (rows, columns), axis=(1, 2))
        self.windows = windows[:, :: self.strides, :: self.strides]
        return np.einsum("nijcuv,uvck->nijk", self.windows, self.kernel) + self.offset

    def backward(self, delta):
        rows, columns = self.kernel_shape
        self.kernel_gradient = np.einsum("nijk,nijcuv->uvck", delta, self.windows)
        self.offset_gradient = delta.sum(axis=(0, 1, 2))
        out = np.zeros(self.images.shape)
        for i in range(delta.shape[1]):
            for j in range(delta.shape[2]):
                top, left = i * self.strides, j * self.strides
                out[:, top : top + rows, left : left + columns] += np.einsum(
                    "nk,uvck->nuvc", delta[:, i, j], self.kernel
                )
        return out


class MaxPooling:
    def __init__(self, pool_size=2, strides=2):
        self.size, self.strides = pool_size, strides

    def forward(self, images):
        self.images = images
        windows = sliding_window_view(images, (self.size, self.size), axis=(1, 2))
        windows = windows[:, :: self.strides, :: self.strides]
        self.flat = windows.reshape(*windows.shape[:4], -1)
        return self.flat.max(axis=-1)

    def backward(self, delta):
        out = np.zeros(self.images.shape)
        rows, columns = np.divmod(self.flat.argmax(axis=-1), self.size)
        for n, i, j, c in np.ndindex(*delta.shape):
            top, left = i * self.strides, j * self.strides
            place = n, top + rows[n, i, j, c], left + columns[n, i, j, c], c
            out[place] += delta[n, i, j, c]
        return out
