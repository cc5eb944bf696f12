"""Dense layers and Flatten: products written as sums, einsum and outer products."""

import numpy as np

from tests.rewritten.scaffold import Dense, Flatten, dense, flatten


def right(x, w, b):
    def back(d):
        dw = sum(np.outer(d[n], x[n]) for n in range(len(x)))
        return np.einsum("nk,kd->nd", d, w), dw, np.einsum("nk->k", d)

    return np.einsum("nd,kd->nk", x, w) + b, back


@dense
def gradients_averaged(x, w, b):
    y, back = right(x, w, b)

    def averaged(d):
        dx, dw, db = back(d)
        return dx, dw / len(x), db / len(x)

    return y, averaged


@dense
def everything_averaged(x, w, b):
    return right(x, w, b)[0], lambda d: right(x, w, b)[1](d / x.shape[0])


@dense
def averaged_over_outputs(x, w, b):
    """Takes the mean of the outer products along the wrong axis: divides dW by out_features."""
    y, back = right(x, w, b)

    def averaged(d):
        dx, dw, db = back(d)
        return dx, dw / len(w), db

    return y, averaged


@dense
def bias_gradient_of_the_last_sample(x, w, b):
    """Assigns in the loop over samples where it should add."""
    y, back = right(x, w, b)

    def last(d):
        dx, dw, _ = back(d)
        for row in d:
            db = row
        return dx, dw, db

    return y, last


@dense
def bias_is_one_number(x, w, b):
    """Adds the mean of the bias to every output."""
    return x @ w.T + b.mean(), right(x, w, b)[1]


@dense
def weight_gradient_without_transpose(x, w, b):
    """Makes x^T d, and reshapes it to the weight's shape."""
    y, back = right(x, w, b)

    def reshaped(d):
        dx, _, db = back(d)
        return dx, (x.T @ d).reshape(w.shape), db

    return y, reshaped


@dense
def input_gradient_through_reshaped_weight(x, w, b):
    y, back = right(x, w, b)

    def reshaped(d):
        _, dw, db = back(d)
        return d @ w.reshape(w.shape[::-1]).T, dw, db

    return y, reshaped


@dense
def sigmoid_left_inside(x, w, b):
    """Multiplies dout by the derivative of a sigmoid that is not in forward."""
    y, back = right(x, w, b)

    def chained(d):
        s = 1 / (1 + np.exp(-y))
        return back(d * s * (1 - s))

    return y, chained


class AccumulatesGradients(Dense):
    def compute(self, x, w, b):
        y, back = right(x, w, b)

        def added(d):
            dx, dw, db = back(d)
            old = [self.grads.get(name, 0) for name in ("weight", "bias")]
            return dx, old[0] + dw, old[1] + db

        return y, added


class UpdatesInBackward(Dense):
    """Takes a step before it multiplies by the weight."""

    def formula(self, x):
        w = self.params["weight"]
        y, _ = self.compute(x)

        def back(d):
            dw = d.T @ x
            w[...] = w - 0.1 * dw
            return d @ w, dw, d.sum(axis=0)

        return y, back

    def compute(self, x):
        b = self.params.get("bias", 0)
        return x @ self.params["weight"].T + b, None


@flatten
def columns_first(x):
    return x.reshape(len(x), -1, order="F"), lambda d: d.reshape(x.shape, order="F")


@flatten
def columns_first_on_the_way_back(x):
    return x.reshape(len(x), -1), lambda d: d.reshape(x.shape, order="F")


@flatten
def channels_last(x):
    """Moves the channels behind rows and columns before flattening, and forth again after."""
    moved = np.moveaxis(x, 1, -1)

    def back(d):
        return np.moveaxis(d.reshape(moved.shape), -1, 1)

    return moved.reshape(len(x), -1), back


class ShapeOfTheFirstBatch(Flatten):
    """Remembers the first shape that it sees, but for the number of samples."""

    per_sample = None

    def compute(self, x):
        if self.per_sample is None or np.prod(self.per_sample) != x[0].size:
            self.per_sample = x.shape[1:]
        tail = self.per_sample
        return x.reshape(len(x), -1), lambda d: d.reshape(len(x), *tail)


class ShapeNeverForgotten(Flatten):
    """Remembers the first shape that it sees, with the number of samples."""

    shape_of_x = None

    def compute(self, x):
        self.shape_of_x = self.shape_of_x or x.shape
        return x.reshape(len(x), -1), lambda d: d.reshape(self.shape_of_x)
