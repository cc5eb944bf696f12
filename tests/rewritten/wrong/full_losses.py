"""Losses, LogSoftmax and Upsample of the full profile, as closures."""

import numpy as np

from tests.rewritten.scaffold_full import hinge, l1, logits, logsoftmax, nll, upsample


def count(a, reduction):
    return a.size if reduction == "mean" else 1


@l1
def sign_the_other_way(a, b, reduction):
    n = count(a, reduction)
    return abs(a - b).sum() / n, lambda: np.sign(b - a) / n


@l1
def mean_of_rows(a, b, reduction):
    n = len(a) if reduction == "mean" else 1
    return abs(a - b).sum() / n, lambda: np.sign(a - b) / n


@logits
def clipped_before_the_log(a, b, reduction):
    p = np.clip(0.5 * (1 + np.tanh(a / 2)), 1e-7, 1 - 1e-7)
    n = count(a, reduction)
    return -(b * np.log(p) + (1 - b) * np.log(1 - p)).sum() / n, lambda: (p - b) / n


@logits
def of_positives_only(a, b, reduction):
    """The term of the targets that are 0 is missing."""
    n = count(a, reduction)
    low = np.maximum(-a, 0) + np.log1p(np.exp(-abs(a)))
    return (b * low).sum() / n, lambda: b * (0.5 * np.tanh(a / 2) - 0.5) / n


@nll
def gradient_of_every_class(a, labels, reduction):
    n = len(a) if reduction == "mean" else 1
    return -a[np.arange(len(a)), labels].sum() / n, lambda: -np.ones(a.shape) / n


@nll
def over_all_elements(a, labels, reduction):
    n = count(a, reduction)
    hot = np.eye(a.shape[1])[labels]
    return -(a * hot).sum() / n, lambda: -hot / n


@hinge
def counts_its_own_class(a, labels, reduction):
    """The margin of the right class to itself is in the loss."""
    n = len(a) if reduction == "mean" else 1
    rows = np.arange(len(a))
    gap = np.maximum(a - a[rows, labels][:, None] + 1, 0)

    def back():
        d = (gap > 0) * 1.0
        d[rows, labels] -= d.sum(axis=1)
        return d / n

    return gap.sum() / n, back


@hinge
def right_class_pulled_once(a, labels, reduction):
    """The score of the right class gets -1, however many classes violate the margin."""
    n = len(a) if reduction == "mean" else 1
    rows = np.arange(len(a))
    gap = np.maximum(a - a[rows, labels][:, None] + 1, 0)
    gap[rows, labels] = 0

    def back():
        d = (gap > 0) * 1.0
        d[rows, labels] = -np.minimum(d.sum(axis=1), 1)
        return d / n

    return gap.sum() / n, back


@logsoftmax
def jacobian_of_the_softmax(x):
    z = x - x.max(axis=-1, keepdims=True)
    y = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    p = np.exp(y)
    return y, lambda d: p * (d - (d * p).sum(axis=-1, keepdims=True))


@logsoftmax
def log_of_the_quotient(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        y = np.log(p)
    return y, lambda d: d - p * d.sum(axis=-1, keepdims=True)


@upsample
def tiled(x, kh, kw):
    """The image is put side by side instead of its pixels being spread."""
    N, C, H, W = x.shape
    return np.tile(x, (1, 1, kh, kw)), lambda d: d.reshape(N, C, kh, H, kw, W).sum(axis=(2, 4))


@upsample
def gradient_of_one_copy(x, kh, kw):
    y = np.repeat(np.repeat(x, kh, axis=2), kw, axis=3)
    return y, lambda d: d[:, :, ::kh, ::kw]


@upsample
def gradient_of_the_mean_copy(x, kh, kw):
    N, C, H, W = x.shape
    y = np.repeat(np.repeat(x, kh, axis=2), kw, axis=3)
    return y, lambda d: d.reshape(N, C, H, kh, W, kw).mean(axis=(3, 5))
