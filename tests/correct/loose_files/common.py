"""What the layers have in common."""

import numpy as np


def spread(value):
    return tuple(value) if hasattr(value, "__len__") else (value, value)


class HasShape:
    def __init__(self):
        self.params = {}
        self.grads = {}
        self.training = True

    def remember(self, y):
        self.y_shape = y.shape
        return y

    def compare(self, dout):
        who = type(self).__name__
        if not hasattr(self, "y_shape"):
            raise RuntimeError(f"{who}: backward before forward")
        if self.y_shape != dout.shape:
            raise ValueError(f"{who}: dout {'x'.join(map(str, dout.shape))} has a wrong shape")

    def gather(self, x, fill):
        """Return where the elements of each window are in the flat padded image, and that."""
        who = type(self).__name__
        padded = [n + 2 * p for n, p in zip(x.shape[2:], self.p, strict=True)]
        self.size = [(n - k) // s + 1 for n, k, s in zip(padded, self.k, self.s, strict=True)]
        if min(self.size) < 1:
            raise ValueError(f"{who}: an image of {x.shape[2]} by {x.shape[3]} is too small")
        xp = np.full((*x.shape[:2], *padded), fill, x.dtype)
        p, q = self.p
        xp[:, :, p : p + x.shape[2], q : q + x.shape[3]] = x
        flat = np.arange(xp[0].size).reshape(xp.shape[1:])
        views = np.lib.stride_tricks.sliding_window_view(flat, (len(flat), *self.k))[0]
        places = views[:: self.s[0], :: self.s[1]][: self.size[0], : self.size[1]]
        self.places = places.reshape(self.size[0] * self.size[1], -1)
        self.xp_shape, self.x_shape = xp.shape, x.shape
        return self.places, xp

    def scatter(self, shares):
        """Add up what belongs to each element of the image, and cut the border off."""
        dxp = np.stack(
            [
                np.bincount(self.places.ravel(), sample.ravel(), np.prod(self.xp_shape[1:]))
                for sample in shares
            ]
        )
        p, q = self.p
        dxp = dxp.reshape(self.xp_shape).astype(shares.dtype)
        return dxp[:, :, p : p + self.x_shape[2], q : q + self.x_shape[3]]
