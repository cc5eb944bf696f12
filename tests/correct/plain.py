"""What a style does not concern: plain units that other files take."""

import numpy as np


def pair(unit, name, value, least):
    """Return (height, width) of an int or a pair, each at least `least`."""
    h, w = value if isinstance(value, (tuple, list)) else (value, value)
    if h < least or w < least:
        raise ValueError(f"{unit}: {name} must be at least {least}, but is {value}")
    return int(h), int(w)


def output_size(unit, shape, kernel, stride, padding):
    """Return (OH, OW) for images of some shape."""
    sizes = []
    for length, k, s, p in zip(shape[2:], kernel, stride, padding, strict=True):
        if length + 2 * p < k:
            raise ValueError(f"{unit}: an image of shape {shape} is smaller than a window of {k}")
        sizes.append((length + 2 * p - k) // s + 1)
    return tuple(sizes)


class Layer:
    """No parameters, in training, nothing seen yet."""

    y_shape = None

    def __init__(self):
        self.params = {}
        self.grads = {}
        self.training = True

    def check_dout(self, dout):
        """Refuse a dout that does not fit the latest forward."""
        name = type(self).__name__
        if self.y_shape is None:
            raise RuntimeError(f"{name}.backward was called before {name}.forward")
        if dout.shape != self.y_shape:
            raise ValueError(f"{name}.backward: dout is {dout.shape}, the output {self.y_shape}")


class Convolution(Layer):
    """A Conv2D but for the arithmetic: `convolve(x) -> y` and `gradients(dout) -> dx`."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.channels, self.filters = in_channels, out_channels
        self.kernel = pair("Conv2D", "kernel_size", kernel_size, 1)
        self.stride = pair("Conv2D", "stride", stride, 1)
        self.padding = pair("Conv2D", "padding", padding, 0)
        shape = (out_channels, in_channels, *self.kernel)
        self.params["weight"] = np.random.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape)
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError(f"Conv2D wants images (N, C, H, W), not an array of shape {x.shape}")
        if x.shape[1] != self.channels:
            raise ValueError(f"Conv2D has {self.channels} input channels, x has {x.shape[1]}")
        self.size = output_size("Conv2D", x.shape, self.kernel, self.stride, self.padding)
        self.x = x
        self.y_shape = (len(x), self.filters, *self.size)
        return self.convolve(x)

    def backward(self, dout):
        self.check_dout(dout)
        return self.gradients(dout)

    def padded(self, x):
        """Return x with its border of zeros."""
        (ph, pw) = self.padding
        return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))

    def cropped(self, xp):
        """Return what of a padded image is not its border."""
        (ph, pw), (H, W) = self.padding, self.x.shape[2:]
        return xp[:, :, ph : ph + H, pw : pw + W]

    def set_bias_gradient(self, dout):
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=(0, 2, 3))


class Pooling(Layer):
    """A MaxPool2D but for the arithmetic: `pool(xp) -> y` and `unpool(dout) -> dxp`."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel = pair("MaxPool2D", "kernel_size", kernel_size, 1)
        self.stride = pair("MaxPool2D", "stride", kernel_size if stride is None else stride, 1)
        self.padding = pair("MaxPool2D", "padding", padding, 0)

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError(f"MaxPool2D wants images (N, C, H, W), not shape {x.shape}")
        self.size = output_size("MaxPool2D", x.shape, self.kernel, self.stride, self.padding)
        self.x_shape = x.shape
        self.y_shape = (*x.shape[:2], *self.size)
        (ph, pw) = self.padding
        border = ((0, 0), (0, 0), (ph, ph), (pw, pw))
        return self.pool(np.pad(x, border, constant_values=-np.inf))

    def backward(self, dout):
        self.check_dout(dout)
        (ph, pw), (H, W) = self.padding, self.x_shape[2:]
        return self.unpool(dout)[:, :, ph : ph + H, pw : pw + W]


class MaxPool2D(Pooling):
    """Element (i, j) of all windows at a time."""

    def slices(self):
        """Yield, for each place in a window, where it is in the image, for all windows."""
        (KH, KW), (SH, SW), (OH, OW) = self.kernel, self.stride, self.size
        for i in range(KH):
            for j in range(KW):
                yield np.s_[:, :, i : i + SH * (OH - 1) + 1 : SH, j : j + SW * (OW - 1) + 1 : SW]

    def pool(self, xp):
        y = np.full(self.y_shape, -np.inf, xp.dtype)
        self.winner = np.full(self.y_shape, -1)
        for number, place in enumerate(self.slices()):
            better = xp[place] > y
            y[better] = xp[place][better]
            self.winner[better] = number
        self.padded_shape = xp.shape
        return y

    def unpool(self, dout):
        dxp = np.zeros(self.padded_shape, dout.dtype)
        for number, place in enumerate(self.slices()):
            dxp[place] += np.where(self.winner == number, dout, 0)
        return dxp


class Flatten(Layer):
    def forward(self, x):
        if x.ndim < 2:
            raise ValueError(f"Flatten needs a batch axis and at least one more: {x.shape}")
        self.x_shape = x.shape
        y = np.reshape(x, (len(x), -1))
        self.y_shape = y.shape
        return y

    def backward(self, dout):
        self.check_dout(dout)
        return np.reshape(dout, self.x_shape)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.params["weight"] = np.random.normal(0, in_features**-0.5, (out_features, in_features))
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def forward(self, x):
        features = self.params["weight"].shape[1]
        if x.ndim != 2 or x.shape[1] != features:
            raise ValueError(f"Dense: x must be (N, {features}), got {x.shape}")
        self.x = x
        y = x @ self.params["weight"].T
        if "bias" in self.params:
            y += self.params["bias"]
        self.y_shape = y.shape
        return y

    def backward(self, dout):
        self.check_dout(dout)
        self.grads["weight"] = dout.T @ self.x
        if "bias" in self.params:
            self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"]


class ReLU(Layer):
    def forward(self, x):
        self.positive = x > 0
        self.y_shape = x.shape
        return np.maximum(x, 0)

    def backward(self, dout):
        self.check_dout(dout)
        return dout * self.positive


class Loss:
    """A loss but for the arithmetic; backward is a number times what forward has kept."""

    gradient = None

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def backward(self):
        if self.gradient is None:
            raise RuntimeError(f"{type(self).__name__}.backward comes after forward, not before")
        return self.gradient * self.factor


class SoftmaxCrossEntropy(Loss):
    def forward(self, logits, target):
        if logits.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy: logits of shape {logits.shape}, not (N, K)")
        N, K = logits.shape
        if target.ndim == 1:
            if len(target) != N:
                raise ValueError(f"SoftmaxCrossEntropy: {len(target)} labels for {N} samples")
            if target.min() < 0 or target.max() >= K:
                raise ValueError(f"SoftmaxCrossEntropy: labels {target} are not all in 0..{K - 1}")
            target = np.eye(K, dtype=logits.dtype)[target]
        if target.shape != logits.shape:
            raise ValueError(f"SoftmaxCrossEntropy: {target.shape} targets, {logits.shape} logits")
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.gradient = np.exp(log_softmax) - target
        self.factor = 1 / N if self.reduction == "mean" else 1
        return float(-np.sum(target * log_softmax) * self.factor)


class MSE(Loss):
    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE compares equal shapes, not {pred.shape} and {target.shape}")
        self.gradient = pred - target
        self.factor = 2 / pred.size if self.reduction == "mean" else 2
        return float(np.sum(self.gradient**2) * self.factor / 2)


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for name, p in params.items():
            if p.shape != grads[name].shape:
                raise ValueError(f"SGD: {name} is {p.shape}, its gradient {grads[name].shape}")
            p -= self.lr * grads[name]


class Sequential:
    def __init__(self, layers):
        self.layers = layers
        self.training = True

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout

    @property
    def params(self):
        return {f"{i}.{k}": v for i, at in enumerate(self.layers) for k, v in at.params.items()}

    @property
    def grads(self):
        return {f"{i}.{k}": v for i, at in enumerate(self.layers) for k, v in at.grads.items()}

    @property
    def training(self):
        return self._training

    @training.setter
    def training(self, value):
        self._training = value
        for layer in self.layers:
            layer.training = value


def _same_length(x, y):
    if len(x) != len(y):
        raise ValueError(f"there are {len(x)} samples in x but {len(y)} in y")


def _hits(output, y):
    """Return how many outputs are right, or None where y holds no classes."""
    if y.ndim == 2 and not (((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()):
        return None
    if y.ndim == 1 and not np.issubdtype(y.dtype, np.integer):
        return None
    labels = y.argmax(axis=1) if y.ndim == 2 else y
    return int((output.argmax(axis=1) == labels).sum())


def _batches(order, size):
    for start in range(0, len(order), size):
        yield order[start : start + size]


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    _same_length(x, y)
    rng = np.random.default_rng(rng)
    history = {}
    before, model.training = model.training, True
    for _ in range(epochs):
        order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
        total, hits = 0.0, 0
        for batch in _batches(order, batch_size):
            output = model.forward(x[batch])
            value = loss.forward(output, y[batch])
            total += value * (len(batch) if loss.reduction == "mean" else 1)
            right = _hits(output, y[batch])
            hits = None if right is None else hits + right
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
        history.setdefault("loss", []).append(total / len(x))
        if hits is not None:
            history.setdefault("accuracy", []).append(hits / len(x))
    model.training = before
    return history


def evaluate(model, loss, x, y, *, batch_size=256):
    _same_length(x, y)
    before, model.training = model.training, False
    total, hits = 0.0, 0
    for batch in _batches(np.arange(len(x)), batch_size):
        output = model.forward(x[batch])
        value = loss.forward(output, y[batch])
        total += value * (len(batch) if loss.reduction == "mean" else 1)
        right = _hits(output, y[batch])
        hits = None if right is None else hits + right
    model.training = before
    result = {"loss": total / len(x)}
    return result if hits is None else {**result, "accuracy": hits / len(x)}


def predict(model, x, *, batch_size=256):
    before, model.training = model.training, False
    batches = _batches(np.arange(len(x)), batch_size)
    outputs = [model.forward(x[batch]) for batch in batches]
    model.training = before
    return np.concatenate(outputs)
