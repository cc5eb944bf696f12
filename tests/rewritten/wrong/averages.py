"""Average pooling, and pooling of whole images."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.rewritten.scaffold import avgpool, global_average, global_max


def windows(x, k, s, p):
    xp = np.pad(x, [(0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])])
    return sliding_window_view(xp, k, axis=(2, 3))[:, :, :: s[0], :: s[1]]


def counted(x, k, s, p, include):
    """Return what each window's sum is divided by."""
    ones = np.ones((1, 1, *x.shape[2:]))
    return k[0] * k[1] if include else windows(ones, k, s, p).sum(axis=(4, 5))


def spread(d, x, k, s, p):
    """Return dx: each element of d, added to every pixel of its window."""
    dxp = np.zeros((*x.shape[:2], x.shape[2] + 2 * p[0], x.shape[3] + 2 * p[1]))
    for i, j in np.ndindex(*d.shape[2:]):
        top, left = i * s[0], j * s[1]
        dxp[:, :, top : top + k[0], left : left + k[1]] += d[:, :, i, j, None, None]
    return dxp[:, :, p[0] : p[0] + x.shape[2], p[1] : p[1] + x.shape[3]]


def right(x, k, s, p, include):
    count = counted(x, k, s, p, include)
    return windows(x, k, s, p).sum(axis=(4, 5)) / count, lambda d: spread(d / count, x, k, s, p)


@avgpool
def sums_instead_of_means(x, k, s, p, include):
    return windows(x, k, s, p).sum(axis=(4, 5)), lambda d: spread(d, x, k, s, p)


@avgpool
def gradient_not_divided(x, k, s, p, include):
    y, _ = right(x, k, s, p, include)
    return y, lambda d: spread(d, x, k, s, p)


@avgpool
def area_of_a_square(x, k, s, p, include):
    """Divides by the height squared."""
    count = k[0] ** 2 if include else counted(x, k, s, p, include)
    return windows(x, k, s, p).sum(axis=(4, 5)) / count, lambda d: spread(d / count, x, k, s, p)


@avgpool
def gradient_of_the_first_sample(x, k, s, p, include):
    y, back = right(x, k, s, p, include)
    return y, lambda d: back(np.broadcast_to(d[:1], d.shape))


@avgpool
def padding_never_counts(x, k, s, p, include):
    return right(x, k, s, p, False)


@avgpool
def counts_forgotten_in_backward(x, k, s, p, include):
    """Divides by the window's area in backward, even where forward has counted."""
    y, _ = right(x, k, s, p, include)
    return y, lambda d: spread(d / (k[0] * k[1]), x, k, s, p)


@avgpool
def last_window_wins(x, k, s, p, include):
    """Assigns the shares of overlapping windows."""
    y, _ = right(x, k, s, p, include)
    count = counted(x, k, s, p, include)

    def back(d):
        share = d / count
        dxp = np.zeros((*x.shape[:2], x.shape[2] + 2 * p[0], x.shape[3] + 2 * p[1]))
        for i, j in np.ndindex(*d.shape[2:]):
            rows = slice(i * s[0], i * s[0] + k[0])
            dxp[:, :, rows, j * s[1] : j * s[1] + k[1]] = share[:, :, i, j, None, None]
        return dxp[:, :, p[0] : p[0] + x.shape[2], p[1] : p[1] + x.shape[3]]

    return y, back


@global_average
def mean_over_rows_only_in_backward(x):
    """Divides the gradient by the height and not by the area."""
    return x.mean(axis=(2, 3)), lambda d: np.ones(x.shape) * d[:, :, None, None] / x.shape[2]


@global_average
def gradient_not_shared(x):
    return x.mean(axis=(2, 3)), lambda d: np.broadcast_to(d[:, :, None, None], x.shape)


@global_average
def mean_over_all_channels(x):
    """Takes the mean over channels as well, and repeats it for each of them."""
    y = x.mean(axis=(1, 2, 3), keepdims=True)[:, :, 0, 0]
    size = x.shape[2] * x.shape[3]
    return np.repeat(y, x.shape[1], axis=1), lambda d: np.ones(x.shape) * d[:, :, None, None] / size


@global_max
def all_equal_pixels(x):
    y = x.max(axis=(2, 3))
    return y, lambda d: (x == y[:, :, None, None]) * d[:, :, None, None]


@global_max
def never_below_zero(x):
    """Starts the running maximum at zero."""
    flat = x.reshape(*x.shape[:2], -1)
    y = np.zeros(x.shape[:2])
    for pixel in range(flat.shape[2]):
        y = np.maximum(y, flat[:, :, pixel])
    at = flat.argmax(axis=2)

    def back(d):
        dx = np.zeros(flat.shape)
        np.put_along_axis(dx, at[:, :, None], d[:, :, None], axis=2)
        return dx.reshape(x.shape)

    return y, back


@global_max
def place_counted_by_rows(x):
    """Finds the pixel of a flat index with the height instead of the width."""
    N, C, H, W = x.shape
    at = x.reshape(N, C, -1).argmax(axis=2)

    def back(d):
        dx = np.zeros(x.shape)
        n, c = np.indices((N, C))
        dx[n, c, np.minimum(at // H, H - 1), np.minimum(at % H, W - 1)] = d
        return dx

    return x.max(axis=(2, 3)), back
