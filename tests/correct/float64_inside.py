"""float64 inside whatever comes; results are cast back, and losses are rounded once at the end."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Dense, Flatten, MaxPool2D, ReLU
from views_and_buffers import Conv2D as WindowedConv2D

PlainDense, PlainFlatten, PlainPool, PlainReLU = Dense, Flatten, MaxPool2D, ReLU


def in_float64(layer):
    """Return a subclass that keeps float64 parameters, whatever they are set to."""

    class Layer(layer):
        def forward(self, x):
            self.params = {name: np.asarray(p, np.float64) for name, p in self.params.items()}
            return super().forward(x.astype(np.float64)).astype(x.dtype)

        def backward(self, dout):
            dx = super().backward(dout.astype(np.float64))
            self.grads = {name: g.astype(dout.dtype) for name, g in self.grads.items()}
            return dx.astype(dout.dtype)

    Layer.__name__ = layer.__name__
    return Layer


Conv2D = in_float64(WindowedConv2D)
Dense = in_float64(PlainDense)
Flatten = in_float64(PlainFlatten)
MaxPool2D = in_float64(PlainPool)
ReLU = in_float64(PlainReLU)


class SoftmaxCrossEntropy:
    """By np.logaddexp; the loss as np.float32 for float32."""

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, logits, target):
        self._check(logits, target)
        z = logits.astype(np.float64)
        log_p = z - np.logaddexp.reduce(z, axis=1)[:, np.newaxis]
        if target.ndim == 1:
            hot = np.zeros(logits.shape, int)
            np.put_along_axis(hot, target[:, None], 1, axis=1)
            target = hot
        self._seen = log_p, target, logits.dtype
        losses = -np.where(target == 0, 0, target * log_p).sum(axis=1)
        return logits.dtype.type(losses.mean() if self.reduction == "mean" else losses.sum())

    def _check(self, logits, target):
        me = "SoftmaxCrossEntropy"
        if logits.ndim != 2:
            raise ValueError(f"{me} takes a matrix, not an array of shape {logits.shape}")
        if len(target) != len(logits):
            raise ValueError(f"{me} takes {len(logits)} targets here, not {len(target)}")
        if target.ndim == 1:
            outside = target[(target < 0) | (target >= logits.shape[1])]
            if outside.size:
                raise ValueError(f"{me} cannot find class {outside[0]} of {logits.shape[1]}")
        elif target.shape != logits.shape:
            raise ValueError(f"{me} takes targets like the logits, not {target.shape}")

    def backward(self):
        if not hasattr(self, "_seen"):
            raise RuntimeError("SoftmaxCrossEntropy has seen no logits")
        log_p, target, dtype = self._seen
        gradient = np.exp(log_p) - target
        return (gradient / len(target) if self.reduction == "mean" else gradient).astype(dtype)
