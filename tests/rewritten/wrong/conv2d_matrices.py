"""Convolutions as one matrix product, by index arrays, and their way back by np.add.at."""

import numpy as np

from tests.rewritten.scaffold import conv2d


def indices(shape, k, s, p):
    """Return the channel, row and column of every entry of the matrix of windows."""
    _, C, H, W = shape
    KH, KW = k
    OH, OW = (H + 2 * p[0] - KH) // s[0] + 1, (W + 2 * p[1] - KW) // s[1] + 1
    c = np.repeat(np.arange(C), KH * KW)[:, None]
    i = np.tile(np.repeat(np.arange(KH), KW), C)[:, None]
    j = np.tile(np.arange(KW), KH * C)[:, None]
    i = i + s[0] * np.repeat(np.arange(OH), OW)
    j = j + s[1] * np.tile(np.arange(OW), OH)
    return c, i, j, (OH, OW)


def im2col(x, k, s, p):
    xp = np.pad(x, ((0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])))
    c, i, j, out = indices(x.shape, k, s, p)
    return xp[:, c, i, j], out  # (N, C KH KW, OH OW)


def col2im(columns, shape, k, s, p):
    N, C, H, W = shape
    xp = np.zeros((N, C, H + 2 * p[0], W + 2 * p[1]))
    c, i, j, _ = indices(shape, k, s, p)
    np.add.at(xp, (slice(None), c, i, j), columns)
    return xp[:, :, p[0] : p[0] + H, p[1] : p[1] + W]


def product(x, w, b, s, p):
    columns, (OH, OW) = im2col(x, w.shape[2:], s, p)
    y = np.matmul(w.reshape(len(w), -1), columns) + b[:, None]
    return y.reshape(len(x), len(w), OH, OW), columns


def gradients(x, w, s, p, columns, d):
    g = d.reshape(*d.shape[:2], -1)
    dw = np.einsum("nkl,nml->km", g, columns).reshape(w.shape)
    dcolumns = np.matmul(w.reshape(len(w), -1).T, g)
    return col2im(dcolumns, x.shape, w.shape[2:], s, p), dw, g.sum(axis=(0, 2))


def right(x, w, b, s, p):
    y, columns = product(x, w, b, s, p)
    return y, lambda d: gradients(x, w, s, p, columns, d)


@conv2d
def assigned_not_added(x, w, b, s, p):
    """Writes the windows' gradients back with an assignment, so that the last one stays."""
    y, columns = product(x, w, b, s, p)

    def back(d):
        _, dw, db = gradients(x, w, s, p, columns, d)
        g = np.matmul(w.reshape(len(w), -1).T, d.reshape(*d.shape[:2], -1))
        N, C, H, W = x.shape
        xp = np.zeros((N, C, H + 2 * p[0], W + 2 * p[1]))
        c, i, j, _ = indices(x.shape, w.shape[2:], s, p)
        xp[:, c, i, j] += g
        return xp[:, :, p[0] : p[0] + H, p[1] : p[1] + W], dw, db

    return y, back


@conv2d
def kernel_matrix_by_reshape(x, w, b, s, p):
    """Reshapes the weight to (C KH KW, K) where it should be transposed, on the way back."""
    y, columns = product(x, w, b, s, p)

    def back(d):
        _, dw, db = gradients(x, w, s, p, columns, d)
        g = d.reshape(*d.shape[:2], -1)
        dcolumns = np.matmul(w.reshape(-1, len(w)), g)
        return col2im(dcolumns, x.shape, w.shape[2:], s, p), dw, db

    return y, back


@conv2d
def weight_gradient_by_reshape(x, w, b, s, p):
    """Makes the transposed weight gradient and reshapes it to the weight's shape."""
    y, columns = product(x, w, b, s, p)

    def back(d):
        dx, _, db = gradients(x, w, s, p, columns, d)
        g = d.reshape(*d.shape[:2], -1)
        dw = np.einsum("nml,nkl->mk", columns, g)
        return dx, dw.reshape(w.shape), db

    return y, back


@conv2d
def output_axes_by_reshape(x, w, b, s, p):
    """Has one row per filter and all samples in the columns, and reshapes that to (N, K, ...)."""
    columns, (OH, OW) = im2col(x, w.shape[2:], s, p)
    tall = columns.transpose(1, 0, 2).reshape(columns.shape[1], -1)
    y = w.reshape(len(w), -1) @ tall + b[:, None]  # (K, N OH OW)
    return y.reshape(len(x), len(w), OH, OW), lambda d: gradients(x, w, s, p, columns, d)


