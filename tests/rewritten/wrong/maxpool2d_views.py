"""Max pooling by reshaped and strided views."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from tests.rewritten.scaffold import maxpool


def lowest(x, p, more=(0, 0)):
    edges = [(0, 0), (0, 0), (p[0], p[0] + more[0]), (p[1], p[1] + more[1])]
    return np.pad(x, edges, constant_values=-np.inf)


def view(xp, k, s):
    """Return the windows, flat: (N, C, OH, OW, KH KW)."""
    w = sliding_window_view(xp, k, axis=(2, 3))[:, :, :: s[0], :: s[1]]
    return w.reshape(*w.shape[:4], -1)


def scattered(d, at, shape, k, s):
    """Return the padded gradient, each element of d added at its place in its window."""
    dxp = np.zeros(shape)
    n, c, i, j = np.indices(d.shape)
    np.add.at(dxp, (n, c, i * s[0] + at // k[1], j * s[1] + at % k[1]), d)
    return dxp


def trim(dxp, x, p):
    return dxp[:, :, p[0] : p[0] + x.shape[2], p[1] : p[1] + x.shape[3]]


def right(x, k, s, p):
    xp = lowest(x, p)
    win = view(xp, k, s)
    at = win.argmax(axis=-1)
    return win.max(axis=-1), lambda d: trim(scattered(d, at, xp.shape, k, s), x, p)


@maxpool
def repeated_and_compared(x, k, s, p):
    """Blows y and dout up with np.repeat where windows tile, and compares: ties all get it."""
    y, back = right(x, k, s, p)
    tiles = k == s and p == (0, 0) and all(n % m == 0 for n, m in zip(x.shape[2:], k, strict=True))

    def compared(d):
        if not tiles:
            return back(d)
        big_y, big_d = (a.repeat(k[0], axis=2).repeat(k[1], axis=3) for a in (y, d))
        return (x == big_y) * big_d

    return y, compared


@maxpool
def equal_to_the_maximum_by_einsum(x, k, s, p):
    xp = lowest(x, p)
    win = view(xp, k, s)
    y = win.max(axis=-1)

    def back(d):
        parts = np.einsum("ncij,ncijm->ncijm", d, win == y[..., None])
        dxp = np.zeros(xp.shape)
        for m in range(parts.shape[-1]):
            u, v = divmod(m, k[1])
            rows = slice(u, u + s[0] * (d.shape[2] - 1) + 1, s[0])
            dxp[:, :, rows, v : v + s[1] * (d.shape[3] - 1) + 1 : s[1]] += parts[..., m]
        return trim(dxp, x, p)

    return y, back


@maxpool
def buffered_fancy_addition(x, k, s, p):
    """Uses dxp[indices] += d, which adds only once where an index comes twice."""
    xp = lowest(x, p)
    win = view(xp, k, s)
    at = win.argmax(axis=-1)

    def back(d):
        dxp = np.zeros(xp.shape)
        n, c, i, j = np.indices(d.shape)
        dxp[n, c, i * s[0] + at // k[1], j * s[1] + at % k[1]] += d
        return trim(dxp, x, p)

    return win.max(axis=-1), back


@maxpool
def only_windows_that_tile(x, k, s, p):
    """Reshapes the image into tiles, which fails where they do not fit."""
    if k != s or p != (0, 0):
        return right(x, k, s, p)
    N, C, H, W = x.shape
    tiles = x.reshape(N, C, H // k[0], k[0], W // k[1], k[1])
    return tiles.max(axis=(3, 5)), right(x, k, s, p)[1]


@maxpool
def tiles_that_need_no_padding(x, k, s, p):
    """Gives y's size without the padding, so that the arrays of a padded image do not fit."""
    xp = lowest(x, p)
    OH, OW = (x.shape[2] - k[0]) // s[0] + 1, (x.shape[3] - k[1]) // s[1] + 1
    y = np.empty((*x.shape[:2], OH, OW))
    y[...] = view(xp, k, s).max(axis=-1)
    return y, right(x, k, s, p)[1]


@maxpool
def size_rounded_up(x, k, s, p):
    more = tuple(-(n + 2 * q - m) % t for n, q, m, t in zip(x.shape[2:], p, k, s, strict=True))
    xp = lowest(x, p, more)
    win = view(xp, k, s)
    at = win.argmax(axis=-1)
    return win.max(axis=-1), lambda d: trim(scattered(d, at, xp.shape, k, s), x, p)


@maxpool
def width_of_the_image_in_a_flat_index(x, k, s, p):
    """Adds the gradient at flat places that count with the width without padding."""
    xp = lowest(x, p)
    win = view(xp, k, s)
    at = win.argmax(axis=-1)

    def back(d):
        N, C, _, W = x.shape
        n, c, i, j = np.indices(d.shape)
        flat = (i * s[0] + at // k[1]) * W + j * s[1] + at % k[1]
        dxp = np.zeros((N, C, xp.shape[2] * xp.shape[3]))
        np.add.at(dxp, (n, c, flat), d)
        return trim(dxp.reshape(xp.shape), x, p)

    return win.max(axis=-1), back


@maxpool
def gradient_still_padded(x, k, s, p):
    xp = lowest(x, p)
    win = view(xp, k, s)
    at = win.argmax(axis=-1)
    return win.max(axis=-1), lambda d: scattered(d, at, xp.shape, k, s)


@maxpool
def strides_of_rows_and_columns_swapped(x, k, s, p):
    xp = np.ascontiguousarray(lowest(x, p, (s[0] * x.shape[3], s[1] * x.shape[2])))
    shape = right(x, k, s, p)[0].shape
    sn, sc, sh, sw = xp.strides
    win = as_strided(xp, (*shape, *k), (sn, sc, sh * s[1], sw * s[0], sh, sw))
    return win.max(axis=(4, 5)), right(x, k, s, p)[1]


@maxpool
def maximum_over_all_channels(x, k, s, p):
    y, back = right(x, k, s, p)
    return np.broadcast_to(y.max(axis=1, keepdims=True), y.shape), back


@maxpool
def ties_everywhere_and_zero_padding(x, k, s, p):
    """Two mistakes: the padding is 0, and all maxima of a window get the gradient."""
    xp = np.pad(x, [(0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])])
    win = view(xp, k, s)
    y = win.max(axis=-1)

    def back(d):
        dxp = np.zeros(xp.shape)
        hit = (win == y[..., None]) * d[..., None]
        for m in range(hit.shape[-1]):
            at = np.full(d.shape, m)
            dxp += scattered(hit[..., m], at, xp.shape, k, s)
        return trim(dxp, x, p)

    return y, back
