"""Everything that comes out is in Fortran order: parameters, outputs and gradients."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Dense, Flatten, MaxPool2D, ReLU

PlainDense, PlainFlatten, PlainPool, PlainReLU = Dense, Flatten, MaxPool2D, ReLU


def in_fortran_order(layer):
    """Return a subclass whose arrays are in Fortran order."""

    class Layer(layer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.params = {name: np.asfortranarray(p) for name, p in self.params.items()}

        def forward(self, x):
            return np.asfortranarray(super().forward(x))

        def backward(self, dout):
            dx = super().backward(dout)
            self.grads = {name: np.asfortranarray(g) for name, g in self.grads.items()}
            return np.asfortranarray(dx)

    Layer.__name__ = layer.__name__
    return Layer


@in_fortran_order
class Conv2D(Convolution):
    """Columns of one window each, made in a loop over the places of the window in the image."""

    def windows(self, xp):
        (KH, KW), (SH, SW), (OH, OW) = self.kernel, self.stride, self.size
        for h, w in np.ndindex(OH, OW):
            yield h, w, xp[:, :, h * SH : h * SH + KH, w * SW : w * SW + KW]

    def convolve(self, x):
        self.xp, y = self.padded(x), np.empty(self.y_shape, x.dtype, order="F")
        for h, w, window in self.windows(self.xp):
            y[:, :, h, w] = np.tensordot(window, self.params["weight"], axes=((1, 2, 3), (1, 2, 3)))
        if "bias" in self.params:
            y += self.params["bias"][None, :, None, None]
        return y

    def gradients(self, dout):
        dw, dxp = np.zeros(self.params["weight"].shape, dout.dtype), np.zeros_like(self.xp)
        dwindows = self.windows(dxp)
        for h, w, window in self.windows(self.xp):
            _, _, dwindow = next(dwindows)
            dw += np.tensordot(dout[:, :, h, w], window, axes=(0, 0))
            dwindow += np.tensordot(dout[:, :, h, w], self.params["weight"], axes=(1, 0))
        self.grads["weight"] = dw
        self.set_bias_gradient(dout)
        return self.cropped(dxp)


Dense = in_fortran_order(PlainDense)
Flatten = in_fortran_order(PlainFlatten)
MaxPool2D = in_fortran_order(PlainPool)
ReLU = in_fortran_order(PlainReLU)
