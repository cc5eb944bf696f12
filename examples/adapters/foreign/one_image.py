"""Code that processes one image at a time, like a widely copied tutorial.

A filter has its weights and its bias; a convolution layer pads with zeros, slides every filter over
the image and applies an activator. `backward` takes the gradients of the layer's output and stores
those of the weights in the filters. `examples/adapters/one_image.py` adapts it.
"""

import numpy as np


class IdentityActivator:
    def forward(self, weighted_input):
        return weighted_input

    def backward(self, output):
        return np.ones_like(output)


class ReluActivator:
    def forward(self, weighted_input):
        return np.maximum(weighted_input, 0)

    def backward(self, output):
        return (output > 0).astype(output.dtype)


class Filter:
    def __init__(self, depth, height, width):
        self.weights = np.random.uniform(-0.1, 0.1, (depth, height, width))
        self.bias = 0.0
        self.weights_gradient = np.zeros_like(self.weights)
        self.bias_gradient = 0.0


class ConvLayer:
    def __init__(self, channels, filters, height, width, stride, padding, activator):
        self.filters = [Filter(channels, height, width) for _ in range(filters)]
        self.height, self.width, self.activator = height, width, activator
        self.stride, self.padding = stride, padding

    def forward(self, image):
        """Return the feature maps (K, OH, OW) of an image (C, H, W)."""
        self.padded = np.pad(image, ((0, 0), (self.padding,) * 2, (self.padding,) * 2))
        self.output = self.activator.forward(
            np.stack([self._slide(one.weights) + one.bias for one in self.filters])
        ).astype(image.dtype)
        return self.output

    def backward(self, sensitivities):
        """Return the gradient for the image; the filters get theirs."""
        delta = sensitivities * self.activator.backward(self.output)
        gradient = np.zeros_like(self.padded)
        for one, one_delta in zip(self.filters, delta, strict=True):
            one.weights_gradient = np.zeros(one.weights.shape)
            one.bias_gradient = one_delta.sum()
            for (i, j), value in np.ndenumerate(one_delta):
                one.weights_gradient += value * self.padded[self._window(i, j)]
                gradient[self._window(i, j)] += value * one.weights
        inside = slice(self.padding, -self.padding or None)
        return gradient[:, inside, inside]

    def _slide(self, weights):
        rows = (self.padded.shape[1] - self.height) // self.stride + 1
        columns = (self.padded.shape[2] - self.width) // self.stride + 1
        sums = np.empty((rows, columns))
        for i, j in np.ndindex(rows, columns):
            sums[i, j] = (self.padded[self._window(i, j)] * weights).sum()
        return sums

    def _window(self, i, j):
        top, left = i * self.stride, j * self.stride
        return np.s_[:, top : top + self.height, left : left + self.width]


class MaxPoolingLayer:
    def __init__(self, height, width, stride):
        self.height, self.width, self.stride = height, width, stride

    def forward(self, image):
        """Return the maximum of each window, (C, OH, OW)."""
        self.image = image
        rows = (image.shape[1] - self.height) // self.stride + 1
        columns = (image.shape[2] - self.width) // self.stride + 1
        output = np.empty((len(image), rows, columns), image.dtype)
        for c, i, j in np.ndindex(output.shape):
            output[c, i, j] = self._window(c, i, j).max()
        return output

    def backward(self, sensitivities):
        """Return the gradient for the image: each window's goes to its first maximum."""
        gradient = np.zeros_like(self.image)
        for (c, i, j), value in np.ndenumerate(sensitivities):
            window = self._window(c, i, j)
            row, column = np.unravel_index(window.argmax(), window.shape)
            gradient[c, i * self.stride + row, j * self.stride + column] += value
        return gradient

    def _window(self, c, i, j):
        top, left = i * self.stride, j * self.stride
        return self.image[c, top : top + self.height, left : left + self.width]
