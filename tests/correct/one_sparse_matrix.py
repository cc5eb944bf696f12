"""Every layer is a sparse matrix that acts on the flat image; backward is its transpose."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Dense, Layer, Pooling
from scipy.sparse import csr_array, diags_array

PlainDense = Dense


def window_places(channels, height, width, kernel, stride, size):
    """Return the flat index in the image of every element of every window.

    An array of shape (OH, OW, C, KH, KW).
    """
    (KH, KW), (SH, SW), (OH, OW) = kernel, stride, size
    oh, ow, c, kh, kw = np.ogrid[:OH, :OW, :channels, :KH, :KW]
    return (c * height + oh * SH + kh) * width + ow * SW + kw


class Conv2D(Convolution):
    """y = A x + b with one matrix A (K OH OW, C H W), whose entries are those of the weight.

    The gradient of an entry of A is dout times x; E, (elements of the weight, entries of A), adds
    up the entries that share an element.
    """

    def convolve(self, x):
        N, C, H, W = self.padded(x).shape
        places = window_places(C, H, W, self.kernel, self.stride, self.size)
        OH, OW = self.size
        shape = (self.filters, OH, OW, *places.shape[2:])
        self.columns = np.broadcast_to(places, shape).ravel()
        self.rows = np.repeat(np.arange(self.filters * OH * OW), places[0, 0].size)
        numbers = np.arange(self.params["weight"].size).reshape(self.filters, 1, 1, *shape[3:])
        self.elements = np.broadcast_to(numbers, shape).ravel()
        entries = self.params["weight"].ravel()[self.elements]
        self.matrix = csr_array(
            (entries, (self.rows, self.columns)), (self.filters * OH * OW, C * H * W)
        )
        self.padded_shape = (N, C, H, W)
        self.flat = self.padded(x).reshape(N, -1)
        y = (self.matrix @ self.flat.T).T.reshape(self.y_shape)
        return y + self.params["bias"].reshape(-1, 1, 1) if "bias" in self.params else y

    def gradients(self, dout):
        rows = dout.reshape(len(dout), -1)
        entries = np.einsum("ne,ne->e", rows[:, self.rows], self.flat[:, self.columns])
        ones = np.ones(len(entries), dout.dtype)
        adds_up = csr_array(
            (ones, (self.elements, np.arange(len(entries)))),
            (self.params["weight"].size, len(entries)),
        )
        self.grads["weight"] = (adds_up @ entries).reshape(self.params["weight"].shape)
        self.set_bias_gradient(dout)
        return self.cropped((self.matrix.T @ rows.T).T.reshape(self.padded_shape))


class MaxPool2D(Pooling):
    """The matrix that picks the winners."""

    def pool(self, xp):
        N, C, H, W = self.padded_shape = xp.shape
        places = window_places(1, H, W, self.kernel, self.stride, self.size)
        places = places.reshape(*self.size, -1) + np.arange(N * C)[:, None, None, None] * (H * W)
        best = xp.ravel()[places].argmax(axis=-1)[..., None]
        winners = np.take_along_axis(places, best, axis=-1).ravel()
        ones = np.ones(len(winners), xp.dtype)
        self.pick = csr_array((ones, (np.arange(len(winners)), winners)), (len(winners), xp.size))
        finite = np.where(np.isfinite(xp), xp, 0)  # 0 times minus infinity would be nan
        return (self.pick @ finite.ravel()).reshape(self.y_shape)

    def unpool(self, dout):
        return (self.pick.T @ dout.ravel()).reshape(self.padded_shape)


class ReLU(Layer):
    """A diagonal of zeros and ones."""

    def forward(self, x):
        self.y_shape = x.shape
        self.gate = diags_array((x > 0).ravel().astype(x.dtype))
        return (self.gate @ x.ravel()).reshape(x.shape)

    def backward(self, dout):
        self.check_dout(dout)
        return (self.gate @ dout.ravel()).reshape(dout.shape)


class Dense(PlainDense):
    """The weight as a sparse matrix that happens to have no zeros."""

    def forward(self, x):
        y = super().forward(x)
        bias = self.params["bias"] if "bias" in self.params else np.zeros(1, y.dtype)
        return (csr_array(self.params["weight"]) @ x.T).T + bias
