"""The decorators, and layers that hold mathematics only."""

import functools

import numpy as np


def _pair(unit, name, value, least):
    pair = (value, value) if np.isscalar(value) else tuple(value)
    if len(pair) != 2 or any(isinstance(v, str) or v != int(v) or v < least for v in pair):
        raise ValueError(f"{unit}: {name} must be >= {least}, got {value}")
    return int(pair[0]), int(pair[1])


def accepts(ndim=None, least=0, axis=None, attribute=None):
    """Check the number of dimensions, and the size of one axis against an attribute."""

    def decorate(forward):
        @functools.wraps(forward)
        def checked(self, x):
            unit = type(self).__name__
            if ndim is not None and x.ndim != ndim:
                raise ValueError(f"{unit}: expected {ndim} dimensions, got {x.ndim}")
            if x.ndim < least:
                raise ValueError(f"{unit}: expected at least {least} dimensions, got {x.ndim}")
            if attribute is not None and x.shape[axis] != getattr(self, attribute):
                raise ValueError(
                    f"{unit}: expected {attribute} = {getattr(self, attribute)}, got {x.shape}"
                )
            if x.dtype.kind != "f":
                x = x.astype(float)
            y = np.asarray(forward(self, x))
            self._came, self._left = x.shape, y.shape
            return y

        return checked

    return decorate


def follows_forward(backward):
    """Check that there was a `forward`, and that dout has the shape of its result."""

    @functools.wraps(backward)
    def checked(self, dout):
        unit = type(self).__name__
        if self._left is None:
            raise RuntimeError(f"{unit}: backward() called before forward()")
        if dout.shape != self._left:
            raise ValueError(f"{unit}: dout must have shape {self._left}, got {dout.shape}")
        return np.asarray(backward(self, dout))

    return checked


class Layer:
    """What all layers have."""

    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True
        self._came = self._left = None


class Windowed(Layer):
    """A layer that looks at windows, one offset (u, v) inside them at a time."""

    def __init__(self, kernel_size, stride, padding):
        super().__init__()
        unit = type(self).__name__
        self.kernel_size = _pair(unit, "kernel_size", kernel_size, 1)
        self.stride = _pair(unit, "stride", stride, 1)
        self.padding = _pair(unit, "padding", padding, 0)

    def _padded(self, x, value=0.0):
        (ph, pw), unit = self.padding, type(self).__name__
        size = x.shape[2] + 2 * ph, x.shape[3] + 2 * pw
        if size[0] < self.kernel_size[0] or size[1] < self.kernel_size[1]:
            raise ValueError(f"{unit}: {self.kernel_size} windows do not fit input {x.shape}")
        self._grid = tuple(
            (n - k) // s + 1 for n, k, s in zip(size, self.kernel_size, self.stride, strict=True)
        )
        return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)

    def _offsets(self):
        (sh, sw), (oh, ow) = self.stride, self._grid
        for u, v in np.ndindex(*self.kernel_size):
            rows = slice(u, u + sh * (oh - 1) + 1, sh)
            yield (u, v), (slice(None), slice(None), rows, slice(v, v + sw * (ow - 1) + 1, sw))

    def _cropped(self, dxp):
        (ph, pw), (h, w) = self.padding, self._came[2:]
        return dxp[:, :, ph : ph + h, pw : pw + w]


