"""Convolutions as classes that keep too much, or change what is not theirs."""

import numpy as np

from tests.rewritten.scaffold import Conv2D

from .conv2d_matrices import gradients, product, right


class GradientsPileUp(Conv2D):
    def compute(self, x, w, b, s, p):
        return right(x, w, b, s, p)

    def backward(self, dout):
        before = dict(self.grads)
        dx = super().backward(dout)
        for name, value in before.items():
            self.grads[name] = self.grads[name] + value
        return dx


class LearnsInBackward(Conv2D):
    learning_rate = 0.01

    def compute(self, x, w, b, s, p):
        return right(x, w, b, s, p)

    def backward(self, dout):
        dx = super().backward(dout)
        for name in self.params:
            self.params[name] -= self.learning_rate * self.grads[name]
        return dx


class LearnsBeforeInputGradient(Conv2D):
    """Changes the weight in backward, and takes the new one for dx."""

    def formula(self, x):
        y, columns = product(x, self.w, self.b, self.s, self.p)

        def back(d):
            _, dw, db = gradients(x, self.w, self.s, self.p, columns, d)
            self.w[...] -= 0.01 * dw
            dx, _, _ = gradients(x, self.w, self.s, self.p, columns, d)
            return dx, dw, db

        return y, back


class KernelMatrixMadeOnce(Conv2D):
    """Flattens the weight in the constructor; what is set later is not used in forward."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.flat = self.w.copy()

    def formula(self, x):
        y, _ = right(x, self.flat.astype(x.dtype), self.b, self.s, self.p)
        return y, right(x, self.w.copy(), self.b, self.s, self.p)[1]


class OneBufferForOutputs(Conv2D):
    """Writes every output of the same shape into the same array, and returns that."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.buffers = {}

    def forward(self, x):
        y = super().forward(x)
        buffer = self.buffers.setdefault((y.shape, y.dtype), y)
        buffer[...] = y
        return buffer

    def compute(self, x, w, b, s, p):
        return right(x, w, b, s, p)


class ColumnsOnTheClass(Conv2D):
    """Keeps what backward needs in an attribute of the class."""

    cache = {}  # noqa: RUF012

    def formula(self, x):
        y, columns = product(x, self.w, self.b, self.s, self.p)
        self.cache["x"], self.cache["columns"] = x, columns

        def back(d):
            kept = self.cache["x"], self.w, self.s, self.p, self.cache["columns"]
            return gradients(*kept, d)

        return y, back


class ColumnsOfTheFirstCall(Conv2D):
    """Makes the columns only if there are none yet, and so keeps those of the first batch."""

    columns = None

    def formula(self, x):
        y, columns = product(x, self.w, self.b, self.s, self.p)
        if self.columns is None:
            self.columns = columns
        kept = self.columns

        def back(d):
            dx, dw, db = gradients(x, self.w, self.s, self.p, columns, d)
            if kept.shape == columns.shape:
                g = d.reshape(*d.shape[:2], -1)
                dw = np.einsum("nkl,nml->km", g, kept).reshape(self.w.shape)
            return dx, dw, db

        return y, back


class ScalesTheIncomingGradient(Conv2D):
    """Multiplies dout in place while it makes the bias gradient a sum of shares."""

    def backward(self, dout):
        self.given(dout)
        n = len(dout)
        try:
            dout /= n
        except ValueError:
            dout = dout / n
        return super().backward(dout * n)

    def compute(self, x, w, b, s, p):
        return right(x, w, b, s, p)


class BiasOfEveryPosition(Conv2D):
    """Does not sum the bias gradient over the pixels."""

    def compute(self, x, w, b, s, p):
        y, back = right(x, w, b, s, p)

        def unsummed(d):
            dx, dw, _ = back(d)
            return dx, dw, d.sum(axis=0)

        return y, unsummed


class SecondForwardFails(Conv2D):
    """Pads the kept image again and checks it against the first shape."""

    kept = None

    def compute(self, x, w, b, s, p):
        if self.kept is not None and self.kept.shape != x.shape:
            self.kept[:] = x
        self.kept = x
        return right(x, w, b, s, p)


class GradientOfTheWeightInItsPlace(Conv2D):
    """Returns the tuple's wrong element: dW where dx is due, whenever their shapes differ too."""

    def compute(self, x, w, b, s, p):
        y, back = right(x, w, b, s, p)

        def swapped(d):
            _, dw, db = back(d)
            return dw, dw, db

        return y, swapped
