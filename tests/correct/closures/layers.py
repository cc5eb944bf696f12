"""Functions that return layers."""

from functools import partial
from types import SimpleNamespace

import numpy as np


def _make_layer(unit, enter, leave, params=None):
    """Return a layer of enter(x) -> (y, kept) and leave(dout, kept) -> (dx, grads)."""
    layer = SimpleNamespace(params=params or {}, grads={}, training=True)
    latest = None

    def forward(x):
        nonlocal latest
        x = np.asarray(x, dtype=None if x.dtype.kind == "f" else np.float64)
        y, kept = enter(layer, x)
        latest = y.shape, kept
        return y

    def backward(dout):
        if latest is None:
            raise RuntimeError(f"{unit}.backward was called, but {unit}.forward was not")
        shape, kept = latest
        if dout.shape != shape:
            raise ValueError(f"{unit}.backward: dout is {dout.shape}, the output was {shape}")
        dx, grads = leave(layer, dout, kept)
        layer.grads.clear()
        layer.grads.update(grads)
        return dx

    layer.forward, layer.backward = forward, backward
    return layer


def _need(condition, text):
    if not condition:
        raise ValueError(text)


def _two(value):
    return tuple(value) if np.iterable(value) else (value, value)


def _windows(unit, kernel_size, stride, padding, fill=0.0):
    """Return functions that cut an image into windows and add windows up to an image."""
    (kh, kw), (sh, sw), (ph, pw) = sizes = [_two(v) for v in (kernel_size, stride, padding)]
    _need(min(kh, kw, sh, sw) > 0 and min(ph, pw) >= 0, f"{unit}: sizes {sizes} are out of range")

    def cut(x):
        _need(x.ndim == 4, f"{unit}: x has {x.ndim} dimensions instead of 4")
        n, c, h, w = x.shape
        fits = h + 2 * ph >= kh and w + 2 * pw >= kw
        _need(fits, f"{unit}: x is {x.shape}, smaller than a window of {kh, kw}")
        xp = np.full((n, c, h + 2 * ph, w + 2 * pw), fill, x.dtype)
        xp[..., ph : ph + h, pw : pw + w] = x
        shape = (n, c, (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1, kh, kw)
        a, b, r, s = xp.strides
        strides = (a, b, r * sh, s * sw, r, s)
        return np.lib.stride_tricks.as_strided(xp, shape, strides, writeable=False)

    def paste(parts, x_shape):
        n, c, h, w = x_shape
        oh, ow = parts.shape[2:4]
        dxp = np.zeros((n, c, h + 2 * ph, w + 2 * pw), parts.dtype)
        for u, v in np.ndindex(kh, kw):
            dxp[..., u : u + sh * oh : sh, v : v + sw * ow : sw] += parts[..., u, v]
        return dxp[..., ph : ph + h, pw : pw + w]

    return cut, paste


def Conv2D(in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, **options):
    if options or isinstance(padding, str):
        raise NotImplementedError("unsupported: padding by name, dilation and groups")
    cut, paste = _windows("Conv2D", kernel_size, stride, padding)
    channels = f"Conv2D: there are no {in_channels} or {out_channels} channels"
    _need(in_channels > 0 and out_channels > 0, channels)
    shape = (out_channels, in_channels, *_two(kernel_size))
    params = {"weight": np.random.default_rng().normal(0, 0.5 / np.sqrt(np.prod(shape[1:])), shape)}
    if bias:
        params["bias"] = np.zeros(out_channels)

    def enter(layer, x):
        windows = cut(x)
        channels = f"Conv2D: x is {x.shape}, but should have {in_channels} channels"
        _need(x.shape[1] == in_channels, channels)
        y = np.einsum("ncijuv,kcuv->nkij", windows, layer.params["weight"])
        if bias:
            y += layer.params["bias"][:, None, None]
        return y, (windows, x.shape)

    def leave(layer, dout, kept):
        windows, x_shape = kept
        grads = {"weight": np.einsum("ncijuv,nkij->kcuv", windows, dout)}
        if bias:
            grads["bias"] = np.einsum("nkij->k", dout)
        return paste(np.einsum("nkij,kcuv->ncijuv", dout, layer.params["weight"]), x_shape), grads

    return _make_layer("Conv2D", enter, leave, params)


def MaxPool2D(kernel_size, stride=None, padding=0):
    stride = kernel_size if stride is None else stride
    cut, paste = _windows("MaxPool2D", kernel_size, stride, padding, fill=-np.inf)

    def enter(layer, x):
        windows = cut(x)
        flat = windows.reshape(*windows.shape[:4], -1)
        return flat.max(axis=-1), (flat.argmax(axis=-1), windows.shape, x.shape)

    def leave(layer, dout, kept):
        winner, shape, x_shape = kept
        parts = np.zeros((dout.size, shape[4] * shape[5]), dout.dtype)
        parts[np.arange(dout.size), winner.ravel()] = dout.ravel()
        return paste(parts.reshape(shape), x_shape), {}

    return _make_layer("MaxPool2D", enter, leave)


def AvgPool2D(kernel_size, stride=None, padding=0, count_include_pad=True):
    stride = kernel_size if stride is None else stride
    cut, paste = _windows("AvgPool2D", kernel_size, stride, padding)

    def enter(layer, x):
        windows = cut(x)
        if count_include_pad:
            return windows.mean(axis=(4, 5)), (windows.shape[4] * windows.shape[5], windows, x)
        count = cut(np.ones_like(x)).sum(axis=(4, 5))
        return windows.sum(axis=(4, 5)) / count, (count, windows, x)

    def leave(layer, dout, kept):
        count, windows, x = kept
        return paste(np.broadcast_to((dout / count)[..., None, None], windows.shape), x.shape), {}

    return _make_layer("AvgPool2D", enter, leave)


def _global(unit, pool, unpool):
    def enter(layer, x):
        _need(x.ndim == 4, f"{unit}: x has {x.ndim} dimensions instead of 4")
        return pool(x, axis=(2, 3)), x

    return _make_layer(unit, enter, lambda layer, dout, x: (unpool(x, dout[..., None, None]), {}))


def _to_first(x, dout):
    flat = x.reshape(*x.shape[:2], -1)
    first = np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]
    return first.reshape(x.shape) * dout


