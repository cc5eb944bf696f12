"""Layers that leave the gradients of their parameters for later."""

import numpy as np

from .lazy import Lazy


class Module:
    def __init__(self):
        self.params = {}
        self.grads = {}
        self.training = True
        self._shape = None

    def _error(self, text):
        return ValueError(f"{type(self).__name__}: {text}")

    def _number(self, **sizes):
        for name, size in sizes.items():
            if size < 1:
                raise self._error(f"{name} must be at least 1, got {size}")

    def _done(self, y):
        self._shape = y.shape
        return y

    def _dout(self, dout):
        if self._shape is None:
            raise RuntimeError(f"{type(self).__name__}: backward before forward")
        if dout.shape != self._shape:
            raise self._error(f"output has shape {self._shape}, dout has shape {dout.shape}")
        return np.array(dout)


def as_float(x):
    return np.array(x, dtype=x.dtype if x.dtype.kind == "f" else float)


def pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


class Conv2D(Module):
    """Cross-correlation, one group at a time, one element of the kernel at a time."""

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
        super().__init__()
        self._number(in_channels=in_channels, out_channels=out_channels, groups=groups)
        self.kernel, self.stride, self.dilation = pair(kernel_size), pair(stride), pair(dilation)
        for name in ("kernel", "stride", "dilation"):
            if len(getattr(self, name)) != 2 or min(getattr(self, name)) < 1:
                raise self._error(f"{name} must be at least 1, got {getattr(self, name)}")
        if in_channels % groups or out_channels % groups:
            raise self._error(f"{groups} groups for {in_channels} and {out_channels} channels")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        whole = [d * (k - 1) for d, k in zip(self.dilation, self.kernel, strict=True)]
        if padding in ("same", "same_lower"):
            self.pads = [(n // 2, n - n // 2)[:: 1 if padding == "same" else -1] for n in whole]
        elif padding == "valid":
            self.pads = [(0, 0), (0, 0)]
        elif isinstance(padding, str) or min(pair(padding)) < 0:
            raise self._error(f"padding must be a name or at least 0, got {padding!r}")
        else:
            self.pads = [(p, p) for p in pair(padding)]
        shape = (out_channels, in_channels // groups, *self.kernel)
        self.params["weight"] = np.random.normal(scale=np.prod(shape[1:]) ** -0.5, size=shape)
        if bias:
            self.params["bias"] = np.random.normal(scale=0.01, size=out_channels)

    def _taps(self, size):
        """Return (u, v) and the slices of all windows' elements at (u, v)."""
        (sh, sw), (dh, dw), (oh, ow) = self.stride, self.dilation, size
        for u in range(self.kernel[0]):
            for v in range(self.kernel[1]):
                rows = slice(u * dh, u * dh + sh * (oh - 1) + 1, sh)
                yield u, v, (..., rows, slice(v * dw, v * dw + sw * (ow - 1) + 1, sw))

    def _by_group(self, array, axis=1):
        return np.split(array, self.groups, axis=axis)

    def forward(self, x):
        if x.ndim != 4:
            raise self._error(f"needs 4 dimensions, got {x.ndim}")
        if x.shape[1] != self.in_channels:
            raise self._error(f"needs {self.in_channels} channels, got shape {x.shape}")
        xp = np.pad(as_float(x), [(0, 0), (0, 0), *self.pads])
        span = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True)]
        if xp.shape[2] < span[0] or xp.shape[3] < span[1]:
            raise self._error(f"shape {x.shape} is too small for a kernel over {span}")
        size = [
            (n - s) // step + 1 for n, s, step in zip(xp.shape[2:], span, self.stride, strict=True)
        ]
        weight, outs = self.params["weight"], []
        for part, w in zip(self._by_group(xp), self._by_group(weight, 0), strict=True):
            taps = self._taps(size)
            outs.append(sum(np.einsum("ncij,kc->nkij", part[s], w[:, :, u, v]) for u, v, s in taps))
        y = np.concatenate(outs, axis=1)
        if "bias" in self.params:
            y = y + self.params["bias"].reshape(1, -1, 1, 1)
        self._xp, self._x_size = xp, x.shape[2:]
        return self._done(y)

    def backward(self, dout):
        dout, xp, weight = self._dout(dout), self._xp, self.params["weight"]

        def weight_gradient():
            gradient = np.empty(weight.shape, dout.dtype)
            by_group = zip(
                self._by_group(gradient, 0), self._by_group(xp), self._by_group(dout), strict=True
            )
            for g, part, d in by_group:
                for u, v, s in self._taps(dout.shape[2:]):
                    g[:, :, u, v] = np.einsum("nkij,ncij->kc", d, part[s])
            return gradient

        self.grads = Lazy(weight=weight_gradient, bias=lambda: dout.sum(axis=(0, 2, 3)))
        if "bias" not in self.params:
            del self.grads["bias"]
        dxp = np.zeros(xp.shape, dout.dtype)
        by_group = zip(
            self._by_group(dxp), self._by_group(dout), self._by_group(weight, 0), strict=True
        )
        for dpart, d, w in by_group:
            for u, v, s in self._taps(dout.shape[2:]):
                dpart[s] += np.einsum("nkij,kc->ncij", d, w[:, :, u, v])
        (top, _), (left, _) = self.pads
        return dxp[:, :, top : top + self._x_size[0], left : left + self._x_size[1]]


class MaxPool2D(Module):
    """The largest of each window, window by window of the output."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel = pair(kernel_size)
        self.stride = self.kernel if stride is None else pair(stride)
        self.padding = pair(padding)
        most = min(k - 2 * p for k, p in zip(self.kernel, self.padding, strict=True))
        if min(self.kernel + self.stride) < 1 or min(self.padding) < 0 or most < 0:
            raise self._error(
                f"kernel {self.kernel}, stride {self.stride} and padding {self.padding} do not work"
            )

    def forward(self, x):
        if x.ndim != 4:
            raise self._error(f"needs 4 dimensions, got {x.ndim}")
        (ph, pw), (kh, kw), (sh, sw) = self.padding, self.kernel, self.stride
        oh, ow = (x.shape[2] + 2 * ph - kh) // sh + 1, (x.shape[3] + 2 * pw - kw) // sw + 1
        if oh < 1 or ow < 1:
            raise self._error(f"shape {x.shape} is too small for windows of {self.kernel}")
        x = as_float(x)
        y = np.full((*x.shape[:2], oh, ow), -np.inf, x.dtype)
        self._row, self._column = np.zeros((2, *y.shape), int)
        for i in range(oh):
            for j in range(ow):
                top, left = max(i * sh - ph, 0), max(j * sw - pw, 0)
                window = x[:, :, top : i * sh - ph + kh, left : j * sw - pw + kw]
                if window.size:
                    flat = window.reshape(*x.shape[:2], -1)
                    y[:, :, i, j] = flat.max(axis=2)
                    row, column = np.divmod(flat.argmax(axis=2), window.shape[3])
                    self._row[:, :, i, j], self._column[:, :, i, j] = top + row, left + column
        self._x_shape = x.shape
        return self._done(y)

    def backward(self, dout):
        dout = self._dout(dout)
        dx = np.zeros(self._x_shape, dout.dtype)
        for place in np.ndindex(dout.shape):
            dx[place[0], place[1], self._row[place], self._column[place]] += dout[place]
        return dx


class Flatten(Module):
    def forward(self, x):
        if x.ndim < 2:
            raise self._error(f"needs 2 dimensions or more, got {x.ndim}")
        self._x_shape = x.shape
        return self._done(np.array([sample.ravel() for sample in x]))

    def backward(self, dout):
        return self._dout(dout).reshape(self._x_shape)


class Dense(Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self._number(in_features=in_features, out_features=out_features)
        self.in_features = in_features
        scale = np.sqrt(2 / in_features)
        self.params["weight"] = np.random.normal(scale=scale, size=(out_features, in_features))
        if bias:
            self.params["bias"] = np.zeros((out_features,))

    def forward(self, x):
        if x.ndim != 2 or x.shape[1] != self.in_features:
            raise self._error(f"needs shape (N, {self.in_features}), got shape {x.shape}")
        self._x = as_float(x)
        y = self._x @ self.params["weight"].transpose()
        return self._done(y + self.params["bias"] if "bias" in self.params else y)

    def backward(self, dout):
        dout, x = self._dout(dout), self._x
        self.grads = Lazy(weight=lambda: dout.T @ x)
        if "bias" in self.params:
            self.grads["bias"] = lambda: dout.sum(0)
        return dout @ self.params["weight"]


class ReLU(Module):
    def forward(self, x):
        self._x = as_float(x)
        return self._done(np.asarray(np.maximum(self._x, 0)))

    def backward(self, dout):
        dx = self._dout(dout)
        dx[self._x <= 0] = 0
        return dx


class BatchNorm2D(Module):
    """Normalization with private running statistics; `buffers` is a property."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self._number(num_features=num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self._mean, self._var = np.zeros(num_features), np.ones(num_features)

    @property
    def buffers(self):
        return {"running_mean": self._mean, "running_var": self._var}

    def forward(self, x):
        if x.ndim != 4 or x.shape[1] != self.num_features:
            raise self._error(f"needs shape (N, {self.num_features}, H, W), got shape {x.shape}")
        x = as_float(x)
        mean, var = self._mean, self._var
        self._learning = self.training
        if self._learning:
            mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            unbiased = x.var(axis=(0, 2, 3), ddof=1) if x.size > self.num_features else var
            self._mean[:] = (1 - self.momentum) * self._mean + self.momentum * mean
            self._var[:] = (1 - self.momentum) * self._var + self.momentum * unbiased
        self._factor = ((var + self.eps) ** -0.5).astype(x.dtype).reshape(-1, 1, 1)
        self._xhat = self._factor * (x - mean.astype(x.dtype).reshape(-1, 1, 1))
        weight, bias = (self.params[k].reshape(-1, 1, 1) for k in ("weight", "bias"))
        return self._done(weight * self._xhat + bias)

    def backward(self, dout):
        dout, xhat, axes = self._dout(dout), self._xhat, (0, 2, 3)
        self.grads = Lazy(
            weight=lambda: np.einsum("nchw,nchw->c", dout, xhat), bias=lambda: dout.sum(axis=axes)
        )
        dxhat = dout * self.params["weight"].reshape(-1, 1, 1)
        if self._learning:
            along = (dxhat * xhat).mean(axis=axes, keepdims=True)
            dxhat = dxhat - dxhat.mean(axis=axes, keepdims=True) - xhat * along
        return dxhat * self._factor


class RNN(Module):
    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        super().__init__()
        self._number(input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        try:
            self._f, self._slope = {
                "tanh": (np.tanh, lambda h: 1 - h * h),
                "relu": (lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(h.dtype)),
            }[nonlinearity]
        except KeyError:
            raise self._error(f"nonlinearity is tanh or relu, got {nonlinearity!r}") from None
        k = hidden_size**-0.5
        self.params["weight_ih_l0"] = np.random.uniform(-k, k, (hidden_size, input_size))
        self.params["weight_hh_l0"] = np.random.uniform(-k, k, (hidden_size, hidden_size))
        self.params["bias_ih_l0"] = np.random.uniform(-k, k, hidden_size)
        self.params["bias_hh_l0"] = np.random.uniform(-k, k, hidden_size)

    def forward(self, x):
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise self._error(f"needs shape (N, T, {self.input_size}), got shape {x.shape}")
        x, p = as_float(x).swapaxes(0, 1), self.params
        h = np.zeros((len(x) + 1, x.shape[1], self.hidden_size), np.result_type(x, *p.values()))
        for t, step in enumerate(x):
            ours = step @ p["weight_ih_l0"].T + p["bias_ih_l0"]
            h[t + 1] = self._f(ours + h[t] @ p["weight_hh_l0"].T + p["bias_hh_l0"])
        self._x, self._h = x, h
        return self._done(h[1:].swapaxes(0, 1).copy())

    def backward(self, dout):
        d = self._dout(dout).swapaxes(0, 1)
        x, h, p = self._x, self._h, self.params
        carried = np.zeros(d.shape[1:], d.dtype)
        da = np.empty_like(d)
        for t in range(len(d) - 1, -1, -1):
            da[t] = (d[t] + carried) * self._slope(h[t + 1])
            carried = da[t] @ p["weight_hh_l0"]
        self.grads = Lazy(
            weight_ih_l0=lambda: np.tensordot(da, x, ((0, 1), (0, 1))),
            weight_hh_l0=lambda: np.tensordot(da, h[:-1], ((0, 1), (0, 1))),
            bias_ih_l0=lambda: da.sum(axis=(0, 1)),
            bias_hh_l0=lambda: da.sum(axis=(0, 1)),
        )
        return (da @ p["weight_ih_l0"]).swapaxes(0, 1)
