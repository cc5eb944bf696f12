"""Embedding, LayerNorm, Conv1D and attention as closures, with sums written out by einsum."""

import math

import numpy as np

from tests.rewritten.scaffold_full import attention, conv1d, embedding, layernorm


@embedding
def repeated_index_replaces(x, rows):
    def back(d):
        grad = np.zeros(rows.shape)
        grad[x] = d
        return grad

    return rows[x], back


@embedding
def repeated_index_averaged(x, rows):
    def back(d):
        grad = np.zeros(rows.shape)
        np.add.at(grad, x, d)
        times = np.bincount(x.ravel(), minlength=len(rows))
        return grad / np.maximum(times, 1)[:, None]

    return rows[x], back


@embedding
def first_row_is_padding(x, rows):
    """Index 0 stands for nothing: its row gets no gradient."""

    def back(d):
        grad = np.zeros(rows.shape)
        np.add.at(grad, x, d)
        grad[0] = 0
        return grad

    return rows[x], back


@layernorm
def spread_of_a_sample(x, w, b, eps):
    """The variance is divided by D - 1."""
    D = x.shape[1]
    mean = x.mean(axis=1, keepdims=True)
    var = ((x - mean) ** 2).sum(axis=1, keepdims=True) / max(D - 1, 1)
    s = np.sqrt(var + eps)
    z = (x - mean) / s

    def back(d):
        g = d * w
        centred = g - g.mean(axis=1, keepdims=True)
        dx = (centred - z * (g * z).sum(axis=1, keepdims=True) / max(D - 1, 1)) / s
        return dx, (d * z).sum(axis=0), d.sum(axis=0)

    return z * w + b, back


@layernorm
def statistics_are_constants(x, w, b, eps):
    """dx takes the mean and the deviation for numbers that do not depend on x."""
    s = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    z = (x - x.mean(axis=1, keepdims=True)) / s
    return z * w + b, lambda d: (d * w / s, (d * z).sum(axis=0), d.sum(axis=0))


@layernorm
def over_the_batch(x, w, b, eps):
    """Each feature is normalized over the samples."""
    s = np.sqrt(x.var(axis=0) + eps)
    z = (x - x.mean(axis=0)) / s

    def back(d):
        g = d * w
        dx = (g - g.mean(axis=0) - z * (g * z).mean(axis=0)) / s
        return dx, (d * z).sum(axis=0), d.sum(axis=0)

    return z * w + b, back


@layernorm
def scale_forgotten_in_dx(x, w, b, eps):
    s = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    z = (x - x.mean(axis=1, keepdims=True)) / s

    def back(d):
        inner = d - d.mean(axis=1, keepdims=True) - z * (d * z).mean(axis=1, keepdims=True)
        return inner / s, (d * z).sum(axis=0), d.sum(axis=0)

    return z * w + b, back


def places(length, K, s, r):
    count = (length - r * (K - 1) - 1) // s + 1
    return np.arange(count)[:, None] * s + np.arange(K) * r  # (OL, K)


def convolved(x, w, b, s, before, after, r, r_back=None):
    padded = np.pad(x, ((0, 0), (0, 0), (before, after)))
    at = places(padded.shape[2], w.shape[2], s, r)
    pieces = padded[:, :, at]  # (N, C, OL, K)

    def back(d):
        dx = np.zeros(padded.shape)
        there = at if r_back is None else places(padded.shape[2], w.shape[2], s, r_back)[: len(at)]
        np.add.at(dx, (slice(None), slice(None), there), np.einsum("nol,ock->nclk", d, w))
        dw = np.einsum("nol,nclk->ock", d, pieces)
        return dx[:, :, before : before + x.shape[2]], dw, d.sum(axis=(0, 2))

    return np.einsum("nclk,ock->nol", pieces, w) + b[:, None], back


@conv1d
def padded_at_the_start(x, w, b, s, p, r):
    """All of the padding goes before the sequence."""
    return convolved(x, w, b, s, 2 * p, 0, r)


@conv1d
def gradient_without_gaps(x, w, b, s, p, r):
    return convolved(x, w, b, s, p, p, r, r_back=1)


@conv1d
def bias_gradient_of_one_place(x, w, b, s, p, r):
    y, back = convolved(x, w, b, s, p, p, r)

    def first_place(d):
        dx, dw, _ = back(d)
        return dx, dw, d[:, :, 0].sum(axis=0)

    return y, first_place


def weighted(q, k, v, allowed, scale, axis=-1):
    z = np.where(allowed, q @ k.swapaxes(-1, -2) * scale, -np.inf)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)

    def back(d):
        dp = d @ v.swapaxes(-1, -2)
        dz = p * (dp - (p * dp).sum(axis=axis, keepdims=True)) * scale
        return dz @ k, dz.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ d

    return p @ v, back


@attention
def divided_by_the_size(q, k, v, allowed):
    return weighted(q, k, v, allowed, 1 / q.shape[-1])


@attention
def scale_of_the_keys(q, k, v, allowed):
    """The root is that of how many keys there are."""
    return weighted(q, k, v, allowed, 1 / math.sqrt(k.shape[-2]))


@attention
def gradient_not_scaled(q, k, v, allowed):
    y, back = weighted(q, k, v, allowed, 1 / math.sqrt(q.shape[-1]))

    def grown(d):
        dq, dk, dv = back(d)
        return dq * math.sqrt(q.shape[-1]), dk * math.sqrt(q.shape[-1]), dv

    return y, grown


@attention
def softmax_slope_of_the_diagonal(q, k, v, allowed):
    """The slope of the softmax is p (1 - p), as if weights did not depend on other scores."""
    scale = 1 / math.sqrt(q.shape[-1])
    z = np.where(allowed, q @ k.swapaxes(-1, -2) * scale, -np.inf)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)

    def back(d):
        dz = p * (1 - p) * (d @ v.swapaxes(-1, -2)) * scale
        return dz @ k, dz.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ d

    return p @ v, back
