"""Units with two mistakes, each of which has nothing to do with the other."""

import numpy as np

from tests.rewritten.scaffold import Dropout, conv2d, cross_entropy, dense, function, mse

from . import dense as products
from .batchnorm2d import InRows
from .conv2d_matrices import gradients, product
from .conv2d_matrices import right as convolution
from .losses import count, log_shares
from .optimizers import Moments
from .rnn import Steps
from .training import Epoch, Mode, batches, check, learn


@conv2d
def no_bias_and_kernel_as_stored(x, w, b, s, p):
    """Forgets the bias, and does not rotate the kernel where dx is a full correlation."""
    y, _ = convolution(x, w, 0 * b, s, p)
    back = convolution(x, w, b, s, p)[1]

    def unrotated(d):
        _, dw, db = back(d)
        dx, _, _ = convolution(x, w[:, :, ::-1, ::-1], b, s, p)[1](d)
        return dx, dw, db

    return y, unrotated


@conv2d
def strides_swapped_and_means(x, w, b, s, p):
    """Swaps the numbers of a pair of strides, and divides dW and db by the batch."""
    y, columns = product(x, w, b, s[::-1], p)

    def back(d):
        dx, dw, db = gradients(x, w, s[::-1], p, columns, d)
        return dx, dw / len(x), db / len(x)

    return y, back


@dense
def bias_twice_and_input_gradient_averaged(x, w, b):
    y, back = products.right(x, w, 2 * b)

    def averaged(d):
        dx, dw, db = back(d)
        return dx / len(x), dw, db

    return y, averaged


@cross_entropy
def clipped_and_wrong_sign(z, t, reduction):
    """Clips the probabilities at 1e-7, and returns t - p."""
    p, n = np.exp(log_shares(z)), count(z, reduction)
    return -(t * np.log(np.clip(p, 1e-7, 1))).sum() / n, lambda: (t - p) / n


@mse
def halved_and_summed(a, b, reduction):
    """Halves the squares and never averages them."""
    e = a - b
    return 0.5 * (e * e).sum(), lambda: e


class SwappedAndBackwards(InRows):
    """Swaps the gradients of gamma and beta, and has the momentum the wrong way round."""

    def sums(self, d, h):
        return d.sum(axis=0), (d * h).sum(axis=0)

    def move(self, name, value):
        self.buffers[name] = self.momentum * self.buffers[name] + (1 - self.momentum) * value


class OnAndUnscaled(Dropout):
    """Drops in evaluation too, and does not scale the gradient."""

    def compute(self, x, p):
        kept = self.rng.random(x.shape) >= p
        return x * kept / (1 - p), lambda d: d * kept


class UncorrectedUnderTheRoot(Moments):
    """Leaves out the bias correction, and adds eps under the root."""

    def corrections(self):
        return 1, 1

    def moved(self, m, s):
        return self.lr * m / np.sqrt(s + self.eps)


class TruncatedWithOneBias(Steps):
    """Stops the gradient at each step, and leaves out the second bias."""

    def blend(self, now, h, U, V, a, b):
        return now @ U.T + a + h @ V.T

    def handed_on(self, z, V):
        return 0.0


@function("fit")
def short_batch_lost_and_mode_kept(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Drops the last, shorter batch, and leaves the model in training mode."""
    check("fit", x, y)
    rng, history = np.random.default_rng(rng), {}
    model.training = True
    for _ in range(epochs):
        epoch = Epoch()
        for pick in batches(len(x), batch_size, shuffle, rng):
            if len(pick) == batch_size or len(x) < batch_size:
                value, out = learn(model, loss, optimizer, x[pick], y[pick])
                epoch.add(loss, value, out, y[pick])
        epoch.report(history)
    return history


@function("evaluate")
def training_mode_and_mean_of_batches(model, loss, x, y, *, batch_size=256):
    """Evaluates in training mode, and averages the batches whatever their sizes."""
    check("evaluate", x, y)
    epoch, values, report = Epoch(), [], {}
    with Mode(model, True):
        for pick in batches(len(x), batch_size):
            out = model.forward(x[pick])
            value = loss.forward(out, y[pick])
            epoch.add(loss, value, out, y[pick])
            values.append(value if loss.reduction == "mean" else value / len(pick))
    epoch.report(report)
    return {name: found[0] for name, found in report.items()} | {"loss": sum(values) / len(values)}
