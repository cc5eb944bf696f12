"""Right units in the styles of the wrong ones: what stands round a formula adds no mistake."""

import numpy as np

from . import scaffold, scaffold_full
from .wrong import (
    averages,
    batchnorm2d,
    conv2d_matrices,
    dense,
    full_losses,
    gated,
    losses,
    maxpool2d_loops,
    optimizers,
    rnn,
    sequences,
    training,
)


class SGD(scaffold.SGD):
    def update(self, name, p, g):
        g = g + self.weight_decay * p
        v = self.of(name, p)
        v[...] = self.momentum * v + g
        rate = self.lr / (1 + self.decay * (self.t - 1))
        p -= rate * (g + self.momentum * v if self.nesterov else v)


class AdaGrad(scaffold.AdaGrad):
    def update(self, name, p, g):
        g = g + self.weight_decay * p
        s = self.of(name, p, self.initial_accumulator_value)
        s += g * g
        p -= self.lr / (1 + (self.t - 1) * self.lr_decay) * g / (np.sqrt(s) + self.eps)


class RMSprop(scaffold.RMSprop):
    def update(self, name, p, g):
        optimizers.move(self, name, p, g, self.alpha, 1 - self.alpha)


class Dropout(scaffold.Dropout):
    def compute(self, x, p):
        if not self.training:
            return x, lambda d: d
        kept = self.rng.random(x.shape) >= p
        return x * kept / (1 - p), lambda d: d * kept / (1 - p)


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    rng = np.random.default_rng(rng)
    plan = lambda: training.batches(len(x), batch_size, shuffle, rng)  # noqa: E731
    return training.loop(model, loss, optimizer, x, y, epochs, plan)


def evaluate(model, loss, x, y, *, batch_size=256):
    with training.Mode(model, False):
        return training.measured(model, loss, x, y, batch_size)


def predict(model, x, *, batch_size=256):
    with training.Mode(model, False):
        return np.concatenate([model.forward(x[b]) for b in training.batches(len(x), batch_size)])


def _softmax(x):
    y = np.exp(x - x.max(axis=-1, keepdims=True))
    y = y / y.sum(axis=-1, keepdims=True)
    return y, lambda d: y * (d - (d * y).sum(axis=-1, keepdims=True))


def _global_max(x):
    flat = x.reshape(*x.shape[:2], -1)
    at = flat.argmax(axis=2)

    def back(d):
        dx = np.zeros(flat.shape)
        np.put_along_axis(dx, at[:, :, None], d[:, :, None], axis=2)
        return dx.reshape(x.shape)

    return flat.max(axis=2), back


def _mean(x):
    n = x.shape[2] * x.shape[3]
    return x.mean(axis=(2, 3)), lambda d: np.ones(x.shape) * d[:, :, None, None] / n


def _mse(a, b, reduction):
    e, n = a - b, a.size if reduction == "mean" else 1
    return (e * e).sum() / n, lambda: 2 * e / n


def _leaky(x, slope):
    return np.where(x > 0, x, slope * x), lambda d: np.where(x > 0, d, slope * d)


def _elu(x, alpha):
    e = alpha * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, x, e), lambda d: d * np.where(x > 0, 1, e + alpha)


def _sigmoid(x):
    y = 0.5 * (1 + np.tanh(x / 2))
    return y, lambda d: d * y * (1 - y)


def _tanh(x):
    y = np.tanh(x)
    return y, lambda d: d * (1 - y * y)


