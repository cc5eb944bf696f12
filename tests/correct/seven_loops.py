"""Seven nested loops over Python floats: numpy only holds what comes in and what goes out."""

import math
import random

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Layer, Pooling


def zeros(shape):
    """Return nested lists of zeros."""
    if len(shape) == 1:
        return [0.0] * shape[0]
    return [zeros(shape[1:]) for _ in range(shape[0])]


class Conv2D(Convolution):
    def places(self, shape):
        """Yield (n, k, oh, ow, c, kh, kw, h, w) for every product of the convolution."""
        N, C, H, W = shape
        (KH, KW), (SH, SW), (PH, PW), (OH, OW) = self.kernel, self.stride, self.padding, self.size
        for n in range(N):
            for k in range(self.filters):
                for oh in range(OH):
                    for ow in range(OW):
                        for c in range(C):
                            for kh in range(KH):
                                h = oh * SH + kh - PH
                                if not 0 <= h < H:
                                    continue
                                for kw in range(KW):
                                    w = ow * SW + kw - PW
                                    if 0 <= w < W:
                                        yield n, k, oh, ow, c, kh, kw, h, w

    def convolve(self, x):
        weight, image, y = self.params["weight"].tolist(), x.tolist(), zeros(self.y_shape)
        for n, k, oh, ow, c, kh, kw, h, w in self.places(x.shape):
            y[n][k][oh][ow] += weight[k][c][kh][kw] * image[n][c][h][w]
        if "bias" in self.params:
            for sample in y:
                for k, b in enumerate(self.params["bias"].tolist()):
                    sample[k] = [[value + b for value in row] for row in sample[k]]
        return np.array(y, x.dtype)

    def gradients(self, dout):
        weight, image, given = self.params["weight"].tolist(), self.x.tolist(), dout.tolist()
        dx, dw = zeros(self.x.shape), zeros(self.params["weight"].shape)
        for n, k, oh, ow, c, kh, kw, h, w in self.places(self.x.shape):
            dx[n][c][h][w] += weight[k][c][kh][kw] * given[n][k][oh][ow]
            dw[k][c][kh][kw] += image[n][c][h][w] * given[n][k][oh][ow]
        self.grads["weight"] = np.array(dw, dout.dtype)
        if "bias" in self.params:
            sums = [
                math.fsum(v for s in given for row in s[k] for v in row) for k in range(len(dw))
            ]
            self.grads["bias"] = np.array(sums, dout.dtype)
        return np.array(dx, dout.dtype)


class MaxPool2D(Pooling):
    def pool(self, xp):
        N, C, *_ = xp.shape
        (KH, KW), (SH, SW), (OH, OW) = self.kernel, self.stride, self.size
        image, y = xp.tolist(), zeros(self.y_shape)
        self.winners, self.padded_shape = {}, xp.shape
        for n in range(N):
            for c in range(C):
                for oh in range(OH):
                    for ow in range(OW):
                        largest = -math.inf
                        for h in range(oh * SH, oh * SH + KH):
                            for w in range(ow * SW, ow * SW + KW):
                                if image[n][c][h][w] > largest:
                                    largest = image[n][c][h][w]
                                    self.winners[n, c, oh, ow] = h, w
                        y[n][c][oh][ow] = largest
        return np.array(y, xp.dtype)

    def unpool(self, dout):
        dxp, given = zeros(self.padded_shape), dout.tolist()
        for (n, c, oh, ow), (h, w) in self.winners.items():
            dxp[n][c][h][w] += given[n][c][oh][ow]
        return np.array(dxp, dout.dtype)


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        rows = [[random.gauss(0, 0.1) for _ in range(in_features)] for _ in range(out_features)]
        self.params["weight"] = np.array(rows)
        if bias:
            self.params["bias"] = np.array([0.0] * out_features)

    def forward(self, x):
        if x.ndim != 2:
            raise ValueError(f"Dense: expected rows, got an array of shape {x.shape}")
        if x.shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Dense: got {x.shape[1]} features per row")
        rows, weight = x.tolist(), self.params["weight"].tolist()
        bias = self.params["bias"].tolist() if "bias" in self.params else [0.0] * len(weight)
        self.x, self.y_shape = rows, (len(rows), len(weight))
        y = zeros(self.y_shape)
        for n, row in enumerate(rows):
            for k, w in enumerate(weight):
                y[n][k] = bias[k]
                for d, value in enumerate(row):
                    y[n][k] += w[d] * value
        return np.array(y, x.dtype)

    def backward(self, dout):
        self.check_dout(dout)
        weight = self.params["weight"].tolist()
        dx, dw, db = zeros((len(self.x), len(weight[0]))), zeros((len(weight), len(weight[0]))), {}
        for n, row in enumerate(dout.tolist()):
            for k, g in enumerate(row):
                db[k] = db.get(k, 0.0) + g
                for d, value in enumerate(self.x[n]):
                    dx[n][d] += g * weight[k][d]
                    dw[k][d] += g * value
        self.grads["weight"] = np.array(dw, dout.dtype)
        if "bias" in self.params:
            self.grads["bias"] = np.array([db[k] for k in range(len(weight))], dout.dtype)
        return np.array(dx, dout.dtype)


