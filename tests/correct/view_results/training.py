"""Losses, the optimizer, Sequential and the loops."""

import numpy as np

from .windows import frozen


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"SoftmaxCrossEntropy: no reduction {reduction!r}")
        self.reduction, self.gradient = reduction, None

    def forward(self, logits, target):
        shapes = f"logits of shape {logits.shape} with targets of shape {target.shape}"
        if logits.ndim != 2 or target.shape not in (logits.shape, logits.shape[:1]):
            raise ValueError(f"SoftmaxCrossEntropy: {shapes}")
        z = logits - logits.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        weight = target
        if target.ndim == 1:
            if not np.issubdtype(target.dtype, np.integer):
                raise ValueError(f"SoftmaxCrossEntropy: {target.dtype} labels, {shapes}")
            outside = (target < 0) | (target >= z.shape[1])
            if outside.any():
                raise ValueError(f"SoftmaxCrossEntropy: label {target[outside][0]}, {shapes}")
            weight = np.zeros(z.shape, z.dtype)
            np.put_along_axis(weight, target[:, np.newaxis].astype(np.intp), 1, axis=1)
        share = z.dtype.type(1 / len(z) if self.reduction == "mean" else 1)
        self.gradient = frozen(((np.exp(log_p) - weight) * share).astype(z.dtype))
        return -np.sum(weight * log_p) * share

    def backward(self):
        if self.gradient is None:
            raise RuntimeError("SoftmaxCrossEntropy: no forward has been called")
        return self.gradient


class MSE:
    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"MSE: no reduction {reduction!r}")
        self.reduction, self.gradient = reduction, None

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: pred of shape {pred.shape}, target of shape {target.shape}")
        difference = np.subtract(pred, target)
        share = 1 / difference.size if self.reduction == "mean" else 1
        self.gradient = np.asarray(difference * (2 * share))
        return np.array(np.sum(difference * difference) * share, pred.dtype)

    def backward(self):
        if self.gradient is None:
            raise RuntimeError("MSE: no forward has been called")
        return self.gradient.view()


class SGD:
    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        rates = {"momentum": momentum, "weight_decay": weight_decay, "decay": decay, "lr": lr}
        for name, value in rates.items():
            if value < 0:
                raise ValueError(f"SGD: {name} is negative: {value}")
        if nesterov and momentum == 0:
            raise ValueError("SGD: nesterov with a momentum of 0")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.nesterov, self.decay, self.steps, self.velocity = nesterov, decay, 0, {}

    def step(self, params, grads):
        for key in params.keys() | grads.keys():
            shapes = [d[key].shape if key in d else None for d in (params, grads)]
            if shapes[0] != shapes[1]:
                raise ValueError(f"SGD: {key!r} and its gradient have shapes {shapes}")
        rate = self.lr / (1 + self.decay * self.steps)
        for key, p in params.items():
            g = grads[key] + self.weight_decay * p
            v = self.velocity[key] = self.momentum * self.velocity.get(key, 0) + g
            p[...] = p - rate * (g + self.momentum * v if self.nesterov else v)
        self.steps += 1


class Sequential:
    def __init__(self, layers):
        self.layers = [*layers]
        self.training = True

    def flat(self, attribute):
        return {
            f"{i}.{name}": array
            for i, layer in enumerate(self.layers)
            for name, array in getattr(layer, attribute).items()
        }

    @property
    def params(self):
        return self.flat("params")

    @property
    def grads(self):
        return self.flat("grads")

    @property
    def training(self):
        return all(layer.training for layer in self.layers)

    @training.setter
    def training(self, value):
        for layer in self.layers:
            layer.training = value

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def classes_of(y):
    """Return labels for labels and for one-hot rows, else None."""
    if y.ndim == 1 and np.issubdtype(y.dtype, np.integer):
        return y
    if y.ndim == 2 and y.shape[1] > 1:
        largest = np.argmax(y, axis=1)
        if np.array_equal(y, np.arange(y.shape[1]) == largest[:, np.newaxis]):
            return largest
    return None


def train_or_measure(model, loss, x, y, order, batch_size, optimizer=None):
    classes, total, right = classes_of(y), 0.0, 0
    for index in np.array_split(order, range(batch_size, len(order), batch_size)):
        out = model.forward(x[index])
        value = loss.forward(out, y[index])
        total += float(value) * (len(index) if loss.reduction == "mean" else 1)
        if classes is not None:
            right += np.sum(out.argmax(axis=1) == classes[index])
        if optimizer is not None:
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
    result = {"loss": total / len(x)}
    if classes is not None:
        result["accuracy"] = right / len(x)
    return result


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError(f"fit: {len(x)} samples, {len(y)} targets")
    rng, training = np.random.default_rng(rng), model.training
    model.training = True
    history = {"loss": [], "accuracy": []}
    try:
        for _ in range(epochs):
            order = rng.choice(len(x), len(x), replace=False) if shuffle else np.arange(len(x))
            one = train_or_measure(model, loss, x, y, order, batch_size, optimizer)
            for name, value in one.items():
                history[name].append(value)
    finally:
        model.training = training
    return history


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError(f"evaluate: {len(x)} samples, {len(y)} targets")
    training, model.training = model.training, False
    try:
        return train_or_measure(model, loss, x, y, np.arange(len(x)), batch_size)
    finally:
        model.training = training


def predict(model, x, *, batch_size=256):
    training, model.training = model.training, False
    try:
        result = None
        for start in range(0, len(x), batch_size):
            out = model.forward(x[start : start + batch_size])
            if result is None:
                result = np.empty((len(x), *out.shape[1:]), out.dtype)
            result[start : start + len(out)] = out
        return result
    finally:
        model.training = training
