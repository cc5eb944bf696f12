"""Losses, with the gradient as a closure; the target of a cross-entropy is rows already."""

import numpy as np

from tests.rewritten.scaffold import MSE, SoftmaxCrossEntropy, cross_entropy, mse


def log_shares(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def count(z, reduction):
    return len(z) if reduction == "mean" else 1


def right(z, t, reduction):
    log_p, n = log_shares(z), count(z, reduction)
    return -(t * log_p).sum() / n, lambda: (np.exp(log_p) - t) / n


def naive(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


@cross_entropy
def exponentials_of_raw_logits(z, t, reduction):
    p, n = naive(z), count(z, reduction)
    logsum = np.log(np.exp(z).sum(axis=1))
    return ((t.sum(axis=1) * logsum) - (t * z).sum(axis=1)).sum() / n, lambda: (p - t) / n


@cross_entropy
def maximum_over_all_rows(z, t, reduction):
    p, n = naive(z - z.max()), count(z, reduction)
    log_p = z - z.max() - np.log(np.exp(z - z.max()).sum(axis=1, keepdims=True))
    return -(t * log_p).sum() / n, lambda: (p - t) / n


@cross_entropy
def logarithm_of_a_probability(z, t, reduction):
    """Takes the log of a probability that can be 0; sums only where the target is not."""
    p, n = np.exp(log_shares(z)), count(z, reduction)
    return -(t * np.log(p))[t > 0].sum() / n, lambda: (p - t) / n


@cross_entropy
def tiny_number_in_the_logarithm(z, t, reduction):
    p, n = np.exp(log_shares(z)), count(z, reduction)
    return -(t * np.log(p + 1e-12)).sum() / n, lambda: (p - t) / n


@cross_entropy
def probabilities_clipped(z, t, reduction):
    """Clips to [1e-7, 1 - 1e-7]."""
    p, n = np.exp(log_shares(z)), count(z, reduction)
    return -(t * np.log(np.clip(p, 1e-7, 1 - 1e-7))).sum() / n, lambda: (p - t) / n


@cross_entropy
def binary_terms_too(z, t, reduction):
    """Adds (1 - t) log(1 - p) for each class."""
    p, n = np.exp(log_shares(z)), count(z, reduction)
    both = t * np.log(p + 1e-300) + (1 - t) * np.log(1 - p + 1e-300)
    return -both.sum() / n, lambda: (p - t) / n


@cross_entropy
def gradient_with_respect_to_probabilities(z, t, reduction):
    """Returns -t / p, which leaves the softmax out."""
    value, _ = right(z, t, reduction)
    return value, lambda: -t / np.exp(log_shares(z)) / count(z, reduction)


@cross_entropy
def target_minus_softmax(z, t, reduction):
    value, back = right(z, t, reduction)
    return value, lambda: -back()


@cross_entropy
def softmax_of_the_softmax(z, t, reduction):
    """Takes the softmax in forward, and the cross-entropy takes it again."""
    return right(np.exp(log_shares(z)), t, reduction)


@cross_entropy
def softmax_twice_in_backward(z, t, reduction):
    value, _ = right(z, t, reduction)
    p = np.exp(log_shares(np.exp(log_shares(z))))
    return value, lambda: (p - t) / count(z, reduction)


@cross_entropy
def summed_for_mean(z, t, reduction):
    return right(z, t, "sum")


@cross_entropy
def gradient_not_averaged(z, t, reduction):
    return right(z, t, reduction)[0], right(z, t, "sum")[1]


@cross_entropy
def averaged_over_classes_too(z, t, reduction):
    """np.mean of the terms of all classes and samples."""
    value, back = right(z, t, reduction)
    k = z.shape[1] if reduction == "mean" else 1
    return value / k, lambda: back() / k


@cross_entropy
def loss_averaged_over_classes_too(z, t, reduction):
    value, back = right(z, t, reduction)
    return value / (z.shape[1] if reduction == "mean" else 1), back


@cross_entropy
def only_the_likeliest_class(z, t, reduction):
    """Turns probabilities into the label of the largest."""
    return right(z, np.eye(z.shape[1])[t.argmax(axis=1)], reduction)


@cross_entropy
def divided_by_classes_for_samples(z, t, reduction):
    """Divides by the length of the wrong axis, in both directions."""
    n = z.shape[1] if reduction == "mean" else 1
    value, back = right(z, t, "sum")
    return value / n, lambda: back() / n


class TargetOfTheFirstBatch(SoftmaxCrossEntropy):
    """Makes one-hot rows once for every batch size."""

    def __init__(self, reduction="mean"):
        super().__init__(reduction)
        self.onehot = {}

    def rows(self, z, t, reduction):
        value, _ = right(z, t, reduction)
        t = self.onehot.setdefault(z.shape, t)
        return value, lambda: (np.exp(log_shares(z)) - t) / count(z, reduction)


class SubtractsInPlace(SoftmaxCrossEntropy):
    """Subtracts the maximum from the caller's logits."""

    def forward(self, logits, target):
        value = super().forward(logits, target)
        if logits.flags.writeable:
            logits -= logits.max(axis=1, keepdims=True)
        return value

    def rows(self, z, t, reduction):
        return right(z, t, reduction)


@mse
def halved(a, b, reduction):
    e, n = a - b, a.size if reduction == "mean" else 1
    return 0.5 * np.vdot(e, e) / n, lambda: e / n


@mse
def half_in_the_gradient_only(a, b, reduction):
    e, n = a - b, a.size if reduction == "mean" else 1
    return np.vdot(e, e) / n, lambda: e / n


@mse
def half_in_the_loss_only(a, b, reduction):
    e, n = a - b, a.size if reduction == "mean" else 1
    return np.vdot(e, e) / n / 2, lambda: 2 * e / n


@mse
def never_averaged(a, b, reduction):
    e = a - b
    return (e**2).sum(), lambda: 2 * e


@mse
def per_sample(a, b, reduction):
    """Divides by the number of rows."""
    e, n = a - b, len(a) if reduction == "mean" else 1
    return (e * e).sum() / n, lambda: 2 * e / n


@mse
def gradient_per_sample(a, b, reduction):
    e = a - b
    n, rows = (a.size, len(a)) if reduction == "mean" else (1, 1)
    return (e * e).sum() / n, lambda: 2 * e / rows


@mse
def root_of_the_mean(a, b, reduction):
    e = a - b
    if reduction == "sum":
        return (e**2).sum(), lambda: 2 * e
    root = np.sqrt(np.mean(e**2))
    return root, lambda: e / (e.size * root)


@mse
def absolute_differences(a, b, reduction):
    e, n = a - b, a.size if reduction == "mean" else 1
    return np.abs(e).sum() / n, lambda: np.sign(e) / n


@mse
def difference_turned_round(a, b, reduction):
    e, n = b - a, a.size if reduction == "mean" else 1
    return np.square(e).sum() / n, lambda: 2 * e / n


class Broadcasts(MSE):
    """Takes whatever numpy can subtract."""

    def refuse(self, prediction, target):
        pass

    def compute(self, a, b, reduction):
        e, n = a - b, (a - b).size if reduction == "mean" else 1
        return (e**2).sum() / n, lambda: 2 * e / n
