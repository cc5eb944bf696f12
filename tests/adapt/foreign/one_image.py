"""One image (rows, columns, channels) at a time; backward returns the gradients."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class ConvLayer:
    def __init__(self, input_depth, num_filters, filter_size):
        self.size = filter_size
        shape = num_filters, filter_size, filter_size, input_depth
        self.filters = np.random.standard_normal(shape)
        self.biases = np.zeros(num_filters)

    def feed_forward(self, image):
        self.last_image = image
        self.patches = sliding_window_view(image, (self.size, self.size), axis=(0, 1))
        return np.einsum("ijcuv,kuvc->ijk", self.patches, self.filters) + self.biases

    def back_propagate(self, error):
        d_filters = np.einsum("ijk,ijcuv->kuvc", error, self.patches)
        d_biases = error.sum(axis=(0, 1))
        d_image = np.zeros_like(self.last_image)
        for i, j in np.ndindex(*error.shape[:2]):
            window = d_image[i : i + self.size, j : j + self.size]
            window += np.einsum("k,kuvc->uvc", error[i, j], self.filters)
        return d_image, d_filters, d_biases
