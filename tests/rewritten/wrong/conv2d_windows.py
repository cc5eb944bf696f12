"""Convolutions by einsum over strided windows, some with the channels last."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from tests.rewritten.scaffold import conv2d


def windows(xp, k, s):
    """Return the windows of an NHWC image: (N, OH, OW, C, KH, KW)."""
    return sliding_window_view(xp, k, axis=(1, 2))[:, :: s[0], :: s[1]]


def surround(x, p):
    return np.pad(x, ((0, 0), (p[0], p[0]), (p[1], p[1]), (0, 0)))


def dilate(d, s):
    """Return NHWC gradients with s - 1 zeros between neighbours."""
    N, OH, OW, K = d.shape
    z = np.zeros((N, (OH - 1) * s[0] + 1, (OW - 1) * s[1] + 1, K), d.dtype)
    z[:, :: s[0], :: s[1]] = d
    return z


def full(z, kernel):
    """Return the full correlation of dilated gradients with a kernel (K, C, KH, KW)."""
    KH, KW = kernel.shape[2:]
    return np.einsum(
        "nhwkij,kcij->nhwc", windows(surround(z, (KH - 1, KW - 1)), (KH, KW), (1, 1)), kernel
    )


def placed(dxp, shape, p):
    """Return dx: what is inside of the padding, with zeros where no window reaches."""
    N, C, H, W = shape
    canvas = np.zeros((N, H + 2 * p[0], W + 2 * p[1], C))
    canvas[:, : dxp.shape[1], : dxp.shape[2]] = dxp[:, : H + 2 * p[0], : W + 2 * p[1]]
    return canvas[:, p[0] : p[0] + H, p[1] : p[1] + W].transpose(0, 3, 1, 2)


def parts(x, w, b, s, p):
    xp = surround(x.transpose(0, 2, 3, 1), p)
    win = windows(xp, w.shape[2:], s)
    y = np.einsum("nhwcij,kcij->nkhw", win, w, optimize=True) + b[:, None, None]
    return y, win


def back_of(x, w, s, p, win, flip=lambda w: w[:, :, ::-1, ::-1]):
    def back(d):
        d = d.transpose(0, 2, 3, 1)
        dx = placed(full(dilate(d, s), flip(w)), x.shape, p)
        return dx, np.einsum("nhwk,nhwcij->kcij", d, win), d.sum(axis=(0, 1, 2))

    return back


@conv2d
def kernel_not_rotated(x, w, b, s, p):
    y, win = parts(x, w, b, s, p)
    return y, back_of(x, w, s, p, win, lambda w: w)


@conv2d
def kernel_upside_down(x, w, b, s, p):
    y, win = parts(x, w, b, s, p)
    return y, back_of(x, w, s, p, win, lambda w: np.flip(w, axis=2))


@conv2d
def rotated_then_transposed(x, w, b, s, p):
    """The rows and columns of the rotated kernel are swapped."""
    y, win = parts(x, w, b, s, p)

    def flip(w):
        return w[:, :, ::-1, ::-1].swapaxes(2, 3).reshape(w.shape)

    return y, back_of(x, w, s, p, win, flip)


@conv2d
def true_convolution(x, w, b, s, p):
    """Convolves with the rotated kernel, forward and backward."""
    y, win = parts(x, w[:, :, ::-1, ::-1], b, s, p)
    back = back_of(x, w[:, :, ::-1, ::-1], s, p, win)

    def consistent(d):
        dx, dw, db = back(d)
        return dx, dw[:, :, ::-1, ::-1], db

    return y, consistent


@conv2d
def true_convolution_forward_only(x, w, b, s, p):
    y, _ = parts(x, np.flip(w, (2, 3)), b, s, p)
    _, win = parts(x, w, b, s, p)
    return y, back_of(x, w, s, p, win)


@conv2d
def dilated_at_the_wrong_end(x, w, b, s, p):
    """Puts the zeros before each gradient instead of after it."""
    y, win = parts(x, w, b, s, p)
    right = back_of(x, w, s, p, win)

    def back(d):
        _, dw, db = right(d)
        e = d.transpose(0, 2, 3, 1)
        z = np.kron(
            e, np.pad(np.ones((1, 1, 1, 1)), ((0, 0), (s[0] - 1, 0), (s[1] - 1, 0), (0, 0)))
        )
        return placed(full(z, w[:, :, ::-1, ::-1]), x.shape, p), dw, db

    return y, back


@conv2d
def weight_gradient_with_stride_one(x, w, b, s, p):
    y, win = parts(x, w, b, s, p)
    right = back_of(x, w, s, p, win)
    xp = surround(x.transpose(0, 2, 3, 1), p)

    def back(d):
        dx, _, db = right(d)
        OH, OW = d.shape[2:]
        dw = np.zeros(w.shape)
        for u, v in np.ndindex(*w.shape[2:]):
            dw[:, :, u, v] = np.einsum("nkhw,nhwc->kc", d, xp[:, u : u + OH, v : v + OW])
        return dx, dw, db

    return y, back


@conv2d
def stride_only_in_the_size(x, w, b, s, p):
    """Takes neighbouring windows whatever the stride, as many as the stride asks for."""
    y, win = parts(x, w, b, s, p)
    xp = surround(x.transpose(0, 2, 3, 1), p)
    near = windows(xp, w.shape[2:], (1, 1))[:, : y.shape[2], : y.shape[3]]
    y = np.einsum("nhwcij,kcij->nkhw", near, w) + b[:, None, None]
    return y, back_of(x, w, s, p, win)


@conv2d
def input_gradient_summed_over_channels(x, w, b, s, p):
    y, win = parts(x, w, b, s, p)
    right = back_of(x, w, s, p, win)

    def back(d):
        dx, dw, db = right(d)
        return np.broadcast_to(dx.sum(axis=1, keepdims=True), x.shape), dw, db

    return y, back


@conv2d
def input_gradient_negative_and_reversed(x, w, b, s, p):
    y, win = parts(x, w, b, s, p)
    right = back_of(x, w, s, p, win)

    def back(d):
        dx, dw, db = right(d)
        return -dx[:, ::-1], dw, db

    return y, back


@conv2d
def input_gradient_from_the_corner(x, w, b, s, p):
    """Crops dx from the corner of the padded gradient, so that it is shifted by the padding."""
    y, win = parts(x, w, b, s, p)
    right = back_of(x, w, s, p, win)

    def back(d):
        _, dw, db = right(d)
        dxp = full(dilate(d.transpose(0, 2, 3, 1), s), w[:, :, ::-1, ::-1])
        N, C, H, W = x.shape
        dx = np.zeros((N, H + 2 * p[0], W + 2 * p[1], C))
        dx[:, : dxp.shape[1], : dxp.shape[2]] = dxp
        return dx[:, :H, :W].transpose(0, 3, 1, 2), dw, db

    return y, back


@conv2d
def strides_of_the_unpadded_image(x, w, b, s, p):
    """Makes the windows with as_strided, and with the strides of x where xp is read."""
    y, win = parts(x, w, b, s, p)
    xp = np.ascontiguousarray(np.pad(x, ((0, 0), (0, 0), (p[0], p[0]), (p[1], p[1]))))
    sn, sc, sh, sw = x.strides
    shape = (*x.shape[:2], *y.shape[2:], *w.shape[2:])
    view = as_strided(xp, shape, (sn, sc, sh * s[0], sw * s[1], sh, sw))
    y = np.einsum("ncijuv,kcuv->nkij", view, w) + b[:, None, None]
    return y, back_of(x, w, s, p, win)
