"""Units of the full profile by other formulas: Jacobians, loops over groups, tables of branches."""

import math

import numpy as np

__all__ = [
    "BCE",
    "GELU",
    "GRU",
    "L1",
    "LSTM",
    "NLL",
    "BCEWithLogits",
    "BatchNorm1D",
    "GroupNorm",
    "Hinge",
    "Huber",
    "Identity",
    "LayerNorm",
    "LogSoftmax",
    "SiLU",
]


class Unit:
    """What layers have in common; `rows` makes vectors that share a mean of what x has."""

    parameters = ()

    def __init__(self, *shape):
        starts = {"weight": np.ones, "bias": np.zeros}
        self.params = {name: starts[name](shape) for name in self.parameters}
        self.grads, self.training, self.seen = {}, True, None

    @property
    def name(self):
        return type(self).__name__

    def check(self, dout):
        if self.seen is None:
            raise RuntimeError(f"{self.name}.backward before {self.name}.forward")
        if dout.shape != self.seen.shape:
            raise ValueError(f"{self.name}: dout {dout.shape} for an output {self.seen.shape}")


class Elementwise(Unit):
    """Keeps x, and computes the slope in backward."""

    def forward(self, x):
        self.seen = np.array(x)
        return self.curve(self.seen).astype(x.dtype)

    def backward(self, dout):
        self.check(dout)
        return (dout * self.slope(self.seen)).astype(dout.dtype)


class Identity(Elementwise):
    def curve(self, x):
        return x * 1

    def slope(self, x):
        return np.ones_like(x)