class ReLU(Layer):
    def forward(self, x):
        self.seen, self.y_shape = [float(v) for v in x.flat], x.shape
        return np.array([v if v > 0 else 0.0 for v in self.seen], x.dtype).reshape(x.shape)

    def backward(self, dout):
        self.check_dout(dout)
        passed = [g if v > 0 else 0.0 for v, g in zip(self.seen, dout.flat, strict=True)]
        return np.array(passed, dout.dtype).reshape(dout.shape)


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        self.reduction = reduction
        self.probabilities = None

    def forward(self, logits, target):
        if logits.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy: logits must be rows, got {logits.shape}")
        N, K = logits.shape
        if target.ndim == 1:
            for label in target.tolist():
                if not 0 <= label < K:
                    raise ValueError(f"SoftmaxCrossEntropy: there is no class {label}")
            target = np.array([[float(k == label) for k in range(K)] for label in target])
        if target.shape != (N, K):
            raise ValueError(f"SoftmaxCrossEntropy: target {target.shape}, logits {logits.shape}")
        self.dtype, self.target, self.probabilities = logits.dtype, target.tolist(), []
        loss = 0.0
        for z, t in zip(logits.tolist(), self.target, strict=True):
            largest = max(z)
            log_sum = largest + math.log(math.fsum(math.exp(v - largest) for v in z))
            self.probabilities.append([math.exp(v - log_sum) for v in z])
            loss += sum(share * (log_sum - v) for share, v in zip(t, z, strict=True))
        self.divisor = N if self.reduction == "mean" else 1
        return loss / self.divisor

    def backward(self):
        if self.probabilities is None:
            raise RuntimeError("SoftmaxCrossEntropy: call forward first")
        rows = [
            [(p - t) / self.divisor for p, t in zip(*row, strict=True)]
            for row in zip(self.probabilities, self.target, strict=True)
        ]
        return np.array(rows, self.dtype)


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    if len(x) != len(y):
        raise ValueError("fit: x and y differ in length")
    if not isinstance(rng, np.random.Generator):
        rng = np.random.default_rng(rng)
    classes = is_classes(y)
    history = {"loss": [], "accuracy": []} if classes else {"loss": []}
    was_training = model.training
    model.training = True
    for _ in range(epochs):
        indices = list(range(len(x)))
        if shuffle:
            rng.shuffle(indices)
        losses = hits = 0
        while indices:
            now, indices = indices[:batch_size], indices[batch_size:]
            output = model.forward(x[now])
            value = loss.forward(output, y[now])
            losses += value * len(now) if loss.reduction == "mean" else value
            hits += count_hits(output, y[now]) if classes else 0
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
        history["loss"].append(losses / len(x))
        if classes:
            history["accuracy"].append(hits / len(x))
    model.training = was_training
    return history


def is_classes(y):
    """Tell whether y holds labels or one-hot rows."""
    if y.ndim == 1:
        return y.dtype.kind in "iu"
    return y.ndim == 2 and all(sorted(row) == [0] * (len(row) - 1) + [1] for row in y.tolist())


def count_hits(output, y):
    """Return how many rows have their largest element at their class."""
    hits = 0
    for row, wanted in zip(output.tolist(), y.tolist(), strict=True):
        label = wanted.index(1) if isinstance(wanted, list) else wanted
        hits += row.index(max(row)) == label
    return hits


def predict(model, x, *, batch_size=256):
    was_training = model.training
    model.training = False
    rows = []
    for start in range(0, len(x), batch_size):
        rows.extend(model.forward(x[start : start + batch_size]))
    model.training = was_training
    return np.array(rows)


def evaluate(model, loss, x, y, *, batch_size=256):
    if len(x) != len(y):
        raise ValueError("evaluate: x and y differ in length")
    output = predict(model, x, batch_size=batch_size)
    value = loss.forward(output, y)
    result = {"loss": value if loss.reduction == "mean" else value / len(x)}
    if is_classes(y):
        result["accuracy"] = count_hits(output, y) / len(x)
    return result
