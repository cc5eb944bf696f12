"""Functional style behind an adapter: the library has other names, axes and no state."""

import functional_library as library
import numpy as np
from plain import (  # the library has no pooling and nothing that holds layers
    Convolution,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sequential,
    predict,
)

__all__ = ["MSE", "SGD", "Conv2D", "Dense", "Flatten", "MaxPool2D", "ReLU", "Sequential"]
__all__ += ["SoftmaxCrossEntropy", "evaluate", "fit", "predict"]


class Conv2D(Convolution):
    def convolve(self, x):
        images, bias = x.transpose(1, 2, 3, 0), self.params.get("bias")
        weight = self.params["weight"]
        y, self.cache = library.conv(images, weight, bias, self.stride, self.padding)
        return y.transpose(3, 0, 1, 2)

    def gradients(self, dout):
        dy = dout.transpose(1, 2, 3, 0)
        dx, dw, db = library.conv_vjp(self.cache, self.params["weight"], dy)
        self.grads = {"weight": dw, "bias": db} if "bias" in self.params else {"weight": dw}
        return dx.transpose(3, 0, 1, 2)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.params["weight"] = np.random.randn(out_features, in_features) / np.sqrt(in_features)
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def forward(self, x):
        if x.ndim != 2 or x.shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Dense: unexpected shape {x.shape}")
        self.x = x.T
        y = library.linear(self.x, self.params["weight"].T, self.params.get("bias")).T
        self.y_shape = y.shape
        return y

    def backward(self, dout):
        self.check_dout(dout)
        dx, dw, db = library.linear_vjp(self.x, self.params["weight"].T, dout.T)
        self.grads = {"weight": dw.T, "bias": db} if "bias" in self.params else {"weight": dw.T}
        return dx.T


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        self.reduction, self.result = reduction, None

    def forward(self, logits, target):
        name = "SoftmaxCrossEntropy"
        if logits.ndim != 2 or len(logits) != len(target):
            raise ValueError(f"{name}: shapes {logits.shape} and {target.shape} do not go together")
        if target.ndim == 1:
            bad = [label for label in target.tolist() if label not in range(logits.shape[1])]
            if bad:
                raise ValueError(f"{name}: labels {bad} out of {logits.shape[1]} classes")
            target = np.eye(logits.shape[1], dtype=logits.dtype)[target]
        if target.shape != logits.shape:
            raise ValueError(f"{name}: target is {target.shape} where logits are {logits.shape}")
        losses, dz = library.softmax_xent(logits.T, target.T)
        mean = self.reduction == "mean"
        self.result = dz.T / len(losses) if mean else dz.T
        return losses.mean() if mean else losses.sum()

    def backward(self):
        if self.result is None:
            raise RuntimeError("SoftmaxCrossEntropy: no forward, no backward")
        return self.result


class MSE:
    def __init__(self, reduction="mean"):
        self.reduction, self.result = reduction, None

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: shapes {pred.shape} and {target.shape} differ")
        losses, gradient = library.squared(pred, target)
        self.result = gradient / losses.size if self.reduction == "mean" else gradient
        return getattr(losses, self.reduction)()

    def backward(self):
        if self.result is None:
            raise RuntimeError("MSE: no forward, no backward")
        return self.result


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for name, p in params.items():
            g = grads[name]
            if p.shape != g.shape:
                raise ValueError(f"SGD: parameter {p.shape} and gradient {g.shape} differ in shape")
            np.subtract(p, self.lr * g, out=p)


def _labels(y):
    """Return class labels for labels and one-hot rows, None for anything else."""
    if (
        y.ndim == 2
        and ((y == 0).sum(axis=1) == y.shape[1] - 1).all()
        and (y.max(axis=1) == 1).all()
    ):
        return y.argmax(axis=1)
    return y if y.dtype.kind in "iu" and y.ndim == 1 else None


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} samples, y has {len(y)}")
    rng = rng if hasattr(rng, "permutation") else np.random.default_rng(rng)
    before = model.training
    model.training = True

    def step(xs, ys):
        output = model.forward(xs)
        value = loss.forward(output, ys)
        model.backward(loss.backward())
        optimizer.step(model.params, model.grads)
        labels = _labels(ys)
        hits = 0 if labels is None else (output.argmax(axis=1) == labels).sum()
        return value * len(xs) if loss.reduction == "mean" else value, hits

    rows = []
    for _ in range(epochs):
        order = rng.permutation(len(x)) if shuffle else slice(None)
        rows.append(np.sum(library.train_epoch(step, x, y, batch_size, order), axis=0) / len(x))
    model.training = before
    losses, accuracies = np.array(rows).T
    return {"loss": losses, "accuracy": accuracies if _labels(y) is not None else accuracies[:0]}


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} samples, y has {len(y)}")
    output = predict(model, x, batch_size=batch_size)
    value = loss.forward(output, y)
    result = {"loss": value if loss.reduction == "mean" else value / len(y)}
    if (labels := _labels(y)) is not None:
        result["accuracy"] = np.mean(output.argmax(axis=1) == labels)
    return result