def _to_all(x, dout):
    return np.ones_like(x) * (dout / (x.shape[2] * x.shape[3]))


GlobalAvgPool2D = partial(_global, "GlobalAvgPool2D", np.mean, _to_all)
GlobalMaxPool2D = partial(_global, "GlobalMaxPool2D", np.max, _to_first)


def Flatten():
    def enter(layer, x):
        _need(x.ndim >= 2, f"Flatten: x has {x.ndim} dimensions, which are not enough")
        return x.reshape(len(x), int(np.prod(x.shape[1:]))), x.shape

    return _make_layer("Flatten", enter, lambda layer, dout, shape: (dout.reshape(shape), {}))


def Dense(in_features, out_features, bias=True):
    features = f"Dense: there are no {in_features} or {out_features} features"
    _need(in_features > 0 and out_features > 0, features)
    scale = np.sqrt(2 / (in_features + out_features))
    params = {"weight": np.random.default_rng().normal(0, scale, (out_features, in_features))}
    if bias:
        params["bias"] = np.zeros(out_features)

    def enter(layer, x):
        _need(x.ndim == 2, f"Dense: x has {x.ndim} dimensions instead of 2")
        _need(x.shape[1] == in_features, f"Dense: x is {x.shape}, but should be (N, {in_features})")
        y = x @ layer.params["weight"].T
        return (y + layer.params["bias"] if bias else y), x

    def leave(layer, dout, x):
        grads = {"weight": dout.T @ x} | ({"bias": dout.sum(axis=0)} if bias else {})
        return dout @ layer.params["weight"], grads

    return _make_layer("Dense", enter, leave, params)


def _elementwise(unit, curve):
    """Return a layer of curve(x) -> (y, slope)."""

    def enter(layer, x):
        y, slope = curve(x)
        return np.asarray(y, x.dtype), slope

    def leave(layer, dout, slope):
        return np.asarray(dout * slope, dout.dtype), {}

    return _make_layer(unit, enter, leave)


def _sigmoid(x):
    y = np.exp(-np.logaddexp(0, -x))
    return y, y * (1 - y)


def _tanh(x):
    y = np.tanh(x)
    return y, 1 - y**2


ReLU = partial(_elementwise, "ReLU", lambda x: (np.where(x > 0, x, 0), x > 0))
Sigmoid = partial(_elementwise, "Sigmoid", _sigmoid)
Tanh = partial(_elementwise, "Tanh", _tanh)


def LeakyReLU(negative_slope=0.01):
    def curve(x):
        slope = np.where(x > 0, 1, negative_slope)
        return x * slope, slope

    return _elementwise("LeakyReLU", curve)


def ELU(alpha=1.0):
    def curve(x):
        below = np.expm1(np.where(x > 0, 0, x))
        return np.where(x > 0, x, alpha * below), np.where(x > 0, 1, alpha * (below + 1))

    return _elementwise("ELU", curve)


def Softmax():
    def enter(layer, x):
        _need(x.ndim >= 2, f"Softmax: x has {x.ndim} dimensions, which are not enough")
        z = x - x.max(axis=-1, keepdims=True)
        y = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
        return y.copy(), y

    def leave(layer, dout, y):
        return y * (dout - (y * dout).sum(axis=-1, keepdims=True)), {}

    return _make_layer("Softmax", enter, leave)


def Dropout(p=0.5, rng=None):
    _need(0 <= p <= 1, f"Dropout: p is {p}, which is no probability")
    draw = np.random.random if rng is None else np.random.default_rng(rng).random

    def enter(layer, x):
        if not layer.training:
            return x, None
        kept = draw(x.shape) >= p
        factor = kept * x.dtype.type(1 / (1 - p) if p < 1 else 0)
        return np.asarray(x * factor), factor

    def leave(layer, dout, factor):
        return (dout if factor is None else np.asarray(dout * factor)), {}

    return _make_layer("Dropout", enter, leave)
