"""Losses, the optimizer, Sequential and the loops."""

import numpy as np


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"SoftmaxCrossEntropy has no reduction {reduction!r}")
        self.reduction = reduction
        self._dlogits = None

    def forward(self, logits, target):
        if logits.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy takes (N, K) logits, got {logits.shape}")
        rows = np.arange(len(logits))
        if target.ndim == 1 and target.shape == rows.shape and target.dtype.kind in "iu":
            wrong = [int(label) for label in target if label not in range(logits.shape[1])]
            if wrong:
                raise ValueError(f"SoftmaxCrossEntropy has no class {wrong[0]}: {logits.shape}")
            weights = np.zeros_like(logits)
            weights[rows, target] = 1
        elif target.ndim == 2 and target.shape == logits.shape:
            weights = target
        else:
            raise ValueError(
                f"SoftmaxCrossEntropy cannot pair logits {logits.shape} with {target.shape}"
            )
        top = logits.max(axis=1)
        lse = np.logaddexp.reduce(logits - top[:, None], axis=1)
        log_p = logits - top[:, None] - lse[:, None]
        divisor = len(logits) if self.reduction == "mean" else 1
        total = weights.sum(axis=1, keepdims=True)
        self._dlogits = ((np.exp(log_p) * total - weights) / divisor).astype(logits.dtype)
        return -np.einsum("nk,nk->", weights, log_p).item() / divisor

    def backward(self):
        if self._dlogits is None:
            raise RuntimeError("SoftmaxCrossEntropy has no gradient: call forward first")
        return self._dlogits


class MSE:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"MSE has no reduction {reduction!r}")
        self.reduction = reduction
        self._error = None

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE cannot pair shapes {pred.shape} and {target.shape}")
        self._error = pred - target
        squares = np.square(self._error)
        return float(squares.mean() if self.reduction == "mean" else squares.sum())

    def backward(self):
        if self._error is None:
            raise RuntimeError("MSE has no gradient: call forward first")
        divisor = self._error.size if self.reduction == "mean" else 1
        return np.asarray(2 * self._error / divisor)


class SGD:
    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        if momentum or weight_decay or nesterov or decay:
            raise NotImplementedError("unsupported: anything but a learning rate")
        self.lr = lr

    def step(self, params, grads):
        if params.keys() != grads.keys():
            raise ValueError(f"SGD cannot pair {sorted(params)} with {sorted(grads)}")
        shapes = {k: (params[k].shape, grads[k].shape) for k in params}
        for key, (ours, theirs) in shapes.items():
            if ours != theirs:
                raise ValueError(f"SGD cannot pair {key} of {ours} with a gradient of {theirs}")
        for key in params:
            np.subtract(params[key], self.lr * grads[key], out=params[key], casting="same_kind")


class Sequential:
    def __init__(self, layers):
        self.layers = layers
        self._training = True

    @property
    def training(self):
        return self._training

    @training.setter
    def training(self, value):
        self._training = value
        for layer in self.layers:
            layer.training = value

    def _merged(self, attribute):
        merged = {}
        for i, layer in enumerate(self.layers):
            merged.update({f"{i}.{k}": v for k, v in getattr(layer, attribute).items()})
        return merged

    @property
    def params(self):
        return self._merged("params")

    @property
    def grads(self):
        return self._merged("grads")

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def _labels(y):
    if y.ndim == 1:
        return y if y.dtype.kind in "iu" else None
    if y.ndim == 2 and np.array_equal(y, y.astype(bool)) and (y.astype(bool).sum(1) == 1).all():
        return y.argmax(axis=1)
    return None


class _Tally:
    """Sums over batches."""

    def __init__(self, loss, labels):
        self.loss, self.labels, self.sum, self.hits, self.n = loss, labels, 0.0, 0, 0

    def add(self, value, out, index):
        size = out.shape[0]
        self.sum += float(value) * (size if self.loss.reduction == "mean" else 1)
        self.n += size
        if self.labels is not None:
            self.hits += np.count_nonzero(np.argmax(out, axis=-1) == self.labels[index])


def _slices(n, size):
    return [slice(i, min(i + size, n)) for i in range(0, n, size)]


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if x.shape[0] != y.shape[0]:
        raise ValueError(f"fit got {x.shape[0]} samples and {y.shape[0]} targets")
    labels, rng = _labels(y), np.random.default_rng(rng)
    history = {"loss": []} if labels is None else {"loss": [], "accuracy": []}
    was, model.training = model.training, True
    try:
        for _ in range(epochs):
            order = np.argsort(rng.random(len(x))) if shuffle else np.arange(len(x))
            tally = _Tally(loss, labels)
            for part in _slices(len(x), batch_size):
                index = order[part]
                out = model.forward(x[index])
                tally.add(loss.forward(out, y[index]), out, index)
                model.backward(loss.backward())
                optimizer.step(model.params, model.grads)
            history["loss"].append(tally.sum / tally.n)
            if labels is not None:
                history["accuracy"].append(tally.hits / tally.n)
    finally:
        model.training = was
    return history


def evaluate(model, loss, x, y, *, batch_size=256):
    if x.shape[0] != y.shape[0]:
        raise ValueError(f"evaluate got {x.shape[0]} samples and {y.shape[0]} targets")
    tally = _Tally(loss, _labels(y))
    was, model.training = model.training, False
    try:
        for part in _slices(len(x), batch_size):
            out = model.forward(x[part])
            tally.add(loss.forward(out, y[part]), out, part)
    finally:
        model.training = was
    result = {"loss": tally.sum / tally.n}
    return result if tally.labels is None else {**result, "accuracy": tally.hits / tally.n}


def predict(model, x, *, batch_size=256):
    was, model.training = model.training, False
    try:
        outputs = [np.array(model.forward(x[part])) for part in _slices(len(x), batch_size)]
    finally:
        model.training = was
    return np.vstack(outputs) if outputs[0].ndim > 1 else np.hstack(outputs)
