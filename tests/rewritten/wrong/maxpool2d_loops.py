"""Max pooling by loops over output pixels."""

import numpy as np

from tests.rewritten.scaffold import MaxPool2D, maxpool

LOW = -np.inf


def surround(x, p, value=LOW):
    return np.pad(x, [(0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])], constant_values=value)


def out(n, k, s, p):
    return (n + 2 * p - k) // s + 1


def sizes(x, k, s, p):
    return tuple(out(n, *ksp) for n, *ksp in zip(x.shape[2:], k, s, p, strict=True))


def patch(xp, i, j, k, s):
    return xp[:, :, i * s[0] : i * s[0] + k[0], j * s[1] : j * s[1] + k[1]]


def inside(dxp, x, p):
    return dxp[:, :, p[0] : p[0] + x.shape[2], p[1] : p[1] + x.shape[3]]


def maxima(xp, k, s, shape):
    y = np.zeros((*xp.shape[:2], *shape))
    for i, j in np.ndindex(*shape):
        y[:, :, i, j] = patch(xp, i, j, k, s).max(axis=(2, 3))
    return y


def winners(xp, k, s, shape):
    """Return the row and column of the first maximum of every window."""
    rows, columns = (np.zeros((*xp.shape[:2], *shape), int) for _ in "rc")
    for i, j in np.ndindex(*shape):
        at = patch(xp, i, j, k, s).reshape(*xp.shape[:2], -1).argmax(axis=2)
        rows[:, :, i, j], columns[:, :, i, j] = i * s[0] + at // k[1], j * s[1] + at % k[1]
    return rows, columns


def routed(x, p, rows, columns, d):
    N, C, H, W = x.shape
    dxp = np.zeros((N, C, H + 2 * p[0], W + 2 * p[1]))
    for n, c, i, j in np.ndindex(*d.shape):
        dxp[n, c, rows[n, c, i, j], columns[n, c, i, j]] += d[n, c, i, j]
    return inside(dxp, x, p)


def right(x, k, s, p):
    xp, shape = surround(x, p), sizes(x, k, s, p)
    rows, columns = winners(xp, k, s, shape)
    return maxima(xp, k, s, shape), lambda d: routed(x, p, rows, columns, d)


def back_by_mask(x, k, s, p, share=lambda mask: mask):
    """Return a backward that compares every window with its maximum."""
    xp = surround(x, p)

    def back(d):
        dxp = np.zeros(xp.shape)
        for i, j in np.ndindex(*d.shape[2:]):
            window = patch(xp, i, j, k, s)
            mask = (window == window.max(axis=(2, 3), keepdims=True)).astype(float)
            patch(dxp, i, j, k, s)[...] += share(mask) * d[:, :, i, j, None, None]
        return inside(dxp, x, p)

    return back


@maxpool
def every_maximum_of_a_window(x, k, s, p):
    return right(x, k, s, p)[0], back_by_mask(x, k, s, p)


@maxpool
def ties_share(x, k, s, p):
    y, _ = right(x, k, s, p)
    return y, back_by_mask(x, k, s, p, lambda m: m / m.sum(axis=(2, 3), keepdims=True))


@maxpool
def last_of_equal_maxima(x, k, s, p):
    """Uses >= where it looks for the maximum, so that a later equal one takes its place."""
    xp, shape = surround(x, p), sizes(x, k, s, p)
    rows, columns = (np.zeros((*x.shape[:2], *shape), int) for _ in "rc")
    for n, c, i, j in np.ndindex(*rows.shape):
        best = LOW
        for u, v in np.ndindex(*k):
            value = xp[n, c, i * s[0] + u, j * s[1] + v]
            if value >= best:
                best, rows[n, c, i, j], columns[n, c, i, j] = value, i * s[0] + u, j * s[1] + v
    return maxima(xp, k, s, shape), lambda d: routed(x, p, rows, columns, d)


@maxpool
def padded_with_zeros(x, k, s, p):
    xp, shape = surround(x, p, 0.0), sizes(x, k, s, p)
    rows, columns = winners(xp, k, s, shape)
    return maxima(xp, k, s, shape), lambda d: routed(x, p, rows, columns, d)


@maxpool
def zeros_in_forward_only(x, k, s, p):
    return maxima(surround(x, p, 0.0), k, s, sizes(x, k, s, p)), right(x, k, s, p)[1]


@maxpool
def running_maximum_from_zero(x, k, s, p):
    y, back = right(x, k, s, p)
    for i, j in np.ndindex(*y.shape[2:]):
        best = np.zeros(x.shape[:2])
        for u, v in np.ndindex(*k):
            best = np.maximum(best, surround(x, p)[:, :, i * s[0] + u, j * s[1] + v])
        y[:, :, i, j] = best
    return y, back