def logistic(x):
    """Return the sigmoid by the exponential that does not overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


class SiLU(Elementwise):
    def curve(self, x):
        return x * logistic(x)

    def slope(self, x):
        y = self.curve(x)
        return y + logistic(x) * (1 - y)


class GELU(Elementwise):
    def __init__(self, approximate="none"):
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: no approximation is called {approximate}")
        self.by_tanh = approximate == "tanh"

    def share(self, x):
        if self.by_tanh:
            return logistic(math.sqrt(8 / math.pi) * (x + 0.044715 * x**3))
        return np.vectorize(lambda value: 0.5 + 0.5 * math.erf(value / 2**0.5), otypes="d")(x)

    def density(self, x):
        if self.by_tanh:
            share = self.share(x)
            return share * (1 - share) * math.sqrt(8 / math.pi) * (1 + 0.134145 * x * x)
        return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)

    def curve(self, x):
        return x * self.share(x)

    def slope(self, x):
        return self.share(x) + x * self.density(x)


class LogSoftmax(Unit):
    """By logaddexp, and the Jacobian matrix of each row."""

    def forward(self, x):
        if x.ndim < 2:
            raise ValueError(f"LogSoftmax: x has shape {x.shape}")
        self.seen = x - np.logaddexp.reduce(x, axis=-1, keepdims=True)
        return self.seen.copy()

    def backward(self, dout):
        self.check(dout)
        dx = np.empty_like(dout)
        for at in np.ndindex(dout.shape[:-1]):
            p = np.exp(self.seen[at])
            dx[at] = (np.eye(len(p), dtype=p.dtype) - p[:, None]) @ dout[at]
        return dx


class Normalization(Unit):
    """Goes from one group of elements to the next, with the Jacobian matrix of each."""

    parameters = ("weight", "bias")

    def forward(self, x):
        self.refuse(x)
        self.seen, self.kept = np.array(x), []
        weight, bias = (np.broadcast_to(self.wide(p, x), x.shape) for p in self.params.values())
        y = np.empty_like(self.seen)
        for at in self.groups(x):
            values = self.seen[at].astype(float)
            mean, var = self.statistics(at, values)
            unit = (values - mean) / math.sqrt(var + self.eps)
            y[at] = weight[at] * unit + bias[at]
            self.kept.append((at, unit, math.sqrt(var + self.eps), self.frozen()))
        return y

    def statistics(self, at, values):
        return values.mean(), values.var()

    def frozen(self):
        return False

    def backward(self, dout):
        self.check(dout)
        dx, products = np.empty_like(dout), np.empty(dout.shape)
        weight = np.broadcast_to(self.wide(self.params["weight"], dout), dout.shape)
        for at, unit, deviation, frozen in self.kept:
            g, n = (weight[at] * dout[at]).ravel(), unit.size
            u = unit.ravel()
            through = g if frozen else g - (1 / n) * (g.sum() + u * (u @ g))
            dx[at] = (through / deviation).reshape(unit.shape)
            products[at] = dout[at] * unit
        shape = self.params["weight"].shape
        for name, of in (("weight", products), ("bias", dout)):
            summed = self.narrow(of.astype(float)).reshape(shape)
            self.grads[name] = summed.astype(self.params[name].dtype)
        return dx


class LayerNorm(Normalization):
    def __init__(self, normalized_shape, eps=1e-5):
        self.last = tuple(np.atleast_1d(normalized_shape).tolist())
        if min(self.last) < 1:
            raise ValueError(f"LayerNorm over {self.last}")
        super().__init__(*self.last)
        self.eps = eps

    def refuse(self, x):
        if x.shape[-len(self.last) :] != self.last:
            raise ValueError(f"LayerNorm over {self.last}: x has shape {x.shape}")

    def groups(self, x):
        return list(np.ndindex(x.shape[: -len(self.last)]))

    def wide(self, parameter, x):
        return parameter

    def narrow(self, array):
        return array.reshape(-1, *self.last).sum(axis=0)


class ByChannel(Normalization):
    """Has a number for each channel."""

    def wide(self, parameter, x):
        return parameter.reshape(-1, *[1] * (x.ndim - 2))

    def narrow(self, array):
        return array.swapaxes(0, 1).reshape(array.shape[1], -1).sum(axis=1)

    def refuse(self, x):
        channels = len(self.params["weight"])
        if x.ndim not in self.axes or x.shape[1] != channels:
            raise ValueError(f"{self.name} of {channels} channels: x has shape {x.shape}")


class GroupNorm(ByChannel):
    axes = range(2, 33)

    def __init__(self, num_groups, num_channels, eps=1e-5):
        if num_groups < 1 or num_channels < 1 or num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels, {num_groups} groups")
        super().__init__(num_channels)
        self.size, self.eps = num_channels // num_groups, eps

    def groups(self, x):
        starts = range(0, x.shape[1], self.size)
        return [(n, slice(c, c + self.size)) for n in range(len(x)) for c in starts]


class BatchNorm1D(ByChannel):
    axes = (2, 3)

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features)
        self.eps, self.momentum = eps, momentum
        self.buffers = {
            "running_mean": np.zeros(num_features),
            "running_var": np.ones(num_features),
        }

    def groups(self, x):
        return [(slice(None), c) for c in range(x.shape[1])]

    def frozen(self):
        return not self.training

    def statistics(self, at, values):
        mean, var = (self.buffers[name] for name in ("running_mean", "running_var"))
        c = at[1]
        if not self.training:
            return mean[c], var[c]
        mean[c] += self.momentum * (values.mean() - mean[c])
        var[c] += self.momentum * (values.var(ddof=1) - var[c])
        return values.mean(), values.var()


class Recurrent(Unit):
    """Goes through one sample after another; a state is a tuple that begins with h."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.sizes = input_size, hidden_size
        if min(self.sizes) < 1:
            raise ValueError(f"{self.name}: sizes {self.sizes}")
        rows, names = self.gates * hidden_size, ("weight_ih_l0", "weight_hh_l0")
        draw = np.random.default_rng().standard_normal
        self.params = {name: draw((rows, n)) for name, n in zip(names, self.sizes, strict=True)}
        self.params |= {name: draw(rows) for name in ("bias_ih_l0", "bias_hh_l0")}

    def forward(self, x, *begin):
        D, H = self.sizes
        if x.ndim != 3 or x.shape[2] != D:
            raise ValueError(f"{self.name} of {D} features: x has shape {x.shape}")
        if wrong := [state.shape for state in begin if state.shape != (len(x), H)]:
            raise ValueError(f"{self.name} of {H} units: a state has shape {wrong[0]}")
        W, U, b, d = self.params.values()
        self.x, self.kept = x.copy(), {}
        self.seen, self.begin = np.empty((*x.shape[:2], H), x.dtype), begin
        end = np.empty((self.carried, len(x), H), x.dtype)
        for n in range(len(x)):
            state = (np.zeros(H, x.dtype),) * self.carried
            state = tuple(each[n].copy() for each in begin) or state
            for t in range(x.shape[1]):
                of_x, of_h = W @ self.x[n, t] + b, U @ state[0] + d
                self.kept[n, t] = state, np.split(of_x, self.gates), np.split(of_h, self.gates)
                state = self.step(*self.kept[n, t])
                self.seen[n, t] = state[0]
            end[:, n] = state
        return (self.seen.copy(), *end) if begin else self.seen.copy()

    def backward(self, dout, *of_end):
        self.check(dout)
        W, U, _, _ = self.params.values()
        self.grads = {name: np.zeros_like(p) for name, p in self.params.items()}
        dx = np.zeros_like(self.x)
        of_begin = [np.empty_like(state) for state in self.begin]
        for n in range(len(dx)):
            later = [each[n] for each in of_end] or [np.zeros_like(dout[0, 0])] * self.carried
            for t in range(dx.shape[1] - 1, -1, -1):
                later[0] = later[0] + dout[n, t]
                *later, of_x, of_h = self.back(*self.kept[n, t], *later)
                of_x, of_h = np.concatenate(of_x), np.concatenate(of_h)
                later[0] = later[0] + of_h @ U
                dx[n, t] = of_x @ W
                self.grads["weight_ih_l0"] += np.outer(of_x, self.x[n, t])
                self.grads["weight_hh_l0"] += np.outer(of_h, self.kept[n, t][0][0])
                self.grads["bias_ih_l0"] += of_x
                self.grads["bias_hh_l0"] += of_h
            for whole, each in zip(of_begin, later, strict=False):
                whole[n] = each
        return (dx, *of_begin) if of_begin else dx


