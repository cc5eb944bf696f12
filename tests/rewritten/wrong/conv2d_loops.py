"""Convolutions by nested loops over samples, filters and output pixels."""

import numpy as np

from tests.rewritten.scaffold import conv2d


def pad(x, p):
    return np.pad(x, [(0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])])


def size(n, k, s, p):
    return (n + 2 * p - k) // s + 1


def slide(xp, w, b, s, oh, ow):
    y = np.empty((len(xp), len(w), oh, ow))
    _, _, kh, kw = w.shape
    for i in range(oh):
        for j in range(ow):
            patch = xp[:, :, i * s[0] : i * s[0] + kh, j * s[1] : j * s[1] + kw]
            y[:, :, i, j] = patch.reshape(len(xp), -1) @ w.reshape(len(w), -1).T + b
    return y


def slide_back(xp, w, s, d):
    dxp, dw = np.zeros(xp.shape), np.zeros(w.shape)
    _, _, kh, kw = w.shape
    for i in range(d.shape[2]):
        top = i * s[0]
        for j in range(d.shape[3]):
            left = j * s[1]
            e = d[:, :, i, j]
            patch = xp[:, :, top : top + kh, left : left + kw]
            dw += np.tensordot(e, patch, axes=(0, 0))
            dxp[:, :, top : top + kh, left : left + kw] += np.tensordot(e, w, axes=1)
    return dxp, dw, d.sum(axis=(0, 2, 3))


def right(x, w, b, s, p):
    xp = pad(x, p)
    oh, ow = size(x.shape[2], w.shape[2], s[0], p[0]), size(x.shape[3], w.shape[3], s[1], p[1])

    def back(d):
        dxp, dw, db = slide_back(xp, w, s, d)
        return uncover(dxp, x.shape, p), dw, db

    return slide(xp, w, b, s, oh, ow), back


def uncover(dxp, shape, p):
    return dxp[:, :, p[0] : p[0] + shape[2], p[1] : p[1] + shape[3]]


@conv2d
def minus_zero_slice(x, w, b, s, p):
    y, _ = right(x, w, b, s, p)

    def back(d):
        dxp, dw, db = slide_back(pad(x, p), w, s, d)
        return dxp[:, :, p[0] : -p[0], p[1] : -p[1]], dw, db

    return y, back


@conv2d
def crop_if_any_padding(x, w, b, s, p):
    y, _ = right(x, w, b, s, p)

    def back(d):
        dxp, dw, db = slide_back(pad(x, p), w, s, d)
        if sum(p) > 0:
            dxp = dxp[:, :, p[0] : -p[0], p[1] : -p[1]]
        return dxp, dw, db

    return y, back


@conv2d
def never_unpadded(x, w, b, s, p):
    y, _ = right(x, w, b, s, p)
    return y, lambda d: slide_back(pad(x, p), w, s, d)


@conv2d
def first_sample_only(x, w, b, s, p):
    y, _ = right(x, w, b, s, p)
    xp = pad(x, p)

    def back(d):
        dxp, dw, db = np.zeros(xp.shape), np.zeros(w.shape), np.zeros(b.shape)
        for n in range(len(x)):
            one, dw_n, db_n = slide_back(xp[n : n + 1], w, s, d[n : n + 1])
            dxp[n] = one[0]
            dw += dw_n
            db += db_n
            return uncover(dxp, x.shape, p), dw, db
        return None

    return y, back


@conv2d
def same_count_of_columns(x, w, b, s, p):
    """Uses the number of output rows for the columns of dx too."""
    y, _ = right(x, w, b, s, p)
    xp = pad(x, p)

    def back(d):
        _, dw, db = slide_back(xp, w, s, d)
        dxp = np.zeros(xp.shape)
        n, k, oh, _ = d.shape
        for f in range(k):
            for i in range(oh):
                for j in range(min(oh, d.shape[3])):
                    rows = slice(i * s[0], i * s[0] + w.shape[2])
                    columns = slice(j * s[1], j * s[1] + w.shape[3])
                    dxp[:, :, rows, columns] += d[:, f, i, j].reshape(n, 1, 1, 1) * w[f]
        return uncover(dxp, x.shape, p), dw, db

    return y, back


