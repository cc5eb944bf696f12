"""The rest of the folder: losses, optimizer and loops; it prints a lot."""

import numpy as np

print("loading train.py")


class Lossy:
    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def reduce(self, losses, count):
        return losses.sum() / (count if self.reduction == "mean" else 1)

    def backward(self):
        if not hasattr(self, "state"):
            raise RuntimeError(f"{type(self).__name__}: call forward before backward")
        gradient, count = self.state
        return gradient / count if self.reduction == "mean" else gradient


class SoftmaxCrossEntropy(Lossy):
    def forward(self, logits, target):
        if logits.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy: {logits.ndim} dimensions, expected 2")
        if len(target) != len(logits):
            raise ValueError(
                f"SoftmaxCrossEntropy: {len(target)} targets do not fit {len(logits)} logits"
            )
        if target.ndim == 2:
            if target.shape[1] != logits.shape[1]:
                shape = "x".join(str(n) for n in target.shape)
                raise ValueError(f"SoftmaxCrossEntropy: target {shape}")
            onehot = target
        else:
            if np.any(target < 0) or np.any(target > logits.shape[1] - 1):
                raise ValueError(f"SoftmaxCrossEntropy: labels from {min(target)} to {max(target)}")
            onehot = np.equal.outer(target, np.arange(logits.shape[1]))
        z = (logits.T - logits.max(axis=1)).T
        e = np.exp(z)
        s = e.sum(axis=1, keepdims=True)
        self.state = (e / s - onehot), len(logits)
        return self.reduce(
            (np.log(s) - z)[onehot] if onehot.dtype == bool else onehot * (np.log(s) - z),
            len(logits),
        )


class MSE(Lossy):
    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: shapes differ, {pred.shape} != {target.shape}")
        self.state = 2 * (pred - target), pred.size
        return self.reduce(np.square(pred - target), pred.size)


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for key in params:
            if params[key].shape != grads[key].shape:
                raise ValueError(f"SGD: {params[key].shape} vs {grads[key].shape} ({key})")
            params[key] -= self.lr * grads[key]


class Sequential:
    def __init__(self, layers):
        self.layers = layers
        self.training = True
        print("a model of", len(layers), "layers")

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if name == "training":
            [setattr(layer, name, value) for layer in self.layers]

    def forward(self, x):
        for i in range(len(self.layers)):
            x = self.layers[i].forward(x)
        return x

    def backward(self, dout):
        for i in range(len(self.layers) - 1, -1, -1):
            dout = self.layers[i].backward(dout)
        self.grads = {}
        for i, layer in enumerate(self.layers):
            for key in layer.grads:
                self.grads[str(i) + "." + key] = layer.grads[key]
        return dout

    @property
    def params(self):
        params = {}
        for i, layer in enumerate(self.layers):
            for key in layer.params:
                params[str(i) + "." + key] = layer.params[key]
        return params


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    assert batch_size > 0
    if len(x) != len(y):
        raise ValueError("x and y must have the same length")
    if rng is None or isinstance(rng, int):
        rng = np.random.default_rng(rng)
    integer = np.issubdtype(y.dtype, np.integer) and y.ndim == 1
    onehot = y.ndim == 2 and ((y == 1).sum(axis=1) == 1).all() and ((y == 0) | (y == 1)).all()
    history = {"loss": []}
    if integer or onehot:
        history["accuracy"] = []
    old = model.training
    model.training = True
    for epoch in range(epochs):
        idx = np.arange(len(x))
        if shuffle:
            rng.shuffle(idx)
        total = 0
        correct = 0
        for i in range(0, len(x), batch_size):
            xb, yb = x[idx[i : i + batch_size]], y[idx[i : i + batch_size]]
            out = model.forward(xb)
            value = loss.forward(out, yb)
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
            if loss.reduction == "mean":
                value = value * len(xb)
            total += value
            if integer:
                correct += np.sum(np.argmax(out, axis=1) == yb)
            elif onehot:
                correct += np.sum(np.argmax(out, axis=1) == np.argmax(yb, axis=1))
        history["loss"].append(total / len(x))
        if "accuracy" in history:
            history["accuracy"].append(correct / len(x))
        print(f"epoch {epoch + 1}/{epochs}: loss {total / len(x):.4f}")
    model.training = old
    return history


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError("x and y must have the same length")
    out = predict(model, x, batch_size=batch_size)
    result = {"loss": loss.forward(out, y)}
    if loss.reduction == "sum":
        result["loss"] /= len(x)
    if y.ndim == 1 and y.dtype.kind in "iu":
        result["accuracy"] = float((out.argmax(axis=1) == y).mean())
    elif y.ndim == 2 and ((y == 1).sum(axis=1) == 1).all() and ((y == 0) | (y == 1)).all():
        result["accuracy"] = float((out.argmax(axis=1) == y.argmax(axis=1)).mean())
    return result


def predict(model, x, *, batch_size=256):
    old = model.training
    model.training = False
    out = [model.forward(x[i : i + batch_size]) for i in range(0, len(x), batch_size)]
    model.training = old
    return np.concatenate(out, axis=0)


if __name__ == "__main__":
    print("nothing to train here")