class LSTM(Recurrent):
    gates, carried = 4, 2

    def parts(self, of_x, of_h):
        i, f, g, o = (a + b for a, b in zip(of_x, of_h, strict=True))
        return logistic(i), logistic(f), np.tanh(g), logistic(o)

    def step(self, state, of_x, of_h):
        i, f, g, o = self.parts(of_x, of_h)
        c = f * state[1] + i * g
        return o * np.tanh(c), c

    def back(self, state, of_x, of_h, dh, dc):
        i, f, g, o = self.parts(of_x, of_h)
        h, c = self.step(state, of_x, of_h)
        dc = dc + dh * o / np.cosh(c) ** 2
        sums = [dc * g * (i - i * i), dc * state[1] * (f - f * f), dc * i * (1 + g) * (1 - g)]
        sums.append(dh * h * (1 - o))
        return np.zeros_like(h), dc * f, sums, sums


class GRU(Recurrent):
    gates, carried = 3, 1

    def parts(self, of_x, of_h):
        r, z = (logistic(a + b) for a, b in zip(of_x[:2], of_h[:2], strict=True))
        return r, z, np.tanh(of_x[2] + r * of_h[2])

    def step(self, state, of_x, of_h):
        _, z, n = self.parts(of_x, of_h)
        return (n + z * (state[0] - n),)

    def back(self, state, of_x, of_h, dh):
        r, z, n = self.parts(of_x, of_h)
        dn = dh * (1 - z) * (1 + n) * (1 - n)
        gates = [dn * of_h[2] * (r - r * r), dh * (state[0] - n) * (z - z * z)]
        return dh * z, [*gates, dn], [*gates, dn * r]


class Loss:
    """A loss of each difference, summed by fsum, and its derivative."""

    gradient = None

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, pred, target):
        if pred.shape != target.shape:
            shapes = f"{pred.shape} and {target.shape}"
            raise ValueError(f"{type(self).__name__}: shapes {shapes} differ")
        n = pred.size if self.reduction == "mean" else 1
        pairs = self.pairs(pred.ravel(), target.ravel())
        self.gradient = np.array([slope / n for _, slope in pairs], pred.dtype).reshape(pred.shape)
        return math.fsum(loss for loss, _ in pairs) / n

    def pairs(self, pred, target):
        return [self.of(float(value)) for value in pred - target]

    def backward(self):
        if self.gradient is None:
            raise RuntimeError(f"{type(self).__name__} has seen nothing yet")
        return self.gradient.copy()


class OfAnswers(Loss):
    def pairs(self, pred, target):
        return [self.of(float(z), float(t)) for z, t in zip(pred, target, strict=True)]


class BCE(OfAnswers):
    """By the answer that each probability is of."""

    def of(self, p, t):
        log_yes, log_no = (math.log(max(each, math.exp(-100))) for each in (p, 1 - p))
        return -t * log_yes - (1 - t) * log_no, (p - t) / max(p * (1 - p), 1e-12)


class BCEWithLogits(OfAnswers):
    """By the logarithms of both sigmoids, each from its exponential."""

    def of(self, z, t):
        size = math.exp(-abs(z))
        yes, no = (1 / (1 + size), size / (1 + size))[:: 1 if z >= 0 else -1]
        log_yes, log_no = (min(sign * z, 0) - math.log1p(size) for sign in (1, -1))
        return -t * log_yes - (1 - t) * log_no, (1 - t) * yes - t * no


class L1(Loss):
    def of(self, d):
        return abs(d), (d > 0) - (d < 0)


class Huber(Loss):
    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction)
        if delta <= 0:
            raise ValueError(f"Huber: delta = {delta}")
        self.delta = delta

    def of(self, d):
        if abs(d) <= self.delta:
            return 0.5 * d * d, d
        return self.delta * (abs(d) - 0.5 * self.delta), math.copysign(self.delta, d)


class OfLabels:
    """Losses of one-hot rows."""

    gradient = None

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, logits, target):
        if logits.ndim != 2 or target.shape != logits.shape[:1]:
            raise ValueError(f"{type(self).__name__}: {logits.shape}, target {target.shape}")
        N, K = logits.shape
        if set(target.tolist()) - set(range(K)):
            raise ValueError(f"{type(self).__name__}: labels {target.tolist()} of {K} classes")
        correct = np.eye(K, dtype=logits.dtype)[target]
        n = N if self.reduction == "mean" else 1
        parts, gradient = self.of(logits, correct)
        self.gradient = gradient / n
        return math.fsum(parts.ravel().tolist()) / n

    def backward(self):
        if self.gradient is None:
            raise RuntimeError(f"{type(self).__name__} has seen nothing yet")
        return self.gradient.copy()


class Hinge(OfLabels):
    """By the matrix of all differences, and the subgradients of its rows."""

    def of(self, logits, correct):
        above = (1 - correct) * (logits - (logits * correct).sum(1, keepdims=True) + 1)
        ones = (above > 0).astype(logits.dtype)
        return above * ones, ones - ones.sum(1, keepdims=True) * correct


class NLL(OfLabels):
    """By a product with the one-hot rows."""

    def of(self, log_p, correct):
        return -log_p * correct, -correct