@conv2d
def stride_of_rows_for_both(x, w, b, s, p):
    return right(x, w, b, (s[0], s[0]), p)


@conv2d
def padding_the_other_way_round(x, w, b, s, p):
    return right(x, w, b, s, p[::-1])


@conv2d
def bias_for_every_tap(x, w, b, s, p):
    y, back = right(x, w, 0 * b, s, p)
    for _ in range(w.shape[2] * w.shape[3]):
        y += b[:, None, None]
    return y, back


@conv2d
def bias_never_added(x, w, b, s, p):
    y, back = right(x, w, 0 * b, s, p)
    return y, back


@conv2d
def starts_at_consecutive_rows_in_backward(x, w, b, s, p):
    y, _ = right(x, w, b, s, p)

    def back(d):
        dxp, dw, db = slide_back(pad(x, p), w, s, d)
        near = np.zeros(dxp.shape)
        kh, kw = w.shape[2:]
        for i, j in np.ndindex(*d.shape[2:]):
            near[:, :, i : i + kh, j : j + kw] += np.tensordot(d[:, :, i, j], w, 1)
        return uncover(near, x.shape, p), dw, db

    return y, back


@conv2d
def range_with_stride_in_backward(x, w, b, s, p):
    """Lets the loops of backward step over dout by the stride."""
    y, _ = right(x, w, b, s, p)

    def back(d):
        some = np.zeros(d.shape)
        some[:, :, :: s[0], :: s[1]] = d[:, :, :: s[0], :: s[1]]
        dxp, dw, _ = slide_back(pad(x, p), w, s, some)
        return uncover(dxp, x.shape, p), dw, d.sum(axis=(0, 2, 3))

    return y, back


@conv2d
def kernel_before_subtraction(x, w, b, s, p):
    """Takes n - k // s + 1 for the size, which is another when the stride is above 1."""
    kh, kw = w.shape[2:]
    oh, ow = (x.shape[2] + 2 * p[0] - kh // s[0]) + 1, (x.shape[3] + 2 * p[1] - kw // s[1]) + 1
    if s == (1, 1):
        return right(x, w, b, s, p)
    big = np.pad(pad(x, p), [(0, 0), (0, 0), (0, oh * s[0] + kh), (0, ow * s[1] + kw)])
    return slide(big, w, b, s, oh, ow), right(x, w, b, s, p)[1]


@conv2d
def padding_once_in_the_size(x, w, b, s, p):
    oh, ow = (
        (n + q - k) // t + 1 for n, q, k, t in zip(x.shape[2:], p, w.shape[2:], s, strict=True)
    )
    y, _ = right(x, w, b, s, p)
    return y[:, :, :oh, :ow], lambda d: slide_back_uncovered(x, w, s, p, d)


def slide_back_uncovered(x, w, s, p, d):
    dxp, dw, db = slide_back(pad(x, p), w, s, d)
    return uncover(dxp, x.shape, p), dw, db


@conv2d
def rounded_up(x, w, b, s, p):
    rows, columns = (
        -(-(n + 2 * q - k) // t) + 1
        for n, q, k, t in zip(x.shape[2:], p, w.shape[2:], s, strict=True)
    )
    far = np.pad(pad(x, p), [(0, 0), (0, 0), (0, s[0] - 1), (0, s[1] - 1)])

    def back(d):
        dxp, dw, db = slide_back(far, w, s, d)
        return uncover(dxp, x.shape, p), dw, db

    return slide(far, w, b, s, rows, columns), back


@conv2d
def dx_of_the_rows_that_windows_reach(x, w, b, s, p):
    """Makes dx from the sizes of dout: rows are lost where the stride does not divide."""
    y, _ = right(x, w, b, s, p)

    def back(d):
        _, dw, db = slide_back(pad(x, p), w, s, d)
        oh, ow = d.shape[2:]
        height, width = (oh - 1) * s[0] + w.shape[2], (ow - 1) * s[1] + w.shape[3]
        dxp, _, _ = slide_back(np.zeros((*x.shape[:2], height, width)), w, s, d)
        return dxp[:, :, p[0] : height - p[0], p[1] : width - p[1]], dw, db

    return y, back