@maxpool
def small_negative_number_as_padding(x, k, s, p):
    """Pads with -1, which is no smaller than every value."""
    xp, shape = surround(x, p, -1.0), sizes(x, k, s, p)
    rows, columns = winners(xp, k, s, shape)
    return maxima(xp, k, s, shape), lambda d: routed(x, p, rows, columns, d)


@maxpool
def overwritten_where_windows_overlap(x, k, s, p):
    y, _ = right(x, k, s, p)
    rows, columns = winners(surround(x, p), k, s, y.shape[2:])

    def back(d):
        N, C, H, W = x.shape
        dxp = np.zeros((N, C, H + 2 * p[0], W + 2 * p[1]))
        for n, c, i, j in np.ndindex(*d.shape):
            dxp[n, c, rows[n, c, i, j], columns[n, c, i, j]] = d[n, c, i, j]
        return inside(dxp, x, p)

    return y, back


@maxpool
def mask_overwritten_by_windows(x, k, s, p):
    """Assigns mask times gradient to each window, zeros and all."""
    xp = surround(x, p)
    y, _ = right(x, k, s, p)

    def back(d):
        dxp = np.zeros(xp.shape)
        for i, j in np.ndindex(*d.shape[2:]):
            window = patch(xp, i, j, k, s)
            flat = window.reshape(*window.shape[:2], -1)
            mask = np.eye(flat.shape[2])[flat.argmax(axis=2)].reshape(window.shape)
            patch(dxp, i, j, k, s)[...] = mask * d[:, :, i, j, None, None]
        return inside(dxp, x, p)

    return y, back


@maxpool
def stops_where_columns_exceed_rows(x, k, s, p):
    """Breaks out of the loop over columns when the column passes the number of rows."""
    y, back = right(x, k, s, p)
    result = np.zeros_like(y)
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            if j * s[1] + k[1] > x.shape[2] + 2 * p[0]:
                break
            result[:, :, i, j] = y[:, :, i, j]
    return result, back


@maxpool
def indices_of_rows_for_columns(x, k, s, p):
    """Divides the index in the window by its height instead of its width."""
    y, _ = right(x, k, s, p)
    xp = surround(x, p)
    rows, columns = (np.zeros(y.shape, int) for _ in "rc")
    for i, j in np.ndindex(*y.shape[2:]):
        at = patch(xp, i, j, k, s).reshape(*x.shape[:2], -1).argmax(axis=2)
        rows[:, :, i, j] = np.minimum(i * s[0] + at // k[0], xp.shape[2] - 1)
        columns[:, :, i, j] = j * s[1] + at % k[0]
    columns = np.minimum(columns, xp.shape[3] - 1)
    return y, lambda d: routed(x, p, rows, columns, d)


@maxpool
def row_and_column_swapped_in_backward(x, k, s, p):
    """Reads what np.unravel_index returns as (column, row)."""
    y, _ = right(x, k, s, p)
    xp = surround(x, p)
    rows, columns = (np.zeros(y.shape, int) for _ in "rc")
    for n, c, i, j in np.ndindex(*y.shape):
        window = patch(xp, i, j, k, s)[n, c]
        v, u = np.unravel_index(window.argmax(), window.shape)
        rows[n, c, i, j] = min(i * s[0] + u, xp.shape[2] - 1)
        columns[n, c, i, j] = min(j * s[1] + v, xp.shape[3] - 1)
    return y, lambda d: routed(x, p, rows, columns, d)


class MaskOfAnEarlierCall(MaxPool2D):
    """Keeps the winners of the first image of each size."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = {}

    def compute(self, x, k, s, p):
        y, _ = right(x, k, s, p)
        rows, columns = self.kept.setdefault(x.shape, winners(surround(x, p), k, s, y.shape[2:]))
        return y, lambda d: routed(x, p, rows, columns, d)


class MaskOfTheFirstSample(MaxPool2D):
    def compute(self, x, k, s, p):
        y, _ = right(x, k, s, p)
        rows, columns = (
            np.broadcast_to(found[:1], y.shape)
            for found in winners(surround(x, p), k, s, y.shape[2:])
        )
        return y, lambda d: routed(x, p, rows, columns, d)


class StrideOfOneByDefault(MaxPool2D):
    def __init__(self, kernel_size, stride=1, padding=0):
        super().__init__(kernel_size, stride, padding)

    def compute(self, x, k, s, p):
        return right(x, k, s, p)