UNITS = {
    "Conv2D": scaffold.conv2d(conv2d_matrices.right),
    "MaxPool2D": scaffold.maxpool(maxpool2d_loops.right),
    "AvgPool2D": scaffold.avgpool(averages.right),
    "GlobalAvgPool2D": scaffold.global_average(_mean),
    "GlobalMaxPool2D": scaffold.global_max(_global_max),
    "Flatten": scaffold.flatten(lambda x: (x.reshape(len(x), -1), lambda d: d.reshape(x.shape))),
    "Dense": scaffold.dense(dense.right),
    "ReLU": scaffold.relu(lambda x: (np.maximum(x, 0), lambda d: d * (x > 0))),
    "LeakyReLU": scaffold.leaky(_leaky),
    "ELU": scaffold.elu(_elu),
    "Sigmoid": scaffold.sigmoid(_sigmoid),
    "Tanh": scaffold.tanh(_tanh),
    "Softmax": scaffold.softmax(_softmax),
    "SoftmaxCrossEntropy": scaffold.cross_entropy(losses.right),
    "MSE": scaffold.mse(_mse),
    "BatchNorm2D": batchnorm2d.InRows,
    "Dropout": Dropout,
    "RNN": rnn.Steps,
    "SGD": SGD,
    "AdaGrad": AdaGrad,
    "RMSprop": RMSprop,
    "Adam": optimizers.Moments,
    "fit": fit,
    "evaluate": evaluate,
    "predict": predict,
}
"""One for each name, in the style in which mistakes are made."""

CORE = {"Conv2D"}
"""Those that have none of what the extended profile adds."""


def _rows(x, rows):
    def back(d):
        grad = np.zeros(rows.shape)
        np.add.at(grad, x, d)
        return grad

    return rows[x], back


def _row_norm(x, w, b, eps):
    s = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    z = (x - x.mean(axis=1, keepdims=True)) / s

    def back(d):
        g = d * w
        dx = g - g.mean(axis=1, keepdims=True) - z * (g * z).mean(axis=1, keepdims=True)
        return dx / s, (d * z).sum(axis=0), d.sum(axis=0)

    return z * w + b, back


def _attended(q, k, v, allowed):
    return sequences.weighted(q, k, v, allowed, q.shape[-1] ** -0.5)


def _log_softmax(x):
    z = x - x.max(axis=-1, keepdims=True)
    y = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return y, lambda d: d - np.exp(y) * d.sum(axis=-1, keepdims=True)


def _spread(x, kh, kw):
    N, C, H, W = x.shape
    y = np.repeat(np.repeat(x, kh, axis=2), kw, axis=3)
    return y, lambda d: d.reshape(N, C, H, kh, W, kw).sum(axis=(3, 5))


def _sizes(a, b, reduction):
    n = full_losses.count(a, reduction)
    return abs(a - b).sum() / n, lambda: np.sign(a - b) / n


def _yes_or_no(a, b, reduction):
    n = full_losses.count(a, reduction)
    loss = np.maximum(a, 0) - a * b + np.log1p(np.exp(-abs(a)))
    return loss.sum() / n, lambda: (0.5 * (1 + np.tanh(a / 2)) - b) / n


def _picked(a, labels, reduction):
    n, hot = len(a) if reduction == "mean" else 1, np.eye(a.shape[1])[labels]
    return -(a * hot).sum() / n, lambda: -hot / n


def _margins(a, labels, reduction):
    n, rows = len(a) if reduction == "mean" else 1, np.arange(len(a))
    gap = np.maximum(a - a[rows, labels][:, None] + 1, 0)
    gap[rows, labels] = 0

    def back():
        d = (gap > 0) * 1.0
        d[rows, labels] = -d.sum(axis=1)
        return d / n

    return gap.sum() / n, back


UNITS |= {
    "LSTM": gated.Cells,
    "GRU": gated.Resets,
    "Embedding": scaffold_full.embedding(_rows),
    "LayerNorm": scaffold_full.layernorm(_row_norm),
    "Conv1D": scaffold_full.conv1d(
        lambda x, w, b, s, p, r: sequences.convolved(x, w, b, s, p, p, r)
    ),
    "ScaledDotProductAttention": scaffold_full.attention(_attended),
    "LogSoftmax": scaffold_full.logsoftmax(_log_softmax),
    "Upsample": scaffold_full.upsample(_spread),
    "L1": scaffold_full.l1(_sizes),
    "BCEWithLogits": scaffold_full.logits(_yes_or_no),
    "NLL": scaffold_full.nll(_picked),
    "Hinge": scaffold_full.hinge(_margins),
}