@conv2d
def columns_counted_with_the_height(x, w, b, s, p):
    """Finds the pixel of a flat index with the height of the image instead of its width."""
    N, C, H, W = x.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])))
    _, i, j, (OH, OW) = indices(x.shape, w.shape[2:], s, p)
    height = H + 2 * p[0]
    flat = np.minimum(i * height + j, height * (W + 2 * p[1]) - 1)  # (C KH KW, OH OW)
    c = np.repeat(np.arange(C), w.shape[2] * w.shape[3])[:, None]
    columns = xp.reshape(N, C, -1)[:, c, flat]
    y = np.matmul(w.reshape(len(w), -1), columns) + b[:, None]
    return y.reshape(N, len(w), OH, OW), right(x, w, b, s, p)[1]


@conv2d
def bias_gradient_is_a_mean(x, w, b, s, p):
    y, back = right(x, w, b, s, p)

    def averaged(d):
        dx, dw, _ = back(d)
        return dx, dw, d.mean(axis=(0, 2, 3))

    return y, averaged


@conv2d
def bias_gradient_over_samples_twice(x, w, b, s, p):
    """Sums dout over samples and then divides by their number."""
    y, back = right(x, w, b, s, p)

    def averaged(d):
        dx, dw, db = back(d)
        return dx, dw, db / d.shape[0]

    return y, averaged


@conv2d
def batch_mean_of_the_gradients(x, w, b, s, p):
    y, back = right(x, w, b, s, p)

    def averaged(d):
        dx, dw, db = back(d)
        return dx, dw / len(x), db / len(x)

    return y, averaged


@conv2d
def batch_mean_of_the_weight_gradient(x, w, b, s, p):
    columns, (OH, OW) = im2col(x, w.shape[2:], s, p)
    y = np.matmul(w.reshape(len(w), -1), columns) + b[:, None]

    def back(d):
        dx, _, db = gradients(x, w, s, p, columns, d)
        dw = np.matmul(d.reshape(*d.shape[:2], -1), columns.transpose(0, 2, 1)).mean(axis=0)
        return dx, dw.reshape(w.shape), db

    return y.reshape(len(x), len(w), OH, OW), back


@conv2d
def all_three_divided_by_the_batch(x, w, b, s, p):
    y, back = right(x, w, b, s, p)
    return y, lambda d: back(d / len(d))


@conv2d
def weight_gradient_of_unpadded_image(x, w, b, s, p):
    """Takes the windows of the image without its padding, as many as fit, for dW."""
    y, columns = product(x, w, b, s, p)

    def back(d):
        dx, _, db = gradients(x, w, s, p, columns, d)
        dw = np.zeros(w.shape)
        for u, v in np.ndindex(*w.shape[2:]):
            part = x[:, :, u :: s[0], v :: s[1]][:, :, : d.shape[2], : d.shape[3]]
            same = d[:, :, : part.shape[2], : part.shape[3]]
            dw[:, :, u, v] = np.einsum("nkij,ncij->kc", same, part)
        return dx, dw, db

    return y, back


@conv2d
def only_tiling_strides(x, w, b, s, p):
    """Does not take an image that the stride does not divide."""
    for n, k, t, q in zip(x.shape[2:], w.shape[2:], s, p, strict=True):
        if (n + 2 * q - k) % t:
            raise ValueError(f"Conv2D: the stride {s} does not fit an image of shape {x.shape}")
    return right(x, w, b, s, p)


@conv2d
def in_single_precision(x, w, b, s, p):
    x32, w32 = x.astype(np.float32), w.astype(np.float32)
    y, columns = product(x32, w32, b.astype(np.float32), s, p)
    return y, lambda d: gradients(x32, w32, s, p, columns, d.astype(np.float32))


@conv2d
def zero_input_gradient(x, w, b, s, p):
    y, columns = product(x, w, b, s, p)

    def back(d):
        _, dw, db = gradients(x, w, s, p, columns, d)
        return np.zeros_like(x), dw, db

    return y, back


@conv2d
def mean_of_bias_and_no_zero_crop(x, w, b, s, p):
    """Two mistakes: db is a mean over samples, and dx is cropped with [p:-p]."""
    y, columns = product(x, w, b, s, p)

    def back(d):
        dx, dw, db = gradients(x, w, s, p, columns, d)
        full = np.pad(dx, ((0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])))
        return full[:, :, p[0] : -p[0], p[1] : -p[1]], dw, db / len(x)

    return y, back