class Conv2D(Windowed):
    """Cross-correlation."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        bias=True,
        dilation=1,
        groups=1,
    ):
        if isinstance(padding, str):
            if padding not in ("same", "same_lower", "valid"):
                raise ValueError(f"Conv2D: unknown padding {padding!r}")
            if padding != "valid":
                raise NotImplementedError(f"unsupported: padding {padding!r}")
            padding = 0
        super().__init__(kernel_size, stride, padding)
        if min(in_channels, out_channels) < 1:
            raise ValueError(f"Conv2D: no channels in {in_channels}, {out_channels}")
        if _pair("Conv2D", "dilation", dilation, 1) != (1, 1) or groups != 1:
            raise NotImplementedError("unsupported: dilation and groups")
        self.in_channels = in_channels
        shape = (out_channels, in_channels, *self.kernel_size)
        scale = np.sqrt(2 / np.prod(shape[1:]))
        self.params["weight"] = np.random.default_rng().normal(0, scale, shape)
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    @accepts(ndim=4, axis=1, attribute="in_channels")
    def forward(self, x):
        self._xp = self._padded(x)
        weight = self.params["weight"]
        terms = (
            np.tensordot(self._xp[window], weight[:, :, u, v], axes=(1, 1))
            for (u, v), window in self._offsets()
        )
        y = functools.reduce(np.add, terms).transpose(0, 3, 1, 2)
        if "bias" in self.params:
            y = y + self.params["bias"][:, None, None]
        return y

    @follows_forward
    def backward(self, dout):
        weight, dxp = self.params["weight"], np.zeros_like(self._xp)
        dweight = np.zeros_like(weight)
        for (u, v), window in self._offsets():
            dxp[window] += np.tensordot(dout, weight[:, :, u, v], axes=(1, 0)).transpose(0, 3, 1, 2)
            dweight[:, :, u, v] = np.tensordot(dout, self._xp[window], ((0, 2, 3), (0, 2, 3)))
        self.grads["weight"] = dweight
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        return self._cropped(dxp)


class MaxPool2D(Windowed):
    """The largest of each window."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, kernel_size if stride is None else stride, padding)

    @accepts(ndim=4)
    def forward(self, x):
        xp = self._padded(x, -np.inf)
        best = np.full((*x.shape[:2], *self._grid), -np.inf, x.dtype)
        self._winner = np.zeros(best.shape, int)
        for k, (_, window) in enumerate(self._offsets()):
            better = xp[window] > best
            best = np.where(better, xp[window], best)
            self._winner[better] = k
        self._padded_shape = xp.shape
        return best

    @follows_forward
    def backward(self, dout):
        dxp = np.zeros(self._padded_shape, dout.dtype)
        for k, (_, window) in enumerate(self._offsets()):
            dxp[window] += np.where(self._winner == k, dout, 0)
        return self._cropped(dxp)


class Flatten(Layer):
    """(N, ...) becomes (N, D)."""

    @accepts(least=2)
    def forward(self, x):
        return x.reshape(len(x), int(np.prod(x.shape[1:])))

    @follows_forward
    def backward(self, dout):
        return dout.reshape(self._came)


class Dense(Layer):
    """A matrix product and a bias."""

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        if min(in_features, out_features) < 1:
            raise ValueError(f"Dense: no features in {in_features}, {out_features}")
        self.in_features = in_features
        bound = in_features**-0.5
        self.params["weight"] = np.random.uniform(-bound, bound, (out_features, in_features))
        if bias:
            self.params["bias"] = np.random.uniform(-bound, bound, out_features)

    @accepts(ndim=2, axis=1, attribute="in_features")
    def forward(self, x):
        self._x = x
        return x @ self.params["weight"].T + self.params.get("bias", x.dtype.type(0))

    @follows_forward
    def backward(self, dout):
        self.grads["weight"] = dout.T @ self._x
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"]


class ReLU(Layer):
    """The positive part."""

    @accepts()
    def forward(self, x):
        self._positive = x > 0
        return x * self._positive

    @follows_forward
    def backward(self, dout):
        return dout * self._positive


class Dropout(Layer):
    """Random zeros while training, by a binomial draw for each element."""

    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p must be a probability, got {p}")
        self.p, self.rng = p, np.random.default_rng(rng)

    @accepts()
    def forward(self, x):
        self._factor = None
        if not self.training or self.p == 0:
            return x
        kept = self.rng.binomial(1, 1 - self.p, size=x.shape).astype(x.dtype)
        self._factor = kept / x.dtype.type(1 - self.p) if self.p < 1 else kept
        return x * self._factor

    @follows_forward
    def backward(self, dout):
        return dout if self._factor is None else dout * self._factor
