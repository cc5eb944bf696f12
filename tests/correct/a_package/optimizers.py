"""Gradient descent."""

import numpy as np

from .layers.base import ShapeError


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for (name, p), g in zip(params.items(), map(grads.get, params), strict=True):
            if p.shape != g.shape:
                sizes = " and ".join("x".join(map(str, a.shape)) for a in (p, g))
                raise ShapeError(f"SGD: cannot subtract: {sizes} ({name})")
            np.add(p, g * -self.lr, out=p)
