"""Convolution, and both of its gradients, as products of Fourier transforms."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution


class Conv2D(Convolution):
    """With stride 1 in the spectrum; the stride picks from that, and back again puts zeros between.

    No product wraps around: the transforms are as large as the padded image, and the windows that
    would wrap are those that are not asked for.
    """

    def convolve(self, x):
        xp = self.padded(x)
        self.whole = xp.shape[2:]
        self.x_spectrum = np.fft.rfft2(xp)  # (N, C, ., .)
        w_spectrum = np.fft.rfft2(self.params["weight"], self.whole)  # (K, C, ., .)
        spectrum = np.einsum("ncij,kcij->nkij", self.x_spectrum, w_spectrum.conj())
        y = np.fft.irfft2(spectrum, self.whole)[self.picked()]
        if "bias" in self.params:
            y = y + self.params["bias"][:, None, None]
        return y.astype(x.dtype, copy=False)

    def picked(self):
        """Return where the windows of the stride are in the result for stride 1."""
        (SH, SW), (OH, OW) = self.stride, self.size
        return np.s_[:, :, : SH * OH : SH, : SW * OW : SW]

    def gradients(self, dout):
        spread = np.zeros((*dout.shape[:2], *self.whole), dout.dtype)
        spread[self.picked()] = dout
        spectrum = np.fft.rfft2(spread)  # (N, K, ., .)
        KH, KW = self.kernel
        dw = np.fft.irfft2(
            np.einsum("ncij,nkij->kcij", self.x_spectrum, spectrum.conj()), self.whole
        )
        self.grads["weight"] = dw[:, :, :KH, :KW].astype(dout.dtype, copy=False)
        self.set_bias_gradient(dout)
        w_spectrum = np.fft.rfft2(self.params["weight"], self.whole)
        dxp = np.fft.irfft2(np.einsum("nkij,kcij->ncij", spectrum, w_spectrum), self.whole)
        return self.cropped(dxp).astype(dout.dtype, copy=False)
